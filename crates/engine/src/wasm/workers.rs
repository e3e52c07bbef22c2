//! The threads on which instances run, so that a page that computes delays no connection. They start with the first request that needs them, or when they are told to.

use std::io;
use std::sync::OnceLock;

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

use super::call::CallError;
use crate::processors::processors;

/// The threads, as many as there are processors. What runs on them may wait for files.
#[derive(Default)]
pub(super) struct Workers(OnceLock<io::Result<Runtime>>);

/// Work on another thread, stopped when this is dropped.
struct Work<T>(JoinHandle<T>);

impl Workers {
    /// Starts the threads. Where they cannot start, the first request says so.
    pub(super) fn start(&self) {
        let _ = self.0.get_or_init(start);
    }

    /// Runs `work` on the threads. When this is dropped before it is done, the work is stopped.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, CallError>> + Send + 'static,
    ) -> Result<T, CallError> {
        let runtime = match self.0.get_or_init(start) {
            Ok(runtime) => runtime,
            Err(error) => {
                let reason = format!("failed to start the threads of instances: {error}");
                return Err(CallError::Failed(reason));
            }
        };
        let mut work = Work(runtime.spawn(work));
        match (&mut work.0).await {
            Ok(result) => result,
            Err(error) => Err(CallError::Failed(error.to_string())),
        }
    }
}

fn start() -> io::Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(processors())
        .thread_name("instances")
        .enable_all()
        .build()
}

impl Drop for Workers {
    fn drop(&mut self) {
        // The last release may be dropped by one of the threads, which cannot wait for itself.
        if let Some(Ok(runtime)) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl<T> Drop for Work<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
