//! Running other programs, and what to print meanwhile.

use std::env;
use std::io::{Write, stderr, stdout};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// The Wasm target of the components.
pub(crate) const WASM_TARGET: &str = "wasm32-wasip2";

/// The repository.
pub(crate) fn root() -> PathBuf {
    // At run time, since two checkouts may share one target folder.
    PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs this"))
        .parent()
        .expect("xtask is a folder of the repository")
        .to_path_buf()
}

/// The folder that cargo builds into, from whatever setting.
///
/// # Errors
///
/// When cargo does not say.
pub(crate) fn target_dir() -> Result<PathBuf> {
    #[derive(Deserialize)]
    struct Metadata {
        target_directory: PathBuf,
    }
    let metadata = output(cargo().args(["metadata", "--no-deps", "--format-version", "1"]))?;
    let metadata: Metadata =
        serde_json::from_str(&metadata).context("failed to read `cargo metadata`")?;
    Ok(metadata.target_directory)
}

/// The `bart` that cargo has built in a profile.
///
/// # Errors
///
/// As [`target_dir`].
pub(crate) fn bart(profile: &str) -> Result<PathBuf> {
    Ok(target_dir()?.join(profile).join("bart"))
}

/// What `cargo run` tells this program of its own package, by how the names begin. Build scripts of dependencies watch such variables: with them,
/// a build from here would undo one by hand, and one from another checkout too.
const OF_THIS_PACKAGE: [&str; 2] = ["CARGO_MANIFEST_", "CARGO_PKG_"];

/// The cargo that runs this.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    for (name, _) in env::vars_os() {
        let is_ours = |name: &str| OF_THIS_PACKAGE.iter().any(|start| name.starts_with(start));
        if name.to_str().is_some_and(is_ours) {
            command.env_remove(name);
        }
    }
    command
}

/// A program of the system.
pub(crate) fn program(name: &str) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root());
    command
}

/// Whether a program answers to `--version`.
pub(crate) fn is_present(name: &str) -> bool {
    Command::new(name)
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success())
}

/// Whether packages of the system may be installed: by root, where there is `apt-get`.
pub(crate) fn may_install() -> bool {
    is_present("apt-get") && output(program("id").arg("-u")).is_ok_and(|user| user.trim() == "0")
}

/// Runs a command to its end.
///
/// # Errors
///
/// When it cannot start or fails; the message is the command.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let line = display(command);
    let status = command
        .status()
        .with_context(|| format!("failed to start `{line}`"))?;
    if !status.success() {
        bail!("`{line}` failed with {status}");
    }
    Ok(())
}

/// Runs a command and gives what it printed to stdout.
///
/// # Errors
///
/// When it cannot start, fails, or prints what is not UTF-8.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let line = display(command);
    let output = command
        .output()
        .with_context(|| format!("failed to start `{line}`"))?;
    if !output.status.success() {
        bail!(
            "`{line}` failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{line}` printed what is not UTF-8"))
}

/// Adds the Wasm target where rustup lacks it.
///
/// # Errors
///
/// When it is missing and rustup cannot add it.
pub(crate) fn ensure_wasm_target() -> Result<()> {
    ensure_target(WASM_TARGET)
}

/// Adds a target where rustup lacks it.
///
/// # Errors
///
/// When it is missing and rustup cannot add it.
pub(crate) fn ensure_target(target: &str) -> Result<()> {
    let sysroot = output(program("rustc").args(["--print", "sysroot"]))?;
    if Path::new(sysroot.trim())
        .join("lib/rustlib")
        .join(target)
        .exists()
    {
        return Ok(());
    }
    say(&format!("adding the Rust target `{target}`"));
    run(program("rustup").args(["target", "add", target]))
}

/// Installs a program that has a Debian package of its name, where it is missing and this user may. Where not, it says what is skipped: tests
/// that need the program say so themselves.
pub(crate) fn install_if_possible(name: &str) {
    if is_present(name) {
        return;
    }
    let is_root = output(program("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if !is_root || !is_present("apt-get") {
        say(&format!(
            "`{name}` is missing and cannot be installed here: its tests are skipped"
        ));
        return;
    }
    say(&format!("installing `{name}` with apt-get"));
    let install = || {
        let mut command = program("apt-get");
        command
            .args(["install", "--yes", "--no-install-recommends", name])
            .env("DEBIAN_FRONTEND", "noninteractive");
        run(&mut command)
    };
    // The lists of packages may be missing or old.
    let installed = install().or_else(|_| {
        run(program("apt-get").arg("update"))?;
        install()
    });
    if let Err(error) = installed {
        say(&format!("{error:#}: the tests of `{name}` are skipped"));
    }
}

/// Prints a line of a task's result to stdout.
///
/// # Errors
///
/// When stdout is closed.
pub(crate) fn print(line: &str) -> Result<()> {
    writeln!(stdout(), "{line}").context("failed to print")
}

/// Prints a line to stderr.
pub(crate) fn say(line: &str) {
    // A closed stderr is nobody who could be told.
    let _ = writeln!(stderr(), "{line}");
}

fn display(command: &Command) -> String {
    let mut line = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program())
        .to_string_lossy()
        .into_owned();
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    line
}
