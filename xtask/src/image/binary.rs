//! A static `bart` for one architecture.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::{Architecture, RELEASE};
use crate::python::Environment;
use crate::tool;

/// Between the flags of the variable (cargo's configuration, `build.rustflags`).
const SEPARATOR: &str = "\u{1f}";

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
        let flags = remapped_paths("--remap-path-prefix")?.join(SEPARATOR);
        let c_flags = remapped_paths("-ffile-prefix-map")?.join(" ");
        cargo
            .env("CARGO_ENCODED_RUSTFLAGS", flags)
            .env("TARGET_CFLAGS", c_flags);
    }
    tool::run(&mut cargo)?;
    // Cargo's name for the folder of this profile.
    let folder = if profile == "dev" { "debug" } else { profile };
    Ok(tool::target_dir()?.join(target).join(folder).join("bart"))
}

/// Messages of panics and assertions name files: the same ones on every machine. `flag` is the compiler's for it.
fn remapped_paths(flag: &str) -> Result<[String; 2]> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| {
        let home = env::var_os("HOME")?;
        Some(PathBuf::from(home).join(".cargo"))
    });
    let home = home.context("neither `CARGO_HOME` nor `HOME` is set")?;
    Ok([(tool::root(), "/bart"), (home, "/cargo")]
        .map(|(from, to)| format!("{flag}={}={to}", from.display())))
}
