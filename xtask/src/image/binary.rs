//! A static `bart` for one architecture.

use std::path::PathBuf;

use anyhow::Result;

use super::{Architecture, RELEASE};
use crate::components::{self, SEPARATOR};
use crate::python::Environment;
use crate::tool;

/// Builds it, and gives the file.
pub(super) fn build(
    tools: &Environment,
    architecture: Architecture,
    profile: &str,
) -> Result<PathBuf> {
    let target = architecture.target();
    tool::ensure_wasm_target()?;
    tool::ensure_target(target)?;
    let mut cargo = tool::cargo();
    cargo
        .env("PATH", tools.search_path()?)
        .args(["zigbuild", "--locked", "--package", "bart", "--bin", "bart"])
        .args(["--target", target, "--profile", profile]);
    // What is not published may name the folders of this machine: with a flag that names them, another checkout would compile all of it again.
    if profile == RELEASE {
        let flags = components::remapped_paths("--remap-path-prefix")?.join(SEPARATOR);
        let c_flags = components::remapped_paths("-ffile-prefix-map")?.join(" ");
        cargo
            .env("CARGO_ENCODED_RUSTFLAGS", flags)
            .env("TARGET_CFLAGS", c_flags);
    }
    tool::run(&mut cargo)?;
    // Cargo's name for the folder of this profile.
    let folder = if profile == "dev" { "debug" } else { profile };
    Ok(tool::target_dir()?.join(target).join(folder).join("bart"))
}
