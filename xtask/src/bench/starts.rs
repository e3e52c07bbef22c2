//! The time from the start of a server to its first page.

use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::Result;

use super::fixture::{self, Fixture};
use super::metrics::Metric;
use super::plan::{Components, Rival, Row, Store};
use super::results::{BART, Values};
use super::tools::SPIN;
use super::{client, peers, sites};
use crate::process::Group;
use crate::server::free_address;

pub(super) fn measure(
    fixture: &Fixture,
    row: &Row,
    (pages, store, components): (usize, Store, Components),
    rival: Option<Rival>,
) -> Result<()> {
    let release = fixture.release(pages, components)?;
    let runs = match store {
        Store::Warm => fixture.effort.starts,
        Store::Empty => fixture.effort.empty_starts,
    };
    for run in 0..runs {
        let cache = match store {
            Store::Warm => fixture.shared_cache(),
            Store::Empty => fixture.empty_cache(&format!("{}-{run}", row.id))?,
        };
        let mut serve = fixture.serve_command(&release, &cache);
        let address = fixture::listen(&mut serve)?;
        let values = to_first_page(&mut serve, address)?;
        fixture.run(row, BART, run, values)?;
    }
    if rival == Some(Rival::Spin) {
        spin(fixture, row, store, &release.reference())?;
    }
    Ok(())
}

fn spin(fixture: &Fixture, row: &Row, store: Store, reference: &str) -> Result<()> {
    if let Some(missing) = SPIN.missing() {
        return fixture.skip(row, "spin", &missing);
    }
    let folder = fixture.folder.join("spin");
    sites::empty(&folder)?;
    let start = || {
        let address = free_address()?;
        let mut command = peers::spin_command(&folder, reference);
        command.args(["--listen", &address.to_string()]);
        to_first_page(&mut command, address)
    };
    if store == Store::Warm {
        start()?;
    }
    for run in 0..fixture.effort.empty_starts {
        if store == Store::Empty {
            sites::empty(&folder)?;
        }
        fixture.run(row, "spin", run, start()?)?;
    }
    Ok(())
}

/// Asks a server for `/` from just before it is started until it answers 200.
fn to_first_page(server: &mut Command, address: std::net::SocketAddr) -> Result<Values> {
    server.stdin(Stdio::null());
    server.stdout(Stdio::null()).stderr(Stdio::null());
    let begin = Instant::now();
    let mut group = Group::spawn(server)?;
    client::first_answer(&mut group, address, "/")?;
    let time = begin.elapsed();
    let usage = group.usage();
    Ok(Values::from([
        (Metric::Milliseconds, time.as_secs_f64() * 1e3),
        (Metric::MinorFaults, usage.minor_faults as f64),
        (Metric::MajorFaults, usage.major_faults as f64),
    ]))
}
