//! The programs that take part: where they are, and installing them where that may be.

use std::env;
use std::path::PathBuf;

use crate::tool;

/// A program, with the Debian package that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tool {
    pub(super) program: &'static str,
    package: &'static str,
}

pub(super) const WRK: Tool = debian("wrk", "wrk");
pub(super) const NGINX: Tool = debian("nginx", "nginx-light");
pub(super) const CADDY: Tool = debian("caddy", "caddy");
pub(super) const REGISTRY: Tool = debian("docker-registry", "docker-registry");
pub(super) const STRACE: Tool = debian("strace", "strace");
/// Not in Debian: it takes part where somebody has installed it.
pub(super) const SPIN: Tool = debian("spin", "");

const fn debian(program: &'static str, package: &'static str) -> Tool {
    Tool { program, package }
}

impl Tool {
    /// Where it is, if it is on the `PATH`.
    pub(super) fn find(self) -> Option<PathBuf> {
        let folders = env::var_os("PATH")?;
        env::split_paths(&folders)
            .map(|folder| folder.join(self.program))
            .find(|file| file.is_file())
    }

    /// Why what needs it is skipped, if it is missing.
    pub(super) fn missing(self) -> Option<String> {
        match self.find() {
            Some(_) => None,
            None => Some(format!("`{}` is not installed", self.program)),
        }
    }
}

/// Installs what is missing, where this user may. What cannot be installed is skipped by name later.
pub(super) fn install() {
    for tool in [WRK, NGINX, CADDY, REGISTRY, STRACE] {
        if tool.find().is_some() || !tool::may_install() {
            continue;
        }
        tool::say(&format!("installing `{}` with apt-get", tool.package));
        let mut install = tool::program("apt-get");
        install
            .args(["install", "--yes", "--no-install-recommends", tool.package])
            .env("DEBIAN_FRONTEND", "noninteractive")
            // invoke-rc.d(8) starts no service in this run level.
            .env("RUNLEVEL", "1");
        if let Err(error) = tool::run(&mut install) {
            tool::say(&format!("{error:#}"));
        }
    }
}
