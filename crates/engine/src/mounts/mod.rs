//! The files that a component sees, as one tree of hard links.

mod entry;
mod plan;

use std::collections::HashSet;
use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::app::FileEntry;

pub use entry::{EntryProblem, check};
pub use plan::{Fingerprint, Plan, PlannedFile};

/// The files of a component as its manifest names them.
#[derive(Clone, Copy, Debug)]
pub struct Mount<'a> {
    /// The entries. Of two that place the same path the later wins.
    pub files: &'a [FileEntry],
    /// Patterns of files that are left out, relative to `root`. Here `*` matches slashes too.
    pub exclude: &'a [String],
    /// The manifest's folder. Nothing outside of it is mounted.
    pub root: &'a Path,
}

/// What was mounted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MountReport {
    /// Files in the tree.
    pub files: usize,
    /// Bytes of all of them.
    pub bytes: u64,
    /// Files that were copied since they could not be linked.
    pub copied: usize,
    /// What the author may want to know, such as a pattern without a match.
    pub warnings: Vec<String>,
}

/// Why files cannot be mounted.
#[derive(Debug, Error)]
pub enum MountError {
    /// An entry that makes no sense, whatever the files.
    #[error("`{entry}` cannot be mounted: {problem}")]
    Entry {
        /// The entry as in the manifest.
        entry: String,
        /// What is wrong with it.
        problem: EntryProblem,
    },
    /// An entry of `exclude_files` that is not a pattern.
    #[error("`{pattern}` in `exclude_files` is not a pattern: {message}")]
    Exclude {
        /// The pattern as in the manifest.
        pattern: String,
        /// What is wrong with it.
        message: &'static str,
    },
    /// An entry that is not a pattern, and of which there is no file or folder.
    #[error("`{entry}` in `files` does not exist")]
    Missing {
        /// The entry as in the manifest.
        entry: String,
    },
    /// A symbolic link, or a folder above, that leads out of the manifest's folder.
    #[error("`{}`, mounted by `{entry}`, leads out of the manifest's folder", path.display())]
    Outside {
        /// The entry as in the manifest.
        entry: String,
        /// The link.
        path: PathBuf,
    },
    /// A file or folder cannot be read.
    #[error("failed to read `{}`", path.display())]
    Read {
        /// What.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A link, copy or folder cannot be made.
    #[error("failed to write `{}`", path.display())]
    Write {
        /// What.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Mount<'_> {
    /// Finds the files, without a change to the disk.
    ///
    /// # Errors
    /// An entry that cannot be mounted, or a folder that cannot be read.
    pub fn plan(&self) -> Result<Plan, MountError> {
        Plan::make(self)
    }

    /// Makes the tree in the folder `destination`, which must be empty or not exist. Its folders have mode 0755; files
    /// are hard links, and copies where the file system refuses those.
    ///
    /// # Errors
    /// As for [`Mount::plan`], or the tree cannot be written. What was made so far stays.
    pub fn build(&self, destination: &Path) -> Result<MountReport, MountError> {
        self.plan()?.build(destination)
    }

    /// Names, sizes and times of the files. When it is another than before, the tree must be made anew.
    ///
    /// # Errors
    /// As for [`Mount::plan`].
    pub fn fingerprint(&self) -> Result<Fingerprint, MountError> {
        self.plan().map(|plan| plan.fingerprint())
    }
}

impl Plan {
    /// Makes the tree, generated files included. See [`Mount::build`].
    ///
    /// # Errors
    /// The tree cannot be written.
    pub fn build(&self, destination: &Path) -> Result<MountReport, MountError> {
        let mut builder = Builder {
            destination,
            folders: HashSet::new(),
            linkable: true,
            copied: 0,
        };
        builder.folder(destination)?;
        let mut bytes = 0;
        for (path, file) in self.files() {
            builder.file(path, file)?;
            bytes += file.size;
        }
        for (path, content) in self.generated() {
            builder.generated(path, content)?;
            bytes += content.len() as u64;
        }
        Ok(MountReport {
            files: self.files().len() + self.generated().len(),
            bytes,
            copied: builder.copied,
            warnings: self.warnings().to_vec(),
        })
    }
}

impl MountError {
    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Missing { .. } => {
                Some("make it, for example by the component's build command, or remove the entry")
            }
            Self::Outside { .. } => {
                Some("replace the link by what it leads to, or name it in `exclude_files`")
            }
            _ => None,
        }
    }
}

struct Builder<'a> {
    destination: &'a Path,
    folders: HashSet<PathBuf>,
    /// Until the file system says that it never will.
    linkable: bool,
    copied: usize,
}

impl Builder<'_> {
    fn file(&mut self, path: &str, file: &PlannedFile) -> Result<(), MountError> {
        let target = self.target(path)?;
        let write = |source| MountError::Write {
            path: target.clone(),
            source,
        };
        if self.linkable {
            match fs::hard_link(&file.source, &target) {
                Ok(()) => return Ok(()),
                Err(error) => self.linkable = linkable_after(&error).ok_or_else(|| write(error))?,
            }
        }
        copy(&file.source, &target).map_err(write)?;
        self.copied += 1;
        Ok(())
    }

    fn generated(&mut self, path: &str, content: &[u8]) -> Result<(), MountError> {
        let target = self.target(path)?;
        File::create_new(&target)
            .and_then(|mut file| file.write_all(content))
            .map_err(|source| MountError::Write {
                path: target,
                source,
            })
    }

    /// Where a file goes. The folders above are there.
    fn target(&mut self, path: &str) -> Result<PathBuf, MountError> {
        let target = self.destination.join(path);
        if let Some(parent) = target.parent() {
            self.folder(parent)?;
        }
        Ok(target)
    }

    fn folder(&mut self, folder: &Path) -> Result<(), MountError> {
        if self.folders.contains(folder) {
            return Ok(());
        }
        if folder != self.destination
            && let Some(parent) = folder.parent()
        {
            self.folder(parent)?;
        }
        make_folder(folder).map_err(|source| MountError::Write {
            path: folder.to_owned(),
            source,
        })?;
        self.folders.insert(folder.to_owned());
        Ok(())
    }
}

/// Never over a file that is there: it may be another name of the source.
fn copy(source: &Path, target: &Path) -> io::Result<u64> {
    io::copy(&mut File::open(source)?, &mut File::create_new(target)?)
}

fn make_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(folder)?;
    // The umask may have taken bits from it.
    fs::set_permissions(folder, Permissions::from_mode(0o755))
}

/// Whether links are worth another try after one was refused for a reason that a copy avoids: another file system,
/// no permission for this file (Linux `protected_hardlinks`), too many links of it, or none at all.
fn linkable_after(error: &io::Error) -> Option<bool> {
    match error.kind() {
        ErrorKind::CrossesDevices | ErrorKind::Unsupported => Some(false),
        ErrorKind::PermissionDenied | ErrorKind::TooManyLinks => Some(true),
        _ => None,
    }
}
