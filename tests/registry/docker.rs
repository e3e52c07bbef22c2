//! Debian's `docker-registry`, where it is installed: a process of its own on a free port, with its files in a temporary folder.

use std::fs;
use std::io::{BufRead, BufReader, Write, stdout};
use std::process::{Child, Command, Stdio};
use std::thread;

use tempfile::TempDir;

/// The program.
const PROGRAM: &str = "docker-registry";

/// A running registry; it ends with this value.
pub(crate) struct DockerRegistry {
    child: Child,
    host: String,
    _folder: TempDir,
}

impl DockerRegistry {
    /// Starts one, or says on stdout that `test` is skipped as the program is missing.
    pub(crate) fn start_or_skip(test: &str) -> Option<DockerRegistry> {
        let folder = TempDir::new().expect("a temporary folder");
        let config = folder.path().join("config.yml");
        let text = format!(
            "version: 0.1\nlog: {{level: info}}\nstorage:\n  filesystem: {{rootdirectory: {}}}\n  delete: {{enabled: true}}\nhttp: {{addr: 127.0.0.1:0}}\n",
            folder.path().join("data").display()
        );
        #[expect(clippy::disallowed_methods, reason = "a test's own folder")]
        fs::write(&config, text).expect("the folder can be written");
        let started = Command::new(PROGRAM)
            .arg("serve")
            .arg(&config)
            .env("OTEL_TRACES_EXPORTER", "none")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn();
        let Ok(mut child) = started else {
            // Past the capture of the test runner, so that it is seen and counted.
            writeln!(stdout(), "\nskipped: {test}: no {PROGRAM}").expect("stdout is open");
            return None;
        };
        let stderr = child.stderr.take().expect("stderr is piped");
        let mut lines = BufReader::new(stderr).lines().map_while(Result::ok);
        let host = lines
            .find_map(|line| {
                let (_, address) = line.split_once("listening on ")?;
                Some(address.split(['"', ' ']).next()?.to_owned())
            })
            .expect("it says where it listens");
        // A full pipe would stop it.
        thread::spawn(move || lines.for_each(drop));
        Some(DockerRegistry {
            child,
            host,
            _folder: folder,
        })
    }

    /// Its host and port.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }
}

impl Drop for DockerRegistry {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
