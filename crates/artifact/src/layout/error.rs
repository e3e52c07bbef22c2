//! Why a layout cannot be used.

use std::io;
use std::path::PathBuf;

use crate::manifest::ManifestError;

/// Why a layout cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LayoutError {
    /// A file cannot be read, or is not what its name says.
    #[error("failed to read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("failed to write `{}`", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The folder is something else.
    #[error("`{}` is not an OCI image layout of version 1", folder.display())]
    NotALayout {
        /// The folder.
        folder: PathBuf,
    },
    /// There is no such artifact.
    #[error("`{}` holds no artifact {wanted}; it holds {held}", folder.display())]
    NoArtifact {
        /// The folder.
        folder: PathBuf,
        /// What was asked for.
        wanted: String,
        /// What there is.
        held: String,
    },
    /// Its manifest cannot be used.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
}
