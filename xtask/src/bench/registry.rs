//! Debian's `docker-registry` on a free port, to publish to and to pull from.

use std::io::{BufRead, BufReader, ErrorKind};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;

use anyhow::{Context, Result, bail};

use super::sites;

const PROGRAM: &str = "docker-registry";

/// A registry with nothing in it at first, ended when dropped.
pub(super) struct Registry {
    child: Child,
    /// Its host and port.
    pub(super) host: String,
}

impl Registry {
    /// Starts one whose data is in `folder`, which is emptied. `None` where the program is missing.
    pub(super) fn start(folder: &Path) -> Result<Option<Registry>> {
        sites::empty(folder)?;
        let config = folder.join("config.yml");
        let text = format!(
            "version: 0.1\nlog: {{level: info}}\nstorage:\n  filesystem: {{rootdirectory: {}}}\nhttp: {{addr: 127.0.0.1:0}}\n",
            folder.join("data").display()
        );
        sites::write(&config, text)?;
        let started = Command::new(PROGRAM)
            .arg("serve")
            .arg(&config)
            .env("OTEL_TRACES_EXPORTER", "none")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = match started {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            child => child.context("failed to start the registry")?,
        };
        let stderr = child.stderr.take().expect("stderr is piped");
        let mut lines = BufReader::new(stderr).lines().map_while(Result::ok);
        let host = lines.find_map(|line| {
            let (_, address) = line.split_once("listening on ")?;
            Some(address.split(['"', ' ']).next()?.to_owned())
        });
        // A full pipe would stop it.
        thread::spawn(move || lines.for_each(drop));
        match host {
            Some(host) => Ok(Some(Registry { child, host })),
            None => bail!("the registry ended with {}", child.wait()?),
        }
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        // Nothing can be done where it has ended before.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
