//! The private folder: made for this user alone, and checked each time.

use std::fs::{self, DirBuilder, Metadata};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::Path;

use rustix::fs::Access;
use rustix::process::geteuid;

use super::error::{NotOurs, StoreError, failed, if_there};

/// The bits that let others than the owner in.
const OTHERS: u32 = 0o077;

/// Makes the folder unless it is there. The folders above it may belong to anybody: whoever may write them can take the
/// folder away, but cannot make another one that belongs to this user.
///
/// # Errors
/// It cannot be made, or is not this user's alone.
pub(super) fn open(folder: &Path) -> Result<(), StoreError> {
    let metadata = match look(folder)? {
        Some(metadata) => metadata,
        None => make(folder)?,
    };
    check(&metadata).map_err(|problem| StoreError::NotOurs {
        path: folder.to_owned(),
        problem,
    })
}

/// Whether there is anything of the folder's name.
pub(super) fn is_there(folder: &Path) -> Result<bool, StoreError> {
    Ok(look(folder)?.is_some())
}

/// Whether files can be added to the folder.
pub(super) fn is_writable(folder: &Path) -> bool {
    rustix::fs::access(folder, Access::WRITE_OK).is_ok()
}

fn make(folder: &Path) -> Result<Metadata, StoreError> {
    if let Some(volume) = folder.parent() {
        fs::create_dir_all(volume).map_err(failed("make", volume))?;
    }
    match DirBuilder::new().mode(0o700).create(folder) {
        Ok(()) => {}
        // Another process was faster.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(failed("make", folder)(error)),
    }
    fs::symlink_metadata(folder).map_err(failed("read", folder))
}

fn look(folder: &Path) -> Result<Option<Metadata>, StoreError> {
    if_there(fs::symlink_metadata(folder)).map_err(failed("read", folder))
}

fn check(metadata: &Metadata) -> Result<(), NotOurs> {
    let us = geteuid().as_raw();
    if !metadata.is_dir() {
        return Err(NotOurs::NotAFolder);
    }
    if metadata.uid() != us {
        let owner = metadata.uid();
        return Err(NotOurs::Owner { owner, us });
    }
    if metadata.mode() & OTHERS != 0 {
        let mode = metadata.mode() & 0o7777;
        return Err(NotOurs::Mode { mode });
    }
    Ok(())
}
