//! Programs from PyPI, each set of them in a virtual environment of its own below the target folder.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::iter;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::tool;

/// A virtual environment.
pub(crate) struct Environment {
    folder: PathBuf,
}

impl Environment {
    /// The environment `name` with the packages that the file `requirements` lists, by their exact versions. When it has them, nothing is
    /// asked of the network.
    ///
    /// # Errors
    ///
    /// When Python is missing, or packages cannot be installed.
    pub(crate) fn prepare(name: &str, requirements: &Path) -> Result<Environment> {
        let folder = tool::target_dir()?.join("python").join(name);
        let wanted = fs::read(requirements)
            .with_context(|| format!("failed to read `{}`", requirements.display()))?;
        let environment = Environment { folder };
        let installed = environment.folder.join("requirements.txt");
        if fs::read(&installed).is_ok_and(|before| before == wanted) {
            return Ok(environment);
        }
        let mut python = tool::program("python3");
        python
            .args(["-m", "venv", "--clear"])
            .arg(&environment.folder);
        tool::run(&mut python)?;
        let mut pip = environment.program("pip");
        pip.args(["install", "--quiet", "--disable-pip-version-check"])
            .arg("--requirement")
            .arg(requirements);
        tool::run(&mut pip)?;
        fs::copy(requirements, &installed)
            .with_context(|| format!("failed to write `{}`", installed.display()))?;
        Ok(environment)
    }

    /// `PATH` with the programs of the environment before all others.
    ///
    /// # Errors
    ///
    /// When the folder cannot be part of it.
    pub(crate) fn search_path(&self) -> Result<OsString> {
        let path = env::var_os("PATH").unwrap_or_default();
        let folders = iter::once(self.folder.join("bin")).chain(env::split_paths(&path));
        env::join_paths(folders).context("failed to make a `PATH`")
    }

    /// A program of the environment.
    pub(crate) fn program(&self, name: &str) -> std::process::Command {
        let path = self.folder.join("bin").join(name);
        tool::program(&path.to_string_lossy())
    }
}
