//! Advances the epoch while something runs, so that endless loops yield, and sleeps otherwise.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, Thread};
use std::time::Duration;

use wasmtime::Engine;

/// How long a guest may compute before it yields to other requests.
const TICK: Duration = Duration::from_millis(10);

/// The thread that advances the epoch.
pub(super) struct Ticker {
    running: Arc<AtomicUsize>,
    thread: Thread,
}

/// Something that runs; the epoch advances while one exists.
pub(super) struct Running(Arc<AtomicUsize>);

impl Ticker {
    /// Starts the thread. It ends with the last clone of `engine`.
    pub(super) fn start(engine: &Engine) -> std::io::Result<Ticker> {
        let running = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&running);
        let weak = engine.weak();
        let handle = thread::Builder::new().name("epoch".into()).spawn(move || {
            while let Some(engine) = weak.upgrade() {
                engine.increment_epoch();
                drop(engine);
                if counter.load(Ordering::Acquire) == 0 {
                    thread::park();
                } else {
                    thread::sleep(TICK);
                }
            }
        })?;
        Ok(Ticker {
            running,
            thread: handle.thread().clone(),
        })
    }

    /// Marks one more request as running.
    pub(super) fn enter(&self) -> Running {
        if self.running.fetch_add(1, Ordering::AcqRel) == 0 {
            self.thread.unpark();
        }
        Running(Arc::clone(&self.running))
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.thread.unpark();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}
