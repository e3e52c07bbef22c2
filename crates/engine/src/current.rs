//! The pointer to the release that answers now.

use std::sync::{Arc, PoisonError, RwLock};

use crate::release::Release;

/// Which release answers. Requests in flight keep the one they began with.
pub struct Current(RwLock<Option<Arc<Release>>>);

impl Current {
    /// Points to `release`.
    #[must_use]
    pub fn new(release: Release) -> Current {
        Current(RwLock::new(Some(Arc::new(release))))
    }

    /// Points to none yet: requests are answered 503.
    #[must_use]
    pub const fn none() -> Current {
        Current(RwLock::new(None))
    }

    /// The release for a request that begins now.
    #[must_use]
    pub fn load(&self) -> Option<Arc<Release>> {
        let current = self.0.read().unwrap_or_else(PoisonError::into_inner);
        current.as_ref().map(Arc::clone)
    }

    /// Lets requests that begin from now on be answered by `release`.
    pub fn replace(&self, release: Release) {
        let mut current = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let old = current.replace(Arc::new(release));
        // Requests must not wait until what the old one keeps is removed.
        drop(current);
        drop(old);
    }
}
