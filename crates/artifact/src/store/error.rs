//! What can go wrong with the store, told apart by what a caller can do about it.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::digest::Digest;

/// Why the store could not do what it was asked.
#[derive(Debug, Error)]
pub enum StoreError {
    /// What is there can be read, and nothing can be added.
    #[error("failed to {action} `{}` on a read-only file system", path.display())]
    ReadOnly {
        /// What was tried.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The disk or the user's share of it is full. Nothing that is trusted was written.
    #[error("failed to {action} `{}`: no space is left", path.display())]
    Full {
        /// What was tried.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// This user may not.
    #[error("failed to {action} `{}`: no permission", path.display())]
    Permission {
        /// What was tried.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Anything else that the system refused.
    #[error("failed to {action} `{}`", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The private folder could have been written by somebody else, so nothing in it is trusted.
    #[error("`{}` cannot be the store: {problem}", path.display())]
    NotOurs {
        /// The folder.
        path: PathBuf,
        /// What is wrong with it.
        problem: NotOurs,
    },
    /// Bytes that are not those that were promised.
    #[error("wrong content: expected `{expected}`, got `{actual}`")]
    WrongDigest {
        /// What was promised.
        expected: Digest,
        /// What came.
        actual: Digest,
    },
    /// More or fewer bytes than were promised.
    #[error("wrong size of `{digest}`: expected {expected} bytes, got {actual}")]
    WrongSize {
        /// Of which blob.
        digest: Digest,
        /// What was promised, in bytes.
        expected: u64,
        /// What came; where it came to more, what had come until then.
        actual: u64,
    },
    /// A release needs blobs that the store lacks, or had to set aside. Fetch them and try again.
    #[error("the store lacks {} of the release's blobs", digests.len())]
    Missing {
        /// All of them, each once.
        digests: Vec<Digest>,
    },
    /// A path that would leave its mount, or that no file system takes.
    #[error("`{path}` cannot be a file of a release: {problem}")]
    Path {
        /// The path as given.
        path: String,
        /// What is wrong with it.
        problem: &'static str,
    },
}

/// What is wrong with a private folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NotOurs {
    /// A link or a file has its name.
    #[error("it is not a folder")]
    NotAFolder,
    /// Another user owns it.
    #[error("it belongs to user {owner}, not to user {us}")]
    Owner {
        /// Whose it is.
        owner: u32,
        /// Who we are.
        us: u32,
    },
    /// Others than its owner may use it.
    #[error("its mode {mode:04o} lets others in")]
    Mode {
        /// The permission bits.
        mode: u32,
    },
}

impl StoreError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Full { .. } => Some("make room, for example with `bart cache gc --max-size`"),
            Self::NotOurs { problem, .. } => Some(match problem {
                NotOurs::NotAFolder => "remove it, or name another volume",
                NotOurs::Owner { .. } => "name a volume for this user alone, or remove the folder",
                // The kubelet widens what it finds on a volume when a pod has an `fsGroup`.
                NotOurs::Mode { .. } => {
                    "remove the folder; on Kubernetes leave out `fsGroup`, or set `fsGroupChangePolicy: OnRootMismatch`"
                }
            }),
            _ => None,
        }
    }
}

/// Makes an error of what the system said when `action` was tried with `path`.
pub(super) fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StoreError {
    let path = path.to_owned();
    move |source| match source.kind() {
        ErrorKind::ReadOnlyFilesystem => StoreError::ReadOnly {
            action,
            path,
            source,
        },
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::Full {
            action,
            path,
            source,
        },
        ErrorKind::PermissionDenied => StoreError::Permission {
            action,
            path,
            source,
        },
        _ => StoreError::Io {
            action,
            path,
            source,
        },
    }
}

/// `None` where the thing does not exist.
pub(super) fn if_there<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
