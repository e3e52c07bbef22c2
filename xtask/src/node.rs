//! Tests that run on Node, with packages of npm: installed below the target folder, so that none lie in the repository.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};

use crate::tool;

/// The list of packages with their checksums, which each folder has.
const LOCK: &str = "package-lock.json";

/// Copies these files of a `folder` of the repository, and installs the packages that its lists name, unless the same are there. Gives the copy.
///
/// # Errors
///
/// When Node or npm is missing, or the packages cannot be installed, as without a network.
pub(crate) fn prepare(folder: &str, files: &[&str]) -> Result<PathBuf> {
    for name in ["node", "npm"] {
        if !tool::is_present(name) {
            bail!("no {name}");
        }
    }
    let from = tool::root().join(folder);
    let to = tool::target_dir()?.join(folder);
    fs::create_dir_all(&to).with_context(|| format!("failed to make `{}`", to.display()))?;
    for name in ["package.json", LOCK].iter().chain(files) {
        copy(&from.join(name), &to.join(name))?;
    }
    install(&to).context("no packages")?;
    Ok(to)
}

fn install(folder: &Path) -> Result<()> {
    let lock = folder.join(LOCK);
    let installed = folder.join("node_modules/.installed-lock.json");
    let wanted = fs::read(&lock).context("failed to read the list of packages")?;
    if fs::read(&installed).is_ok_and(|before| before == wanted) {
        return Ok(());
    }
    let mut npm = tool::program("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(folder)
        .stdout(Stdio::null());
    tool::run(&mut npm)?;
    copy(&lock, &installed)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to)
        .map(drop)
        .with_context(|| format!("failed to copy `{}`", from.display()))
}
