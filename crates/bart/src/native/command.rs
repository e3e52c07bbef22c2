//! `bart native`: the native code of bart's own components, as an image needs it.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use engine::native::{Compiler, Machine};
use engine::substitution::Bundled;
use serde_json::json;
use tempfile::NamedTempFile;

use super::file;
use crate::{Failure, bundled, log};

/// Compile bart's own components for an image.
#[derive(Debug, Args)]
pub(crate) struct Native {
    /// What it is for: `x86_64` or `aarch64`, or a target of Rust that begins with it.
    #[arg(long, value_name = "ARCH")]
    target: Machine,
    /// The folder to put `<engine key>/<hex>.cwasm` into.
    #[arg(long, value_name = "DIR")]
    output: PathBuf,
}

/// Compiles, writes, and prints what was written as one JSON object.
pub(crate) fn run(arguments: &Native) -> Result<(), Failure> {
    let compiler = compiler(arguments.target)?;
    let key = compiler.key().as_str();
    let mut files = Vec::new();
    for component in Bundled::ALL {
        let code = compiler
            .compile(bundled::wasm(component))
            .with_context(|| format!("component `{component}`"))?;
        let digest = bundled::digest(component);
        let path = file(&arguments.output, key, &digest);
        write(&path, &code).with_context(|| format!("failed to write `{}`", path.display()))?;
        files.push(json!({ "component": component.name(), "wasm": digest, "bytes": code.len() }));
    }
    log::print_json(&json!({
        "target": arguments.target.name(),
        "engine_key": key,
        "files": files,
    }))
}

fn compiler(machine: Machine) -> Result<Compiler, Failure> {
    let is_foreign = Machine::here() != Some(machine);
    let hint = (is_foreign && !cfg!(feature = "foreign"))
        .then_some("build bart with `--features foreign` to compile for other machines");
    Compiler::new(machine).map_err(|error| Failure::failed(error).hint_if_any(hint))
}

/// Writes a file that anybody may read, in folders that only this user may write.
fn write(path: &Path, code: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(folder)?;
    let mut file = NamedTempFile::new_in(folder)?;
    std::io::Write::write_all(&mut file, code)?;
    let readable = fs::Permissions::from_mode(0o444);
    file.as_file().set_permissions(readable)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
