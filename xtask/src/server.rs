//! A server of its own for each measurement and each walk.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::process::Group;

/// A running server, ended when dropped.
pub(crate) struct Server {
    pub(crate) group: Group,
    pub(crate) url: String,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts `bart up` on a free port and waits for the line that names it.
    ///
    /// # Errors
    ///
    /// When it cannot start, or ends at once.
    pub(crate) fn start(bart: &Path, site: &Path) -> Result<Server> {
        Server::start_with(Command::new(bart), site)
    }

    /// The same, where `bart` may be more than the program: an emulator with its arguments, or variables.
    ///
    /// # Errors
    ///
    /// As [`Server::start`].
    pub(crate) fn start_with(mut bart: Command, site: &Path) -> Result<Server> {
        let up = bart.arg("up").arg(site).args(["--listen", "127.0.0.1:0"]);
        let mut group = Group::spawn(up.stdout(Stdio::piped()))?;
        let stdout = group.take_stdout().expect("stdout is piped");
        for line in BufReader::new(stdout).lines() {
            let line = line.context("failed to read what `bart up` prints")?;
            if let Some(url) = line.strip_prefix("Serving ") {
                let address = url.strip_prefix("http://").unwrap_or(url).parse();
                return Ok(Server {
                    group,
                    url: url.to_owned(),
                    address: address.context("`bart up` printed no address")?,
                });
            }
        }
        // The process has closed its output, so it has ended or will.
        let status = group.wait().context("failed to wait for `bart up`")?;
        bail!("`bart up` ended with {status}")
    }
}

/// An address that nobody uses now, for programs that must be told one.
///
/// # Errors
///
/// When no port is free.
pub(crate) fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port is free")?;
    listener.local_addr().context("no port is free")
}
