//! `cargo xtask components`: the components as files, for `spin build`, with the bytes that bart carries.

#[path = "../../crates/bart/component_build.rs"]
mod component_build;

use std::env;
use std::path::PathBuf;

use anyhow::{Result, anyhow};

use crate::tool;

pub(crate) use component_build::SEPARATOR;

/// Builds them where `spin.toml` looks for them, whatever `CARGO_TARGET_DIR` says.
pub(crate) fn build() -> Result<()> {
    tool::ensure_wasm_target()?;
    let cargo = env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from);
    let target_dir = tool::root().join("target");
    component_build::build(&cargo, &tool::root(), &target_dir, &packages()?)
        .map_err(|error| anyhow!("{error}"))?;
    tool::say(&format!(
        "built into {}",
        component_build::modules(&target_dir).display()
    ));
    Ok(())
}

/// The packages of the components.
pub(crate) fn packages() -> Result<Vec<String>> {
    component_build::packages(&tool::root()).map_err(|error| anyhow!("{error}"))
}

/// The Wasm of a component as the last build of bart has it inside.
pub(crate) fn carried(name: &str) -> Result<PathBuf> {
    let target_dir = tool::target_dir()?.join("components");
    Ok(component_build::modules(&target_dir).join(format!("{name}.wasm")))
}

/// Flags that let messages of a program name the same files on every machine. `flag` is the compiler's for it.
pub(crate) fn remapped_paths(flag: &str) -> Result<Vec<String>> {
    component_build::remapped_paths(flag, &tool::root()).map_err(|error| anyhow!("{error}"))
}
