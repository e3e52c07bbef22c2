//! Images of programs: an index with one manifest for each platform, or a single manifest (image-spec, `image-index.md` and `manifest.md`).
//!
//! What docker writes is read as what the image-spec has in its place: the formats differ in their media types alone.

mod config;
mod index;
mod manifest;
mod platform;

use serde_json::Value;

pub use config::ImageConfig;
pub use index::{Entry, ImageIndex};
pub use platform::{Platform, PlatformError};

use crate::manifest::{LARGEST, Manifest};

/// The largest configuration of an image that is read, in bytes.
pub const LARGEST_CONFIG: u64 = 4 << 20;

/// What the tag of an image points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Document {
    /// An image for each of several platforms.
    Index(ImageIndex),
    /// An image for one platform, which its configuration names.
    Manifest(Manifest),
}

/// Why something is no image that can be used.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// It is larger than registries take.
    #[error("image manifest too large: {size} bytes, more than {} MiB", LARGEST >> 20)]
    TooLarge {
        /// Its size.
        size: usize,
    },
    /// It is not JSON of the right form.
    #[error("failed to read the image's {what}")]
    Unreadable {
        /// Which part of it.
        what: &'static str,
        /// Why.
        source: serde_json::Error,
    },
    /// It is something else.
    #[error("not an image: {reason}")]
    NotAnImage {
        /// What shows it.
        reason: String,
    },
}

impl Document {
    /// Reads what a registry or a layout has.
    ///
    /// # Errors
    ///
    /// See [`ImageError`].
    pub fn parse(bytes: &[u8]) -> Result<Document, ImageError> {
        if bytes.len() > LARGEST {
            return Err(ImageError::TooLarge { size: bytes.len() });
        }
        let value: Value = serde_json::from_slice(bytes).map_err(unreadable("manifest"))?;
        if value.get("schemaVersion").and_then(Value::as_u64) != Some(2) {
            return Err(not_an_image("its manifest is not of version 2"));
        }
        if value.get("manifests").is_some() {
            return index::read(value).map(Document::Index);
        }
        manifest::read(value).map(Document::Manifest)
    }
}

fn unreadable(what: &'static str) -> impl FnOnce(serde_json::Error) -> ImageError {
    move |source| ImageError::Unreadable { what, source }
}

fn not_an_image(reason: impl Into<String>) -> ImageError {
    ImageError::NotAnImage {
        reason: reason.into(),
    }
}
