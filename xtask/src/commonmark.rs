//! The text of the CommonMark specification, which the tests of `site` read: fetched, as its licence is not that of the project.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, Result};

use crate::tool;

/// The variable that tells the tests where the text is.
pub(crate) const SPECIFICATION: &str = "COMMONMARK_SPEC";

/// Installs the package below the target folder and gives the path of the text; nothing where npm is missing or fails, as
/// without a network. The test that needs it is then skipped by name.
///
/// # Errors
///
/// When the target folder is not known or not writable.
pub(crate) fn fetch() -> Result<Option<PathBuf>> {
    let from = tool::root().join("tests/commonmark");
    let to = tool::target_dir()?.join("commonmark");
    fs::create_dir_all(&to).with_context(|| format!("failed to make `{}`", to.display()))?;
    for file in ["package.json", "package-lock.json"] {
        fs::copy(from.join(file), to.join(file))
            .with_context(|| format!("failed to copy `{file}` to `{}`", to.display()))?;
    }
    let mut npm = tool::program("npm");
    npm.args(["ci", "--prefer-offline", "--no-audit", "--no-fund"])
        .arg("--prefix")
        .arg(&to)
        .stdout(Stdio::null());
    if let Err(error) = tool::run(&mut npm) {
        tool::say(&format!("no CommonMark specification: {error:#}"));
        return Ok(None);
    }
    Ok(Some(to.join("node_modules/commonmark-spec/spec.txt")))
}
