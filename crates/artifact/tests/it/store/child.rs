//! Processes of their own for parts of these tests: this test binary, started again.

use std::env;
use std::ffi::OsStr;
use std::io::{self, BufRead, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::SystemTime;

use artifact::Store;

use super::sample::{PLAIN, STRICT, Sample};
use super::{crashes, volumes};

/// Which part runs.
const PART: &str = "BART_TEST_PART";

/// The folder that it runs in.
const FOLDER: &str = "BART_TEST_FOLDER";

/// What a child prints once it waits for its start.
pub(super) const WAITING: &str = "waiting for the start";

/// A process that runs a part of a test in a folder.
pub(super) fn command(part: &str, folder: &Path) -> Command {
    with_program(env::current_exe().unwrap(), &[], part, folder)
}

/// The same, run by another program, such as one that makes a namespace first.
pub(super) fn with_program(
    program: impl AsRef<OsStr>,
    arguments: &[&OsStr],
    part: &str,
    folder: &Path,
) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .args(["--exact", "store::child::what_a_parent_asks_for"])
        .args(["--ignored", "--nocapture"])
        .env(PART, part)
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs a process to its end, which must be a good one.
pub(super) fn succeed(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}\n{}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
#[ignore = "a part of other tests, which start it in a process of its own"]
fn what_a_parent_asks_for() {
    let (Ok(part), Some(folder)) = (env::var(PART), env::var_os(FOLDER)) else {
        return;
    };
    let folder = Path::new(&folder);
    match part.split_once(' ').unwrap_or((&part, "")) {
        ("pull", name) => pull(folder, name),
        ("gc", "") => drop(open(folder).gc(STRICT, SystemTime::now()).unwrap()),
        ("crash", "") => crashes::everything(folder).unwrap(),
        ("full", "") => volumes::on_a_full_disk(folder),
        ("read-only", "") => volumes::on_a_read_only_volume(folder),
        ("unprivileged", "") => volumes::without_privileges(folder),
        _ => panic!("`{part}` is no part of a test"),
    }
}

fn open(folder: &Path) -> Store {
    Store::open(folder, PLAIN).unwrap()
}

/// Waits for the end of its input, and then pulls the release that all pull and one of its own, as fast as it can.
fn pull(folder: &Path, name: &str) {
    io::stdout()
        .write_all(format!("\n{WAITING}\n").as_bytes())
        .unwrap();
    io::stdin().read_to_end(&mut Vec::new()).unwrap();
    let store = open(folder);
    for name in ["everybody's", name] {
        let sample = Sample::new(name);
        let _lease = store.lease(&sample.manifest).unwrap();
        let release = match store.release(&sample.manifest) {
            Some(release) => release,
            None => sample.pull(&store).unwrap().0,
        };
        sample.assert_right(&release);
    }
}

/// Reads what a child prints until it waits.
pub(super) fn wait_for_start(output: &mut impl BufRead) {
    let mut line = String::new();
    while !line.contains(WAITING) {
        line.clear();
        assert!(output.read_line(&mut line).unwrap() > 0, "the child ended");
    }
}
