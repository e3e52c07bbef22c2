//! Debian's `docker-registry` on a free port, to publish to and to pull from.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Result, bail};

use super::sites;
use super::tools::REGISTRY;
use crate::process::Group;

/// A registry with nothing in it at first, ended when dropped.
pub(super) struct Registry {
    _group: Group,
    /// Its host and port.
    pub(super) host: String,
}

impl Registry {
    /// Starts one whose data is in `folder`, which is emptied.
    ///
    /// # Errors
    ///
    /// When it cannot start.
    pub(super) fn start(folder: &Path) -> Result<Registry> {
        sites::empty(folder)?;
        let config = folder.join("config.yml");
        let text = format!(
            "version: 0.1\nlog: {{level: info}}\nstorage:\n  filesystem: {{rootdirectory: {}}}\nhttp: {{addr: 127.0.0.1:0}}\n",
            folder.join("data").display()
        );
        sites::write(&config, text)?;
        let mut group = Group::spawn(
            Command::new(REGISTRY.program)
                .arg("serve")
                .arg(&config)
                .env("OTEL_TRACES_EXPORTER", "none")
                .stdout(Stdio::null())
                .stderr(Stdio::piped()),
        )?;
        let stderr = group.take_stderr().expect("stderr is piped");
        let mut lines = BufReader::new(stderr).lines().map_while(Result::ok);
        let host = lines.find_map(|line| {
            let (_, address) = line.split_once("listening on ")?;
            Some(address.split(['"', ' ']).next()?.to_owned())
        });
        // A full pipe would stop it.
        thread::spawn(move || lines.for_each(drop));
        match host {
            Some(host) => Ok(Registry {
                _group: group,
                host,
            }),
            None => bail!("the registry ended with {}", group.wait()?),
        }
    }
}
