//! The one way of writing: a temporary file that gets its name when it is whole.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use tempfile::{NamedTempFile, TempDir};

use super::faults;

/// What is written is never changed.
const READ_ONLY: u32 = 0o444;

/// A new file in `folder` with a name of its own, which goes away unless it is published.
pub(super) fn temporary(folder: &Path, prefix: &str) -> io::Result<NamedTempFile> {
    with_folder(folder, || {
        tempfile::Builder::new()
            .prefix(prefix)
            .rand_bytes(RANDOM)
            .permissions(Permissions::from_mode(READ_ONLY))
            .tempfile_in(folder)
    })
}

/// As [`temporary`], a folder.
pub(super) fn temporary_folder(folder: &Path, prefix: &str) -> io::Result<TempDir> {
    with_folder(folder, || {
        tempfile::Builder::new()
            .prefix(prefix)
            .rand_bytes(RANDOM)
            .tempdir_in(folder)
    })
}

/// Gives a temporary file its name, in place of what had it. Not synced: see [`write`].
pub(super) fn publish(file: NamedTempFile, target: &Path) -> io::Result<()> {
    let path = file.into_temp_path();
    rename(&path, target)?;
    // There is nothing left of the old name to remove.
    let _ = path.keep();
    Ok(())
}

/// Gives a temporary folder its name, which must be free.
pub(super) fn publish_folder(folder: TempDir, target: &Path) -> io::Result<()> {
    rename(folder.path(), target)?;
    let _ = folder.keep();
    Ok(())
}

/// Writes a small file by way of `tmp`, on the same file system. It survives a power cut whole or not at all.
pub(super) fn write(
    tmp: &Path,
    target: &Path,
    bytes: &[u8],
    written: &'static str,
) -> io::Result<()> {
    let mut file = temporary(tmp, "file-")?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    faults::reach(written);
    publish(file, target)
}

/// Writes a file of a tree that nobody sees yet.
pub(super) fn write_new(target: &Path, bytes: &[u8]) -> io::Result<()> {
    create_new(target)?.write_all(bytes)
}

/// A new file of a tree that nobody sees yet.
pub(super) fn create_new(target: &Path) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(READ_ONLY)
        .open(target)
}

/// Moves something to a folder that may have to be made first.
pub(super) fn rename(source: &Path, target: &Path) -> io::Result<()> {
    let folder = target.parent().unwrap_or(target);
    with_folder(folder, || fs::rename(source, target))
}

/// Enough for names that differ over many machines.
const RANDOM: usize = 12;

/// Tries, and tries again once the folder is made. A clean-up that takes the empty folder away in between can do so only
/// now and then, so a few tries are enough.
fn with_folder<T>(folder: &Path, attempt: impl Fn() -> io::Result<T>) -> io::Result<T> {
    let mut result = attempt();
    for _ in 0..5 {
        match &result {
            Err(error) if error.kind() == ErrorKind::NotFound => fs::create_dir_all(folder)?,
            _ => break,
        }
        result = attempt();
    }
    result
}
