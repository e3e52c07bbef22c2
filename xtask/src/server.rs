//! A `bart up` of its own for each measurement and each walk.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

/// Clock ticks in which the kernel counts processor time: `sysconf(_SC_CLK_TCK)` on every Linux that Rust runs on.
const TICKS_PER_SECOND: f64 = 100.0;

/// A running server, ended when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
}

impl Server {
    /// Starts the program `bart` on a free port and waits for the line that names it.
    pub(crate) fn start(bart: &Path, site: &Path) -> Result<Server> {
        let mut child = Command::new(bart)
            .arg("up")
            .arg(site)
            .args(["--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .context("failed to start `bart up`")?;
        let stdout = child.stdout.take().expect("stdout is piped");
        for line in BufReader::new(stdout).lines() {
            let line = line.context("failed to read what `bart up` prints")?;
            if let Some(url) = line.strip_prefix("Serving ") {
                return Ok(Server {
                    child,
                    url: url.to_owned(),
                });
            }
        }
        // The process has closed its output, so it has ended or will.
        let status = child.wait().context("failed to wait for `bart up`")?;
        bail!("`bart up` ended with {status}")
    }

    /// Processor time that the process has used, in seconds (proc(5): fields 14 and 15 of `stat`).
    pub(crate) fn cpu_seconds(&self) -> Result<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))
            .context("failed to read the server's processor time")?;
        // The second field is the program's name in parentheses, which may hold spaces.
        let fields: Vec<&str> = stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .collect();
        let ticks = |index: usize| -> Result<f64> {
            let field = fields.get(index).context("`/proc/PID/stat` is too short")?;
            field.parse().context("`/proc/PID/stat` has no number")
        };
        Ok((ticks(11)? + ticks(12)?) / TICKS_PER_SECOND)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nothing can be done where it has ended before.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
