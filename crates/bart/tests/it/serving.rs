//! A `bart serve` as a process.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use crate::exchange::{self, Response};
use crate::process::{bart, eventually};
use crate::scratch::Scratch;

/// How long to wait for what a busy machine may take its time for.
const PATIENCE: Duration = Duration::from_secs(120);

/// A process that serves a release; killed when dropped.
pub(crate) struct Serving {
    child: Child,
    log: Receiver<String>,
    seen: Vec<String>,
    /// Where visitors are answered.
    pub(crate) address: SocketAddr,
    /// Where the cluster is.
    pub(crate) admin: SocketAddr,
}

/// `bart serve` with free ports, a cache in a folder, and these arguments.
pub(crate) fn command(folder: &Scratch, arguments: &[&str]) -> Command {
    let mut command = bart(folder.path(), &["serve"]);
    command
        .args(["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"])
        .args(["--cache-dir", "cache"])
        .args(arguments)
        .env_remove("BUILD_ID")
        .env_remove("REPOSITORY");
    command
}

impl Serving {
    /// Starts a command, and waits until it listens.
    pub(crate) fn start(command: &mut Command) -> Serving {
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = follow(child.stderr.take().unwrap());
        let mut seen = Vec::new();
        let line = find(&log, &mut seen, "listening on http://");
        let mut addresses = line.split("http://").skip(1);
        let mut address = || {
            let text = addresses.next().unwrap();
            let text = text.split(',').next().unwrap();
            text.trim().parse().unwrap()
        };
        Serving {
            address: address(),
            admin: address(),
            child,
            log,
            seen,
        }
    }

    /// The same, and waits until the site is there.
    pub(crate) fn ready(command: &mut Command) -> Serving {
        let mut serving = Serving::start(command);
        serving.line("serving on http://");
        serving
    }

    /// Waits for a line of the log that has `part` in it.
    pub(crate) fn line(&mut self, part: &str) -> String {
        find(&self.log, &mut self.seen, part)
    }

    /// The log so far.
    pub(crate) fn log(&mut self) -> String {
        self.seen.extend(self.log.try_iter());
        self.seen.join("\n")
    }

    /// `GET path`.
    pub(crate) fn get(&self, path: &str) -> Response {
        exchange::send(self.address, "GET", path, &[])
    }

    /// `GET path` of the second listener.
    pub(crate) fn ask(&self, path: &str) -> Response {
        exchange::send(self.admin, "GET", path, &[])
    }

    /// Waits until `/readyz` says so.
    pub(crate) fn wait_until_ready(&self) {
        eventually("it is ready", || self.ask("/readyz").status == 200);
    }

    /// Sends it a signal by name, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let script = format!("kill -{name} {}", self.child.id());
        let sent = Command::new("sh").args(["-c", &script]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for the end of the process.
    pub(crate) fn wait(mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It has ended already where the test went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The lines of a log, read as they come: a full pipe would stop the process.
fn follow(stderr: ChildStderr) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut stderr = BufReader::new(stderr);
        let mut line = String::new();
        while stderr.read_line(&mut line).is_ok_and(|length| length > 0) {
            if sender.send(line.trim_end().to_owned()).is_err() {
                break;
            }
            line.clear();
        }
        let _ = stderr.read_to_string(&mut line);
    });
    receiver
}

fn find(log: &Receiver<String>, seen: &mut Vec<String>, part: &str) -> String {
    loop {
        match log.recv_timeout(PATIENCE) {
            Ok(line) => {
                seen.push(line.clone());
                if line.contains(part) {
                    return line;
                }
            }
            Err(_) => panic!("`{part}` is not in the log:\n{}", seen.join("\n")),
        }
    }
}
