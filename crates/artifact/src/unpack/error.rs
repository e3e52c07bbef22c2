//! Why contents cannot be read out of an artifact.

use std::io;

use super::archive::ArchiveError;
use crate::digest::Digest;
use crate::guest_path::{GuestPath, GuestPathError};

/// Why an artifact holds nothing that can be run.
#[derive(Debug, thiserror::Error)]
pub enum ContentError {
    /// A file would not be where it belongs.
    #[error("the component `{component}` has a file with an unusable path")]
    Path {
        /// The component.
        component: String,
        /// What is wrong with it.
        source: GuestPathError,
    },
    /// A path is a file and a folder.
    #[error("`{path}` of the component `{component}` is a file and a folder")]
    FileAndFolder {
        /// The component.
        component: String,
        /// The path.
        path: GuestPath,
    },
    /// Neither bytes nor a digest are given.
    #[error("{of} has no content")]
    Nothing {
        /// What has none.
        of: String,
    },
    /// Bytes are given that are not those of the digest beside them.
    #[error("{of} has the digest `{actual}`, not `{expected}`")]
    WrongDigest {
        /// What has it.
        of: String,
        /// What it should be.
        expected: Digest,
        /// What it is.
        actual: Digest,
    },
    /// It is nowhere.
    #[error("{of} is missing: no layer of the artifact holds `{digest}`")]
    Missing {
        /// What is missing.
        of: String,
        /// Its digest.
        digest: Digest,
    },
}

/// Why the contents of an artifact could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// A blob could not be read, or is not what its descriptor says.
    #[error("failed to read the layer `{blob}`")]
    Blob {
        /// Its digest.
        blob: Digest,
        /// Why.
        source: io::Error,
    },
    /// An archive could not be unpacked.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// A content is in none of the archives.
    #[error(transparent)]
    Content(#[from] ContentError),
    /// What was read could not be kept.
    #[error("failed to keep `{digest}`")]
    Sink {
        /// Its digest.
        digest: Digest,
        /// Why.
        source: io::Error,
    },
}
