//! Builds the components for Wasm, reproducibly, and hands their bytes to `src/bundled.rs`.

mod component_build;

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use component_build::{Result, TARGET};
use sha2::{Digest, Sha256};

/// Where the end-to-end test of each component is.
const TESTS: &str = "crates/bart/tests/it/components";

fn main() -> Result<()> {
    let workspace = workspace()?;
    watch(&workspace)?;
    let packages = component_build::packages(&workspace)?;
    ensure_tests(&workspace, &packages)?;
    ensure_target()?;
    let target_dir = target_dir()?;
    component_build::build(
        Path::new(&env::var("CARGO")?),
        &workspace,
        &target_dir,
        &packages,
    )?;
    let modules = component_build::modules(&target_dir);
    for package in &packages {
        let wasm = std::fs::read(modules.join(format!("{package}.wasm")))?;
        println!(
            "cargo::rustc-env=BART_DIGEST_{}=sha256:{:x}",
            package.to_uppercase(),
            Sha256::digest(wasm)
        );
        // So that they are made again when somebody removes them.
        println!(
            "cargo::rerun-if-changed={}/{package}.wasm",
            component_build::utf8(&modules)?
        );
    }
    println!(
        "cargo::rustc-env=BART_COMPONENTS={}",
        component_build::utf8(&modules)?
    );
    Ok(())
}

fn workspace() -> Result<PathBuf> {
    let manifest_dir = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    Ok(manifest_dir.join("../..").canonicalize()?)
}

fn watch(workspace: &Path) -> Result<()> {
    let sources = [
        "Cargo.toml",
        "Cargo.lock",
        "rust-toolchain.toml",
        "components",
        "crates/bart/component_build.rs",
        TESTS,
        "crates/site/Cargo.toml",
        "crates/site/src",
        "crates/web/Cargo.toml",
        "crates/web/src",
    ];
    for source in sources {
        let path = workspace.join(source);
        if !path.exists() {
            return Err(format!(
                "`{}` is missing: bart is built from its whole repository",
                path.display()
            )
            .into());
        }
        println!("cargo::rerun-if-changed={}", path.display());
    }
    Ok(())
}

/// A component without an end-to-end test must not be shipped.
fn ensure_tests(workspace: &Path, packages: &[String]) -> Result<()> {
    for package in packages {
        let test = format!("{TESTS}/{package}.rs");
        if !workspace.join(&test).is_file() {
            return Err(format!(
                "component `{package}` has no end-to-end test: `{test}` is missing"
            )
            .into());
        }
    }
    Ok(())
}

/// Adds the Wasm target that `rust-toolchain.toml` names, where rustup has not done so itself (`RUSTUP_AUTO_INSTALL=0`).
fn ensure_target() -> Result<()> {
    let sysroot = Command::new(env::var("RUSTC")?)
        .args(["--print", "sysroot"])
        .output()?;
    let sysroot = PathBuf::from(String::from_utf8(sysroot.stdout)?.trim());
    if sysroot.join("lib/rustlib").join(TARGET).exists() {
        return Ok(());
    }
    let added = Command::new("rustup")
        .args(["target", "add", TARGET])
        .status();
    if added.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    Err(format!("the Rust target `{TARGET}` is missing: run `rustup target add {TARGET}`").into())
}

/// A target folder of its own, or the inner cargo would wait for the lock of the outer one.
fn target_dir() -> Result<PathBuf> {
    let out_dir = PathBuf::from(env::var("OUT_DIR")?);
    // <target>/<profile>/build/bart-<hash>/out, or <target>/<triple>/<profile>/... where cargo was told for what to build
    let triple = env::var_os("TARGET").unwrap_or_default();
    let outer = out_dir
        .ancestors()
        .skip(4)
        .find(|folder| folder.file_name() != Some(&triple))
        .ok_or("`OUT_DIR` is not below a target folder")?;
    Ok(outer.join("components"))
}
