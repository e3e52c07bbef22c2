//! Advances the epoch while something runs, so that endless loops yield, and sleeps otherwise.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::{self, Thread};
use std::time::Duration;

use wasmtime::{Engine, EngineWeak};

/// How long a guest may compute before it yields to other requests.
const TICK: Duration = Duration::from_millis(10);

/// The thread that advances the epoch, started by the first request that needs it.
pub(super) struct Ticker {
    engine: EngineWeak,
    running: Arc<AtomicUsize>,
    thread: OnceLock<io::Result<Thread>>,
}

/// Something that runs; the epoch advances while one exists.
pub(super) struct Running(Arc<AtomicUsize>);

impl Ticker {
    /// A ticker of `engine`, at rest. Its thread ends with the last clone of `engine`.
    pub(super) fn new(engine: &Engine) -> Ticker {
        Ticker {
            engine: engine.weak(),
            running: Arc::default(),
            thread: OnceLock::new(),
        }
    }

    /// Marks one more request as running.
    ///
    /// # Errors
    ///
    /// When the system has no room for the thread: what runs could not be ended.
    pub(super) fn enter(&self) -> wasmtime::Result<Running> {
        let is_first = self.running.fetch_add(1, Ordering::AcqRel) == 0;
        let running = Running(Arc::clone(&self.running));
        let start = || start(self.engine.clone(), Arc::clone(&self.running));
        match self.thread.get_or_init(start) {
            Ok(thread) if is_first => thread.unpark(),
            Ok(_) => {}
            Err(error) => wasmtime::bail!("failed to start the clock of instances: {error}"),
        }
        Ok(running)
    }
}

fn start(engine: EngineWeak, running: Arc<AtomicUsize>) -> io::Result<Thread> {
    let tick = move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            if running.load(Ordering::Acquire) == 0 {
                thread::park();
            } else {
                thread::sleep(TICK);
            }
        }
    };
    let handle = thread::Builder::new().name("epoch".into()).spawn(tick)?;
    Ok(handle.thread().clone())
}

impl Drop for Ticker {
    fn drop(&mut self) {
        if let Some(Ok(thread)) = self.thread.get() {
            thread.unpark();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}
