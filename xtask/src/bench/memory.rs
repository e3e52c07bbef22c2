//! Memory of servers: after load, together with others of the same site, and with connections that wait.

use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::client::Connection;
use super::fixture::{self, Fixture};
use super::metrics::Metric;
use super::plan::{Answers, Components, Row};
use super::results::{BART, Values};
use super::tools::WRK;
use super::{client, load};
use crate::process::Group;

/// Pages of the site that is served.
const PAGES: usize = 10;

/// Files that this program and a server have open beside connections.
const OTHER_FILES: u64 = 200;

/// How long connections are idle before the server is looked at.
const REST: Duration = Duration::from_secs(6);

/// Resident memory after load.
pub(super) fn loaded(fixture: &Fixture, row: &Row, path: &str, answers: Answers) -> Result<()> {
    if let Some(missing) = WRK.missing() {
        return fixture.skip(row, BART, &missing);
    }
    if let Some(lack) = fixture.lacks(answers) {
        return fixture.skip(row, BART, lack);
    }
    let release = fixture.release(PAGES, Components::Bundled)?;
    let server = fixture.serve(&release, answers)?;
    let effort = &fixture.effort;
    let seconds = effort.memory_seconds;
    load::run(&fixture.folder, &server, path, effort.connections, seconds)?;
    fixture.run(row, BART, 0, resident(&server.group))
}

/// The memory of each of several servers of one site, in which what they share counts once.
pub(super) fn together(fixture: &Fixture, row: &Row, processes: usize) -> Result<()> {
    if processes > fixture.effort.most_processes {
        let reason = format!("more than {} processes", fixture.effort.most_processes);
        return fixture.skip(row, BART, &reason);
    }
    let release = fixture.release(PAGES, Components::Bundled)?;
    let cache = fixture.shared_cache();
    let mut servers = Vec::new();
    for _ in 0..processes {
        let mut serve = fixture.serve_command(&release, &cache);
        let address = fixture::listen(&mut serve)?;
        serve.stdout(std::process::Stdio::null());
        serve.stderr(std::process::Stdio::null());
        servers.push((Group::spawn(&mut serve)?, address));
    }
    for (server, address) in &mut servers {
        client::first_answer(server, *address, "/")?;
    }
    for (run, (server, _)) in servers.iter().enumerate() {
        let values = Values::from([
            (
                Metric::ProportionalBytes,
                server.proportional_bytes() as f64,
            ),
            (Metric::ResidentBytes, server.resident_bytes() as f64),
        ]);
        fixture.run(row, BART, run, values)?;
    }
    Ok(())
}

/// Resident memory while each of many connections has had one answer and has waited since, as browsers' do.
pub(super) fn idle(fixture: &Fixture, row: &Row, connections: usize) -> Result<()> {
    let needed = connections as u64 + OTHER_FILES;
    if let Some(limit) = raise_limit_of_files(needed)? {
        let reason = format!("a process may open {limit} files, {needed} are needed");
        return fixture.skip(row, BART, &reason);
    }
    let release = fixture.release(PAGES, Components::Bundled)?;
    let server = fixture.serve(&release, Answers::Stored)?;
    let mut open = Vec::new();
    for number in 0..connections {
        let mut connection = Connection::open(server.address)
            .with_context(|| format!("failed to open connection {number}"))?;
        let answer = connection
            .ask("/static/1k.txt")
            .with_context(|| format!("failed to ask on connection {number}"))?;
        if answer.status != 200 {
            bail!("connection {number} is answered {}", answer.status);
        }
        open.push(connection);
    }
    thread::sleep(REST);
    let values = resident(&server.group);
    let closed = open.iter().filter(|connection| connection.is_closed());
    let closed = closed.count();
    if closed > 0 {
        bail!("the server has closed {closed} of {connections} connections");
    }
    fixture.run(row, BART, 0, values)
}

fn resident(group: &Group) -> Values {
    Values::from([(Metric::ResidentBytes, group.resident_bytes() as f64)])
}

/// Raises the limit of open files, which children inherit, to what is needed. Gives the limit where that may not be.
fn raise_limit_of_files(needed: u64) -> Result<Option<u64>> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    // No limit at all is `None`.
    if current.is_none_or(|current| current >= needed) {
        return Ok(None);
    }
    if let Some(maximum) = maximum.filter(|maximum| *maximum < needed) {
        return Ok(Some(maximum));
    }
    let raised = Rlimit {
        current: Some(needed),
        maximum,
    };
    setrlimit(Resource::Nofile, raised).context("failed to raise the limit of open files")?;
    Ok(None)
}
