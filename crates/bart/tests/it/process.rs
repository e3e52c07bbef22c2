//! The `bart` command as a process.

use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

/// How long to wait for what a busy machine may take its time for.
const PATIENCE: Duration = Duration::from_secs(120);

/// `bart` with these arguments, in a folder, with an environment that tells it nothing.
pub(crate) fn bart(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bart"));
    command.args(arguments).current_dir(folder);
    for (name, _) in std::env::vars_os() {
        if name
            .to_str()
            .is_some_and(|name| name.starts_with("BART_") || name.starts_with("SPIN_"))
        {
            command.env_remove(name);
        }
    }
    if arguments.first() == Some(&"up") {
        // Not the user's. One for all tests, which compile bart's own components once.
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("up");
        command.env("BART_CACHE_DIR", cache);
        // A site that somebody serves on the usual port is no reason to fail.
        command.env("BART_LISTEN", "127.0.0.1:0");
    }
    command
}

/// How a command ended that should have failed.
pub(crate) struct Failed {
    /// The exit code.
    pub(crate) code: Option<i32>,
    /// What it printed to stderr.
    pub(crate) stderr: String,
}

impl Failed {
    /// Runs a command to its end.
    pub(crate) fn run(command: &mut Command) -> Failed {
        let Output {
            status,
            stdout,
            stderr,
        } = command.output().unwrap();
        assert_eq!(
            String::from_utf8_lossy(&stdout),
            "",
            "an error belongs to stderr"
        );
        Failed {
            code: status.code(),
            stderr: String::from_utf8(stderr).unwrap(),
        }
    }

    /// The one `error:` line.
    pub(crate) fn error(&self) -> &str {
        let errors: Vec<&str> = self
            .stderr
            .lines()
            .filter_map(|line| line.strip_prefix("error: "))
            .collect();
        assert_eq!(errors.len(), 1, "{}", self.stderr);
        errors[0]
    }

    /// The `hint:` line, empty when there is none. There is nothing else beside it and the error.
    pub(crate) fn hint(&self) -> &str {
        let others: Vec<&str> = self
            .stderr
            .lines()
            .filter(|line| !line.starts_with("error: "))
            .collect();
        match others[..] {
            [] => "",
            [hint] => hint
                .strip_prefix("hint: ")
                .unwrap_or_else(|| panic!("{}", self.stderr)),
            _ => panic!("{}", self.stderr),
        }
    }
}

/// A `bart up` that serves; killed when dropped.
pub(crate) struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// The lines below `Available Routes:`, without their indentation.
    pub(crate) routes: Vec<String>,
}

impl Running {
    /// Starts a command and waits until it has printed that many routes.
    pub(crate) fn start(command: &mut Command, routes: usize) -> Running {
        Running::start_with_log(command, routes, Stdio::null())
    }

    /// The same, with a place for what it prints to stderr.
    pub(crate) fn start_with_log(command: &mut Command, routes: usize, log: Stdio) -> Running {
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let first = line(&mut stdout);
        let address = first
            .strip_prefix("Serving http://")
            .unwrap_or_else(|| panic!("{first:?}"));
        let address = address.parse().unwrap();
        assert_eq!(line(&mut stdout), "Available Routes:");
        let routes = (0..routes)
            .map(|_| line(&mut stdout).trim_start().to_owned())
            .collect();
        Running {
            child,
            stdout,
            address,
            routes,
        }
    }

    /// The most memory that it had in use at once so far, in bytes; `None` where the system has no `/proc`.
    pub(crate) fn peak_memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
        Some(kibibytes << 10)
    }

    /// Sends it a signal by name, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        // `kill` is part of every shell, but not a program on every machine.
        let script = format!("kill -{name} {}", self.child.id());
        assert!(
            Command::new("sh")
                .args(["-c", &script])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Waits until nobody listens any more.
    pub(crate) fn wait_until_closed(&self) {
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(self.address).is_ok() {
            assert!(Instant::now() < deadline, "it still listens");
            std::thread::yield_now();
        }
    }

    /// Waits for the end of the process. It has printed nothing more.
    pub(crate) fn wait(mut self) -> ExitStatus {
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "");
        self.child.wait().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already where the test went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Repeats `attempt` until it succeeds, or the patience is over.
pub(crate) fn eventually(what: &str, mut attempt: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !attempt() {
        assert!(Instant::now() < deadline, "it never happened that {what}");
        std::thread::yield_now();
    }
}

fn line(stdout: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}
