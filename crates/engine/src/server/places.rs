//! How many connections there may be: each has a place, and while all are taken the next waits at the listener.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The places of a listener.
pub(super) struct Places {
    free: Arc<Semaphore>,
    all: u32,
    /// Whether it was told that there are too few.
    warned: bool,
}

/// The place of a connection, free again when this is dropped.
pub(super) struct Place(#[expect(dead_code, reason = "held for its `Drop`")] OwnedSemaphorePermit);

impl Places {
    /// So many places; at least one.
    pub(super) fn new(most: u32) -> Places {
        let all = most.clamp(1, u32::try_from(Semaphore::MAX_PERMITS).unwrap_or(u32::MAX));
        Places {
            free: Arc::new(Semaphore::new(all as usize)),
            all,
            warned: false,
        }
    }

    /// A place, as soon as there is one. The first time that there is none is told.
    pub(super) async fn take(&mut self) -> Place {
        if let Some(place) = self.try_take() {
            return place;
        }
        if !self.warned {
            self.warned = true;
            tracing::warn!(
                "all {} connections are taken, so further clients wait: see `--max-connections`",
                self.all
            );
        }
        let permit = Arc::clone(&self.free).acquire_owned().await;
        Place(permit.expect("the semaphore is never closed"))
    }

    /// A place if one is free.
    pub(super) fn try_take(&self) -> Option<Place> {
        Arc::clone(&self.free).try_acquire_owned().ok().map(Place)
    }

    /// How many are taken.
    pub(super) fn taken(&self) -> usize {
        (self.all as usize).saturating_sub(self.free.available_permits())
    }

    /// Resolves when none is taken.
    pub(super) async fn all_free(&self) {
        let all = self.free.acquire_many(self.all).await;
        drop(all.expect("the semaphore is never closed"));
    }
}
