//! How components become Wasm, so that every machine builds the same bytes. Shared by the build script and the tests of it.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The target of the components, which `rust-toolchain.toml` names too.
pub(crate) const TARGET: &str = "wasm32-wasip2";

/// The profile of the root `Cargo.toml` for what becomes Wasm.
const PROFILE: &str = "component";

/// Variables of the outer build that would change the inner one, by how their names begin. The bytes of a component may depend on its sources and
/// the pinned toolchain alone.
const INHERITED: [&str; 10] = [
    "CARGO_BUILD_",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_INCREMENTAL",
    "CARGO_PROFILE_",
    "CARGO_TARGET_",
    "CLIPPY_",
    "RUSTC",
    "RUSTDOCFLAGS",
    "RUSTFLAGS",
    "SOURCE_DATE_EPOCH",
];

/// The memory that an instance begins with, in bytes: more than a page needs as a rule. What is not touched costs nothing, but each time that a memory
/// grows the host has to change the protection of its pages, and to change it back for the next instance.
const INITIAL_MEMORY: u32 = 4 << 20;

/// The seed of the random numbers that a dependency of the script engine compiles in; without it they differ from build to build.
const RANDOM_SEED: (&str, &str) = ("CONST_RANDOM_SEED", "bart");

/// Between the flags of `CARGO_ENCODED_RUSTFLAGS` (cargo's configuration, `build.rustflags`).
pub(crate) const SEPARATOR: &str = "\u{1f}";

pub(crate) type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The packages under `components/`, which are also the names of their modules, in order.
pub(crate) fn packages(workspace: &Path) -> Result<Vec<String>> {
    let folder = workspace.join("components");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder)
        .map_err(|error| format!("failed to read `{}`: {error}", folder.display()))?
    {
        let entry = entry?;
        if entry.path().join("Cargo.toml").is_file() {
            names.push(utf8(Path::new(&entry.file_name()))?.to_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// Builds these packages of `workspace` with `cargo`. The target folder has to be theirs alone, or the inner cargo would wait for the lock of an
/// outer one.
pub(crate) fn build(
    cargo: &Path,
    workspace: &Path,
    target_dir: &Path,
    packages: &[String],
) -> Result<()> {
    let mut cargo = Command::new(cargo);
    for (name, _) in env::vars_os() {
        let inherited = |name: &str| INHERITED.iter().any(|prefix| name.starts_with(prefix));
        if name.to_str().is_some_and(inherited) {
            cargo.env_remove(name);
        }
    }
    // The one that was asked for the target, not another on PATH.
    if let Some(rustc) = env::var_os("RUSTC") {
        cargo.env("RUSTC", rustc);
    }
    cargo
        .current_dir(workspace)
        .env("CARGO_ENCODED_RUSTFLAGS", flags(workspace)?)
        .env(RANDOM_SEED.0, RANDOM_SEED.1)
        .args([
            "build",
            "--locked",
            "--target",
            TARGET,
            "--profile",
            PROFILE,
        ])
        .arg("--target-dir")
        .arg(target_dir);
    for package in packages {
        cargo.args(["--package", package]);
    }
    let output = cargo.output()?;
    if !output.status.success() {
        return Err(format!(
            "failed to build {packages:?}\n{}",
            String::from_utf8_lossy(&output.stderr)
        )
        .into());
    }
    Ok(())
}

/// The folder of the modules in a target folder: `renderer.wasm` and so on.
pub(crate) fn modules(target_dir: &Path) -> PathBuf {
    target_dir.join(TARGET).join(PROFILE)
}

/// Flags that set the initial memory, and keep this machine's folders out of the Wasm.
fn flags(workspace: &Path) -> Result<String> {
    let mut flags = vec![format!("-Clink-arg=--initial-memory={INITIAL_MEMORY}")];
    flags.extend(remapped_paths("--remap-path-prefix", workspace)?);
    Ok(flags.join(SEPARATOR))
}

/// Flags that let messages name the same files on every machine. `flag` is the compiler's for it.
pub(crate) fn remapped_paths(flag: &str, workspace: &Path) -> Result<Vec<String>> {
    let home = || env::var_os("HOME").map(PathBuf::from);
    let cargo_home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(home()?.join(".cargo")));
    let mut flags = vec![format!("{flag}={}=/bart", utf8(workspace)?)];
    if let Some(cargo_home) = cargo_home {
        flags.push(format!("{flag}={}=/cargo", utf8(&cargo_home)?));
    }
    Ok(flags)
}

pub(crate) fn utf8(path: &Path) -> Result<&str> {
    path.to_str()
        .ok_or_else(|| format!("`{}` is not UTF-8", path.display()).into())
}
