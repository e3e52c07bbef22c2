//! The pointer to the release that answers now.

use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::Notify;

use crate::release::Release;

/// Which release answers. Requests in flight keep the one they began with.
pub struct Current {
    release: RwLock<Option<Arc<Release>>>,
    replaced: Notify,
}

impl Current {
    /// Points to `release`.
    #[must_use]
    pub fn new(release: Release) -> Current {
        let current = Current::none();
        current.replace(release);
        current
    }

    /// Points to none yet: requests wait for one a little, and are then answered 503.
    #[must_use]
    pub fn none() -> Current {
        Current {
            release: RwLock::new(None),
            replaced: Notify::new(),
        }
    }

    /// The release for a request that begins now.
    #[must_use]
    pub fn load(&self) -> Option<Arc<Release>> {
        let current = self.release.read().unwrap_or_else(PoisonError::into_inner);
        current.as_ref().map(Arc::clone)
    }

    /// Lets requests that begin from now on be answered by `release`.
    pub fn replace(&self, release: Release) {
        let mut current = self.release.write().unwrap_or_else(PoisonError::into_inner);
        let old = current.replace(Arc::new(release));
        // Requests must not wait until what the old one keeps is removed.
        drop(current);
        drop(old);
        self.replaced.notify_waiters();
    }

    /// The same, as soon as there is one.
    pub(crate) async fn wait(&self) -> Arc<Release> {
        loop {
            // Made before the look, so that no release comes between them unnoticed.
            let replaced = self.replaced.notified();
            if let Some(release) = self.load() {
                return release;
            }
            replaced.await;
        }
    }
}
