//! The files of the image in a folder, from which both the `Dockerfile` and the layout take them.
//!
//! ```text
//! common/                 the same for all platforms: certificates and /env.vars
//! cache/                  empty; the user's own in the image
//! linux/amd64/bart        what is of one platform; native/ with the compiled components beside it
//! linux/arm64/bart
//! ```

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::{Architecture, native_code, write};

/// The authorities of Debian's `ca-certificates`. Those of the package, not those that the machine trusts: what somebody added to a machine has
/// no place in an image.
const AUTHORITIES: &str = "/usr/share/ca-certificates/mozilla";

/// Where programs look for authorities.
const BUNDLE: &str = "etc/ssl/certs/ca-certificates.crt";

/// The folder that belongs to the user of the image.
pub(super) const CACHE: &str = "cache";

/// What is the same for all platforms, below the context.
pub(super) fn common(context: &Path) -> PathBuf {
    context.join("common")
}

/// What is of one platform, below the context.
pub(super) fn of_platform(context: &Path, architecture: Architecture) -> PathBuf {
    context.join(architecture.platform())
}

/// Lays out what is of one platform.
pub(super) fn add_platform(
    context: &Path,
    architecture: Architecture,
    binary: &Path,
) -> Result<()> {
    let folder = of_platform(context, architecture);
    let bytes =
        fs::read(binary).with_context(|| format!("failed to read `{}`", binary.display()))?;
    empty(&folder)?;
    let program = folder.join("bart");
    write(&program, &bytes)?;
    set_mode(&program, 0o755)?;
    native_code::add(architecture, &program, &folder)
}

/// Lays out what is the same for all platforms.
pub(super) fn add_common(context: &Path, build_id: &str, repository: &str) -> Result<()> {
    let folder = common(context);
    empty(&folder)?;
    empty(&context.join(CACHE))?;
    let files = [
        (BUNDLE, authorities()?),
        ("env.vars", variables(build_id, repository)),
    ];
    for (name, text) in files {
        let path = folder.join(name);
        write(&path, text.as_bytes())?;
        set_mode(&path, 0o444)?;
    }
    Ok(())
}

/// All authorities in one text, in the order of their files.
fn authorities() -> Result<String> {
    let read = || format!("failed to read `{AUTHORITIES}`: is `ca-certificates` installed?");
    let mut files: Vec<PathBuf> = fs::read_dir(AUTHORITIES)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
        .with_context(read)?;
    files.sort();
    let mut bundle = String::new();
    for file in files {
        let text = fs::read_to_string(&file).with_context(read)?;
        bundle.push_str(text.trim_end());
        bundle.push('\n');
    }
    if bundle.is_empty() {
        bail!("`{AUTHORITIES}` is empty");
    }
    Ok(bundle)
}

/// What `bart serve` reads where nobody tells it more.
fn variables(build_id: &str, repository: &str) -> String {
    format!("BUILD_ID={build_id}\nREPOSITORY={repository}\n")
}

fn empty(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)
            .with_context(|| format!("failed to remove `{}`", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("failed to make `{}`", folder.display()))
}

fn set_mode(path: &Path, mode: u32) -> Result<()> {
    fs::set_permissions(path, Permissions::from_mode(mode))
        .with_context(|| format!("failed to write `{}`", path.display()))
}
