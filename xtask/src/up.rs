//! `cargo xtask up`: build, then serve the site of this repository.

use std::os::unix::process::CommandExt;

use anyhow::{Context, Result};

use crate::tool;

/// Does not return: `bart up` takes the place of this process, so that signals reach it.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    tool::ensure_wasm_target()?;
    tool::say("building bart and its components; the first time takes a few minutes");
    // All of the workspace, as the tests do: with fewer packages the features of dependencies differ, and much is compiled again.
    tool::run(tool::cargo().arg("build"))?;
    let bart = tool::bart("debug")?;
    let error = tool::program(&bart.to_string_lossy())
        .arg("up")
        .args(arguments)
        .exec();
    Err(error).with_context(|| format!("failed to start `{}`", bart.display()))
}
