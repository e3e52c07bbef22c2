//! Who could have written a file: code is mapped only from where nobody else can put it.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use rustix::process::geteuid;

/// The bits that let others than the owner write.
const WRITABLE_BY_OTHERS: u32 = 0o022;
const ROOT: u32 = 0;

/// Why native code is not run from a place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    /// It belongs to somebody else.
    #[error("`{path}` belongs to user {owner}, and bart runs as {us}", path = path.display())]
    Owner {
        /// The file or folder.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
        /// Who bart runs as.
        us: u32,
    },
    /// Others can write it.
    #[error("others can write `{path}` (its mode is {mode:o})", path = path.display())]
    Mode {
        /// The file or folder.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// It is a symbolic link or something else that is not a file, or above it not a folder.
    #[error("`{path}` is no regular file or folder", path = path.display())]
    Kind {
        /// The file or folder.
        path: PathBuf,
    },
}

/// Opens `file` in `root` to be read, if nobody but this user and root could have written it or any folder from `root` on. Above
/// `root` others may take folders away, but cannot make one that belongs to this user.
///
/// # Errors
///
/// When something cannot be read; the other result says whether it can be trusted.
pub(super) fn open(root: &Path, file: &Path) -> io::Result<Result<File, Distrust>> {
    let us = geteuid().as_raw();
    let within = file.strip_prefix(root).map_err(io::Error::other)?;
    let mut folder = root.to_owned();
    for name in within {
        let metadata = fs::symlink_metadata(&folder)?;
        if let Err(distrust) = check(&folder, &metadata, metadata.is_dir(), us) {
            return Ok(Err(distrust));
        }
        folder.push(name);
    }
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let opened = match rustix::fs::open(file, flags, Mode::empty()) {
        // What `NOFOLLOW` says of a symbolic link.
        Err(rustix::io::Errno::LOOP) => {
            let path = file.to_owned();
            return Ok(Err(Distrust::Kind { path }));
        }
        opened => File::from(opened?),
    };
    let metadata = opened.metadata()?;
    let checked = check(file, &metadata, metadata.is_file(), us);
    Ok(checked.map(|()| opened))
}

fn check(path: &Path, metadata: &Metadata, is_right_kind: bool, us: u32) -> Result<(), Distrust> {
    let path = || path.to_owned();
    if !is_right_kind {
        return Err(Distrust::Kind { path: path() });
    }
    let owner = metadata.uid();
    if owner != us && owner != ROOT {
        let path = path();
        return Err(Distrust::Owner { path, owner, us });
    }
    if metadata.mode() & WRITABLE_BY_OTHERS != 0 {
        let mode = metadata.mode() & 0o7777;
        return Err(Distrust::Mode { path: path(), mode });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_another_user_is_refused_unless_that_is_root() {
        let folder = tempfile::tempdir().unwrap();
        let metadata = fs::symlink_metadata(folder.path()).unwrap();
        let owner = metadata.uid();
        assert_eq!(check(folder.path(), &metadata, true, owner), Ok(()));
        let result = check(folder.path(), &metadata, true, owner + 1);
        if owner == ROOT {
            assert_eq!(result, Ok(()));
        } else {
            assert!(matches!(result, Err(Distrust::Owner { .. })));
        }
    }
}
