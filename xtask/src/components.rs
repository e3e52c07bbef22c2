//! `cargo xtask components`: the components as files, for `spin build`, with the bytes that bart carries.

#[path = "../../crates/bart/component_build.rs"]
mod component_build;

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};

use crate::tool;

pub(crate) use component_build::SEPARATOR;

/// The component of tests, which does as it is told.
pub(crate) const PROBE: &str = "probe";

/// Builds them where `spin.toml` looks for them, whatever `CARGO_TARGET_DIR` says.
pub(crate) fn build() -> Result<()> {
    let target_dir = tool::root().join("target");
    build_into(&target_dir, &packages()?)?;
    tool::say(&format!(
        "built into {}",
        component_build::modules(&target_dir).display()
    ));
    Ok(())
}

/// Builds the component of tests, and gives its Wasm.
pub(crate) fn probe() -> Result<PathBuf> {
    // Beside those that bart carries, most of whose dependencies are its own too.
    build_into(&carried_folder()?, &[PROBE.to_owned()])?;
    carried(PROBE)
}

fn build_into(target_dir: &Path, packages: &[String]) -> Result<()> {
    tool::ensure_wasm_target()?;
    let cargo = env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from);
    component_build::build(&cargo, &tool::root(), target_dir, packages)
        .map_err(|error| anyhow!("{error}"))
}

/// The packages of the components.
pub(crate) fn packages() -> Result<Vec<String>> {
    component_build::packages(&tool::root()).map_err(|error| anyhow!("{error}"))
}

/// The Wasm of a component as the last build of bart has it inside.
pub(crate) fn carried(name: &str) -> Result<PathBuf> {
    Ok(component_build::modules(&carried_folder()?).join(format!("{name}.wasm")))
}

/// The target folder of what bart carries.
fn carried_folder() -> Result<PathBuf> {
    Ok(tool::target_dir()?.join("components"))
}

/// Flags that let messages of a program name the same files on every machine. `flag` is the compiler's for it.
pub(crate) fn remapped_paths(flag: &str) -> Result<Vec<String>> {
    component_build::remapped_paths(flag, &tool::root()).map_err(|error| anyhow!("{error}"))
}
