//! A running instance: its task, its deadline, and whether it came to its end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use super::call::CallError;

/// A running instance. Dropping it stops it.
pub(super) struct Instance {
    task: Option<JoinHandle<Result<(), CallError>>>,
    pub(super) progress: Arc<Progress>,
}

/// What an instance and the reader of its response know of each other.
pub(super) struct Progress {
    /// When the instance must be done, unless its response streams.
    pub(super) deadline: Instant,
    period: Duration,
    streaming: AtomicBool,
    failed: AtomicBool,
}

/// Marks an instance as failed unless it came to its end: after an error, a trap, its deadline, or when it was stopped. To be dropped
/// before the store, since a body ends when its store is gone, and then looks complete.
pub(super) struct Unfinished<'a>(Option<&'a Progress>);

impl Instance {
    /// Runs `work` in a task of its own, for as long as `progress` allows: a handler that is awaited in place cannot send more than the
    /// buffers between it and its reader hold.
    pub(super) fn spawn(
        progress: Arc<Progress>,
        work: impl Future<Output = Result<(), CallError>> + Send + 'static,
    ) -> Instance {
        let limit = Arc::clone(&progress);
        let task = tokio::spawn(async move {
            tokio::select! {
                result = work => result,
                () = limit.expired() => Err(CallError::Timeout(limit.period)),
            }
        });
        Instance {
            task: Some(task),
            progress,
        }
    }

    /// Lets it go on with what it does after its response, until its deadline.
    pub(super) fn detach(mut self) {
        self.progress.streaming.store(false, Ordering::Release);
        self.task = None;
    }

    /// Waits for its end, which is near, and says why there is no response or only a part of one.
    pub(super) async fn failure(mut self) -> CallError {
        let Some(task) = self.task.take() else {
            return CallError::Failed("it was left alone".to_owned());
        };
        match task.await {
            Ok(Err(error)) => error,
            Ok(Ok(())) => CallError::Failed("it ended without a whole response".to_owned()),
            Err(error) => CallError::Failed(error.to_string()),
        }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

impl Progress {
    pub(super) fn new(period: Duration) -> Arc<Progress> {
        Arc::new(Progress {
            deadline: Instant::now() + period,
            period,
            streaming: AtomicBool::new(false),
            failed: AtomicBool::new(false),
        })
    }

    /// From now on the reader of the response decides how long it takes.
    pub(super) fn stream(&self) {
        self.streaming.store(true, Ordering::Release);
    }

    /// Whether the instance ended before its time.
    pub(super) fn failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    /// A guard for the time that the instance runs.
    pub(super) fn begin(&self) -> Unfinished<'_> {
        Unfinished(Some(self))
    }

    /// Resolves when the time is over and nobody reads a stream.
    async fn expired(&self) {
        let mut at = self.deadline;
        loop {
            sleep_until(at).await;
            if !self.streaming.load(Ordering::Acquire) {
                return;
            }
            at = Instant::now() + self.period;
        }
    }
}

impl Unfinished<'_> {
    /// The instance came to its end.
    pub(super) fn finish(mut self) {
        self.0 = None;
    }
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        if let Some(progress) = self.0 {
            progress.failed.store(true, Ordering::Release);
        }
    }
}
