//! The image as a cluster would run it: read-only, without capabilities or new privileges, as nobody.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{self, Child, Command, Stdio};
use std::thread;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::tool;

/// What a cluster with restricted Pod Security does, and what podman needs where root lacks CAP_SYS_RESOURCE or cgroups are hybrid.
const HARDENED: [&str; 12] = [
    "--ulimit",
    "nofile=20000:20000",
    "--ulimit",
    "nproc=4096:4096",
    "--network",
    "host",
    "--cap-drop",
    "ALL",
    "--security-opt",
    "no-new-privileges",
    "--read-only",
    "--rm",
];

/// podman with a store of its own.
pub(super) struct Podman {
    folder: TempDir,
}

/// A running container, killed when dropped.
pub(super) struct Container {
    child: Child,
    kill: Command,
    /// Where visitors are answered.
    pub(super) site: SocketAddr,
    /// Where the cluster is.
    pub(super) cluster: SocketAddr,
}

impl Podman {
    pub(super) fn new() -> Result<Podman> {
        Ok(Podman {
            folder: TempDir::new().context("failed to make a folder")?,
        })
    }

    /// Pulls an image, runs it as it is but for the addresses, and waits until it serves.
    pub(super) fn start(&self, image: &str) -> Result<Container> {
        let name = format!("bart-rehearsal-{}", process::id());
        let mut run = self.podman();
        run.args(["run", "--name", &name, "--quiet", "--tls-verify=false"])
            .args(HARDENED)
            .arg(image)
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--admin-listen",
                "127.0.0.1:0",
            ])
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = run.spawn().context("failed to start podman")?;
        let stderr = child.stderr.take().expect("stderr is piped");
        let mut lines = BufReader::new(stderr).lines().map_while(Result::ok);
        let mut kill = self.podman();
        kill.args(["kill", &name, "--signal"]);
        let addresses = addresses(&mut lines);
        // A full pipe would stop it.
        thread::spawn(move || lines.for_each(|line| tool::say(&line)));
        let Some((site, cluster)) = addresses else {
            bail!(
                "the image ended with {}",
                child.wait().context("failed to wait for podman")?
            );
        };
        Ok(Container {
            child,
            kill,
            site,
            cluster,
        })
    }

    fn podman(&self) -> Command {
        let mut podman = tool::program("podman");
        podman
            .arg("--root")
            .arg(self.folder.path().join("storage"))
            .arg("--runroot")
            .arg(self.folder.path().join("run"))
            .args([
                "--storage-driver",
                "vfs",
                "--cgroup-manager",
                "cgroupfs",
                "--runtime",
                "runc",
            ]);
        podman
    }
}

impl Container {
    /// Ends it as a cluster does, with SIGTERM, upon which it must exit with 0.
    pub(super) fn stop(mut self) -> Result<()> {
        tool::output(self.kill.arg("TERM"))?;
        let status = self.child.wait().context("failed to wait for podman")?;
        if !status.success() {
            bail!("the image ended with {status}");
        }
        Ok(())
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        // It has ended already where all went well.
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.kill.arg("KILL").output();
            let _ = self.child.wait();
        }
    }
}

/// Where it listens, once it serves.
fn addresses(lines: &mut impl Iterator<Item = String>) -> Option<(SocketAddr, SocketAddr)> {
    let mut found = None;
    for line in lines {
        tool::say(&line);
        if line.contains("listening on http://") {
            let mut addresses = line.split("http://").skip(1).filter_map(|rest| {
                let address = rest.split([',', ' ']).next()?;
                address.parse().ok()
            });
            found = addresses.next().zip(addresses.next());
        }
        if line.contains("serving on http://") {
            return found;
        }
    }
    None
}
