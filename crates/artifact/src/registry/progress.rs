//! What a push tells of its progress, for bars and logs.

use std::fmt;
use std::sync::Arc;

use crate::descriptor::Descriptor;
use crate::digest::Digest;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A blob is looked at; what it costs is not known yet.
    BlobStarted(Descriptor),
    /// So many more bytes of a blob are on their way.
    Bytes {
        /// Of which blob.
        digest: Digest,
        /// How many.
        count: u64,
    },
    /// An upload failed and begins again: the bytes reported for it do not count.
    BlobRestarted(Digest),
    /// The registry has a blob.
    BlobDone {
        /// Which.
        digest: Digest,
        /// Since when.
        how: Placed,
    },
}

/// How a blob came to be in a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placed {
    /// It was there.
    Reused,
    /// Another repository of the registry had it.
    Mounted,
    /// It was sent.
    Uploaded,
}

/// Who is told.
#[derive(Clone)]
pub struct Progress(Arc<dyn Fn(Event) + Send + Sync>);

impl Progress {
    /// Tells `observer`, from any thread.
    pub fn new(observer: impl Fn(Event) + Send + Sync + 'static) -> Progress {
        Progress(Arc::new(observer))
    }

    /// Tells nobody.
    #[must_use]
    pub fn silent() -> Progress {
        Progress::new(|_| {})
    }

    pub(super) fn tell(&self, event: Event) {
        (self.0)(event);
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Progress")
    }
}
