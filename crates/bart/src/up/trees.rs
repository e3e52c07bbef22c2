//! Where `bart up` keeps the trees of files that components see: a private folder of the process, removed with the release it is for.

use std::fs::{self, DirBuilder, File, Permissions, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use rustix::io::{FdFlags, fcntl_setfd};
use tempfile::TempDir;

use crate::caches::user_cache;

/// The folder of bart inside the user's cache.
const FOLDER: &str = "bart/up";

/// A file that is locked while its folder is in use: in `FOLDER` for a moment, in the folder of a release for as long as that lives.
const LOCK: &str = "lock";

/// The trees of one release, one for each component that has files.
#[derive(Debug)]
pub(crate) struct Trees {
    folder: TempDir,
    lock: File,
}

impl Trees {
    /// Makes the folder, and removes what killed processes left.
    pub(crate) fn make() -> Result<Trees> {
        let parent = private_folder(&user_cache().join(FOLDER))?;
        // No other process takes the new folder for an abandoned one before it is locked.
        let guard = open_lock(&parent)?;
        guard
            .lock()
            .context("failed to lock the folder for trees")?;
        remove_abandoned(&parent);
        let folder = TempDir::new_in(&parent)
            .with_context(|| format!("failed to make a folder in `{}`", parent.display()))?;
        let lock = open_lock(folder.path())?;
        lock.lock().context("failed to lock a folder for trees")?;
        Ok(Trees { folder, lock })
    }

    /// The folder itself, which stays until the program that takes the place of this process ends: that inherits the lock.
    pub(super) fn hand_over(self) -> Result<PathBuf> {
        fcntl_setfd(&self.lock, FdFlags::empty()).context("failed to hand a lock over")?;
        // Closed by the end of the process alone.
        std::mem::forget(self.lock);
        Ok(self.folder.keep())
    }

    /// The folder for the tree of a component, which does not exist yet.
    pub(crate) fn of_component(&self, index: usize) -> PathBuf {
        self.folder.path().join(index.to_string())
    }
}

/// A folder that nobody else can read or write.
fn private_folder(path: &Path) -> Result<PathBuf> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .with_context(|| format!("failed to make `{}`", path.display()))?;
    let metadata = fs::symlink_metadata(path)
        .with_context(|| format!("failed to look at `{}`", path.display()))?;
    if !metadata.is_dir() || metadata.uid() != rustix::process::geteuid().as_raw() {
        bail!("`{}` belongs to somebody else", path.display());
    }
    if metadata.mode() & 0o077 != 0 {
        fs::set_permissions(path, Permissions::from_mode(0o700))
            .with_context(|| format!("failed to make `{}` private", path.display()))?;
    }
    Ok(path.to_path_buf())
}

fn open_lock(folder: &Path) -> Result<File> {
    let path = folder.join(LOCK);
    File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .with_context(|| format!("failed to open `{}`", path.display()))
}

/// Removes the folders that nobody holds a lock of. What cannot be removed stays: it only takes room.
fn remove_abandoned(parent: &Path) {
    let Ok(folders) = fs::read_dir(parent) else {
        return;
    };
    for folder in folders.flatten() {
        let is_abandoned = match File::open(folder.path().join(LOCK)) {
            Ok(lock) => !matches!(lock.try_lock(), Err(TryLockError::WouldBlock)),
            // Nobody makes a folder at this moment, so the end of a process came while one was removed.
            Err(error) => error.kind() == ErrorKind::NotFound,
        };
        if is_abandoned {
            let _ = fs::remove_dir_all(folder.path());
        }
    }
}
