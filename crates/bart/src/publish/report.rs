//! The result of `bart push`: one line for people, or one JSON object for programs.

use std::fmt;
use std::time::Duration;

use artifact::registry::{Pushed, TagState, Tally};
use artifact::{Descriptor, Digest, Reference};
use serde::Serialize;

use crate::quantity::{Bytes, Elapsed};

/// What became of an artifact.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) result: Outcome,
    /// Where it is now: with a tag in a registry, or the path and name in a layout.
    pub(super) reference: String,
    /// The digest there, which may be one of the same content with other annotations.
    pub(super) digest: Digest,
    /// What the tag pointed at before, where that was something else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) moved_from: Option<Digest>,
    pub(super) uploaded: Blobs,
    pub(super) mounted: Blobs,
    pub(super) reused: Blobs,
    pub(super) seconds: f64,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// It was pushed.
    Pushed,
    /// It was there.
    Unchanged,
    /// It was written to a layout.
    Written,
}

impl Outcome {
    /// What a push was, by what its tag pointed at before; and that, where the tag has moved.
    pub(crate) fn of(before: &TagState) -> (Outcome, Option<Digest>) {
        match before {
            TagState::Same { .. } => (Outcome::Unchanged, None),
            TagState::Absent => (Outcome::Pushed, None),
            TagState::Other { digest } => (Outcome::Pushed, Some(*digest)),
        }
    }
}

/// Some blobs.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Blobs {
    pub(crate) blobs: u64,
    pub(crate) bytes: u64,
}

impl Report {
    /// Of a push.
    pub(super) fn of(pushed: &Pushed, reference: &Reference, elapsed: Duration) -> Report {
        let (result, moved_from) = Outcome::of(&pushed.before);
        Report {
            result,
            reference: reference.to_string(),
            digest: pushed.digest,
            moved_from,
            uploaded: pushed.uploaded.into(),
            mounted: pushed.mounted.into(),
            reused: pushed.reused.into(),
            seconds: elapsed.as_secs_f64(),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report {
            reference, digest, ..
        } = self;
        let elapsed = Elapsed(Duration::from_secs_f64(self.seconds));
        match self.result {
            Outcome::Unchanged => {
                write!(formatter, "{reference} is already this content ({digest})")
            }
            Outcome::Written => write!(
                formatter,
                "wrote {reference} ({digest}, {}) in {elapsed}",
                self.uploaded
            ),
            Outcome::Pushed => {
                write!(formatter, "pushed {reference}@{digest} (")?;
                write!(
                    formatter,
                    "{} new {}; ",
                    self.uploaded.blobs,
                    self.uploaded.rest()
                )?;
                if self.mounted.blobs > 0 {
                    let Blobs { blobs, bytes } = self.mounted;
                    write!(formatter, "{blobs} mounted, {}; ", Bytes(bytes))?;
                }
                let Blobs { blobs, bytes } = self.reused;
                write!(formatter, "{blobs} reused, {}) in {elapsed}", Bytes(bytes))?;
                match self.moved_from {
                    Some(before) => write!(formatter, ", in place of {before}"),
                    None => Ok(()),
                }
            }
        }
    }
}

impl Blobs {
    /// Counts one more.
    pub(crate) fn add(&mut self, blob: &Descriptor) {
        self.blobs += 1;
        self.bytes += blob.size;
    }

    /// `blobs, 1.2 MB`.
    fn rest(self) -> String {
        let noun = if self.blobs == 1 { "blob" } else { "blobs" };
        format!("{noun}, {}", Bytes(self.bytes))
    }
}

impl fmt::Display for Blobs {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.blobs, self.rest())
    }
}

impl From<Tally> for Blobs {
    fn from(Tally { blobs, bytes }: Tally) -> Blobs {
        Blobs { blobs, bytes }
    }
}
