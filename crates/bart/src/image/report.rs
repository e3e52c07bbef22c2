//! The result of `bart image`: one line for people, or one JSON object for programs.

use std::fmt;
use std::time::Duration;

use artifact::image::Platform;
use artifact::registry::Pushed;
use artifact::{Digest, Repository};
use serde::Serialize;

use super::content::Content;
use super::stamp::{Stamped, StampedVariant};
use crate::publish::report::{Blobs, Outcome};
use crate::quantity::{Bytes, Elapsed};

/// What became of an image.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    result: Outcome,
    /// Where it is now: with a tag in a registry, or the path and name in a layout.
    reference: String,
    /// The digest there, which may be one of the same images with other notes.
    digest: Digest,
    /// What the tag pointed at before, where that was something else.
    #[serde(skip_serializing_if = "Option::is_none")]
    moved_from: Option<Digest>,
    content: ContentReport,
    platforms: Vec<PlatformReport>,
    uploaded: Blobs,
    mounted: Blobs,
    reused: Blobs,
    seconds: f64,
}

#[derive(Debug, Serialize)]
struct ContentReport {
    build_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<Digest>,
}

#[derive(Debug, Serialize)]
struct PlatformReport {
    platform: String,
    digest: Digest,
    /// Of its configuration and layers, compressed.
    bytes: u64,
}

impl Report {
    /// Of an image in a layout.
    pub(super) fn written(
        stamped: &Stamped,
        content: &Content,
        reference: String,
        written: Blobs,
        elapsed: Duration,
    ) -> Report {
        Report {
            result: Outcome::Written,
            reference,
            digest: stamped.digest(),
            moved_from: None,
            content: content.into(),
            platforms: stamped.images.iter().map(PlatformReport::from).collect(),
            uploaded: written,
            mounted: Blobs::default(),
            reused: Blobs::default(),
            seconds: elapsed.as_secs_f64(),
        }
    }

    /// Of an image in a registry.
    pub(super) fn pushed(
        stamped: &Stamped,
        content: &Content,
        reference: String,
        pushed: &Pushed,
        elapsed: Duration,
    ) -> Report {
        let (result, moved_from) = Outcome::of(&pushed.before);
        Report {
            result,
            digest: pushed.digest,
            moved_from,
            uploaded: pushed.uploaded.into(),
            mounted: pushed.mounted.into(),
            reused: pushed.reused.into(),
            ..Report::written(stamped, content, reference, Blobs::default(), elapsed)
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report {
            reference, digest, ..
        } = self;
        let elapsed = Elapsed(Duration::from_secs_f64(self.seconds));
        let platforms: Vec<&str> = self
            .platforms
            .iter()
            .map(|one| one.platform.as_str())
            .collect();
        let platforms = platforms.join(", ");
        match self.result {
            Outcome::Unchanged => {
                return write!(formatter, "{reference} is already this image ({digest})");
            }
            Outcome::Written => write!(
                formatter,
                "wrote {reference} ({digest}; {platforms}; {}) in {elapsed}",
                self.uploaded
            )?,
            Outcome::Pushed => write!(
                formatter,
                "pushed {reference}@{digest} ({platforms}; {} new, {}; {} mounted; {} reused) in {elapsed}",
                self.uploaded.blobs,
                Bytes(self.uploaded.bytes),
                self.mounted.blobs,
                self.reused.blobs,
            )?,
        }
        match self.moved_from {
            Some(before) => write!(formatter, ", in place of {before}"),
            None => Ok(()),
        }
    }
}

impl From<&Content> for ContentReport {
    fn from(content: &Content) -> ContentReport {
        ContentReport {
            build_id: content.build_id.to_string(),
            repository: content.repository.as_ref().map(Repository::to_string),
            digest: content.digest,
        }
    }
}

impl From<&StampedVariant> for PlatformReport {
    fn from(image: &StampedVariant) -> PlatformReport {
        let manifest = &image.manifest;
        let blobs = std::iter::once(&manifest.config).chain(&manifest.layers);
        PlatformReport {
            platform: Platform::to_string(&image.platform),
            digest: Digest::of(&image.manifest_bytes),
            bytes: blobs.map(|blob| blob.size).sum(),
        }
    }
}
