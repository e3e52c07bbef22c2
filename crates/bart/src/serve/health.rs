//! Whether the site is there: what `/readyz` answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use engine::{CacheUsage, Current};

/// The longest time that the site may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The health of a site.
pub(super) struct Health {
    current: Arc<Current>,
    /// The path that is asked.
    path: String,
    stopping: AtomicBool,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    Ready,
    /// Not, and why.
    NotReady(String),
}

impl Health {
    pub(super) fn new(current: Arc<Current>, path: String) -> Health {
        Health {
            current,
            path,
            stopping: AtomicBool::new(false),
        }
    }

    /// From now on the site is not ready.
    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// How many instances of components run.
    pub(super) fn running_instances(&self) -> usize {
        self.current
            .load()
            .map_or(0, |release| release.running_instances())
    }

    /// What the stored responses take.
    pub(super) fn cache_usage(&self) -> Option<CacheUsage> {
        self.current.load()?.cache_usage()
    }

    /// Asks the site.
    pub(super) async fn find(&self) -> Finding {
        let not = |reason: String| Finding::NotReady(reason);
        if self.stopping.load(Ordering::Relaxed) {
            return not("it is stopping".to_owned());
        }
        let Some(release) = self.current.load() else {
            return not("the release is not here yet".to_owned());
        };
        match tokio::time::timeout(PATIENCE, release.probe(&self.path)).await {
            Ok(status) if status.as_u16() < 500 => Finding::Ready,
            Ok(status) => not(format!("`{}` is answered {status}", self.path)),
            Err(_) => not(format!("`{}` takes too long", self.path)),
        }
    }
}
