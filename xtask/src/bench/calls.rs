//! System calls of a server for an exact number of requests, and the bytes that they copy: `strace` looks on.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use rustix::process::Signal;

use super::client::Connection;
use super::fixture::Fixture;
use super::loads::{self, Asked};
use super::metrics::Metric;
use super::plan::{Rival, Row};
use super::results::{BART, Values};
use super::tools::STRACE;
use crate::process::Group;
use crate::server::Server;

/// Requests after which what a server does now and then hardly shows.
const REQUESTS: u32 = 500;

/// Calls whose result is a number of bytes that the kernel copied between itself and the process. `sendfile` is not among them:
/// its bytes stay in the kernel.
const COPYING: [&str; 16] = [
    "read",
    "readv",
    "pread64",
    "preadv",
    "preadv2",
    "recvfrom",
    "recvmsg",
    "getdents64",
    "write",
    "writev",
    "pwrite64",
    "pwritev",
    "pwritev2",
    "sendto",
    "sendmsg",
    "getrandom",
];

pub(super) fn measure(fixture: &Fixture, row: &Row, asked: Asked, rivals: &[Rival]) -> Result<()> {
    if let Some(missing) = STRACE.missing() {
        return fixture.skip(row, BART, &missing);
    }
    let Some(contenders) = loads::contenders(fixture, row, asked, rivals)? else {
        return Ok(());
    };
    let trace = fixture.folder.join("strace.txt");
    for (who, server) in &contenders {
        match watch(server, asked.path, &trace) {
            Ok(values) => fixture.run(row, who, 0, values)?,
            // As where a container forbids ptrace(2).
            Err(error) => fixture.fail(row, who, &error)?,
        }
    }
    Ok(())
}

/// One connection asks while all calls of the server go to a file.
fn watch(server: &Server, path: &str, trace: &Path) -> Result<Values> {
    let mut connection = Connection::open(server.address).context("failed to connect")?;
    let mut ask = |times: u32| -> Result<()> {
        for _ in 0..times {
            connection.ask(path).context("failed to ask")?;
        }
        Ok(())
    };
    ask(REQUESTS)?;
    let strace = attach(&server.group, trace)?;
    let asked = ask(REQUESTS);
    // So it lets go of the server and writes what it holds.
    strace.signal(Signal::INT);
    let mut strace = strace;
    strace.wait().context("failed to wait for `strace`")?;
    asked?;
    let text = fs::read_to_string(trace).context("failed to read what `strace` wrote")?;
    let seen = count(&text);
    if seen.calls == 0 {
        bail!("`strace` saw nothing");
    }
    Ok(Values::from([
        (Metric::Calls, seen.calls as f64 / f64::from(REQUESTS)),
        (
            Metric::CopiedBytes,
            seen.copied as f64 / f64::from(REQUESTS),
        ),
    ]))
}

/// Starts `strace` and waits until it has all processes; their threads it finds itself.
fn attach(group: &Group, trace: &Path) -> Result<Group> {
    let members = group.members();
    let mut command = Command::new(STRACE.program);
    command.arg("-f").arg("-o").arg(trace);
    for id in &members {
        command.args(["-p", &id.to_string()]);
    }
    let mut strace = Group::spawn(command.stdin(Stdio::null()).stderr(Stdio::piped()))?;
    let stderr = strace.take_stderr().expect("stderr is piped");
    let mut attached = 0;
    let mut said = String::new();
    let mut lines = BufReader::new(stderr).lines().map_while(Result::ok);
    while attached < members.len() {
        match lines.next() {
            Some(line) if line.contains(" attached") => attached += 1,
            Some(line) => said.push_str(&line),
            None => bail!("`strace` cannot look on: {said}"),
        }
    }
    // A full pipe would stop it.
    std::thread::spawn(move || lines.for_each(drop));
    Ok(strace)
}

/// What a trace shows.
#[derive(Debug, Default, PartialEq)]
struct Seen {
    calls: u64,
    copied: u64,
}

/// Reads lines such as `12 read(3, ..., 10) = 4`, whose halves may stand apart: `12 read(3, <unfinished ...>`, then
/// `12 <... read resumed>..., 10) = 4`.
fn count(trace: &str) -> Seen {
    let mut seen = Seen::default();
    let mut open: HashMap<&str, &str> = HashMap::new();
    for line in trace.lines() {
        let Some((thread, rest)) = line.trim_start().split_once(char::is_whitespace) else {
            continue;
        };
        let rest = rest.trim_start();
        let name = if rest.starts_with("<... ") {
            open.remove(thread)
        } else if let Some((name, _)) = rest.split_once('(') {
            seen.calls += 1;
            if rest.ends_with("<unfinished ...>") {
                open.insert(thread, name);
                None
            } else {
                Some(name)
            }
        } else {
            None
        };
        if name.is_some_and(|name| COPYING.contains(&name)) {
            seen.copied += result(rest).unwrap_or(0);
        }
    }
    seen
}

/// The number after the last `=`; an error is `-1 ENAME`.
fn result(line: &str) -> Option<u64> {
    let (_, result) = line.rsplit_once(" = ")?;
    result.split(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_count_once_also_when_their_halves_stand_apart() {
        let trace = "\
10    epoll_wait(5, <unfinished ...>
11    recvfrom(9, \"GET / = 7\", 8192, 0, NULL, NULL) = 60
10    <... epoll_wait resumed>[], 1024, 10) = 0
11    read(3, <unfinished ...>
10    read(4, 0x1, 8) = -1 EAGAIN (Resource temporarily unavailable)
11    <... read resumed>\"x\", 10) = 4
11    sendfile(9, 4, [0] => [1024], 1024) = 1024
11    +++ exited with 0 +++
";
        let expected = Seen {
            calls: 5,
            copied: 64,
        };
        assert_eq!(count(trace), expected);
        assert_eq!(count(""), Seen::default());
    }
}
