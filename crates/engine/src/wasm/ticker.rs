//! Advances the epoch while something runs, so that endless loops yield, and sleeps otherwise.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{self, Thread};
use std::time::Duration;

use wasmtime::{Engine, EngineWeak};

/// How long a guest may compute before it yields to other requests.
const TICK: Duration = Duration::from_millis(10);

/// The thread that advances the epoch, started by the first request that needs it.
#[derive(Default)]
pub(super) struct Ticker {
    engines: Arc<Engines>,
    running: Arc<AtomicUsize>,
    thread: OnceLock<io::Result<Thread>>,
}

/// The engines whose epoch advances.
#[derive(Default)]
struct Engines(Mutex<Vec<EngineWeak>>);

/// Something that runs; the epoch advances while one exists.
pub(super) struct Running(Arc<AtomicUsize>);

impl Ticker {
    /// Advances the epoch of one more engine. The thread ends with the last clone of the last one.
    pub(super) fn add(&self, engine: &Engine) {
        self.engines.locked().push(engine.weak());
    }

    /// Marks one more request as running.
    ///
    /// # Errors
    ///
    /// When the system has no room for the thread: what runs could not be ended.
    pub(super) fn enter(&self) -> wasmtime::Result<Running> {
        let is_first = self.running.fetch_add(1, Ordering::AcqRel) == 0;
        let running = Running(Arc::clone(&self.running));
        let start = || start(Arc::clone(&self.engines), Arc::clone(&self.running));
        match self.thread.get_or_init(start) {
            Ok(thread) if is_first => thread.unpark(),
            Ok(_) => {}
            Err(error) => wasmtime::bail!("failed to start the clock of instances: {error}"),
        }
        Ok(running)
    }
}

impl Engines {
    /// Advances the epoch of all that still exist. Says whether there are any.
    fn advance(&self) -> bool {
        let engines = self.locked();
        let there = engines.iter().filter_map(EngineWeak::upgrade);
        there.inspect(Engine::increment_epoch).count() > 0
    }

    fn locked(&self) -> MutexGuard<'_, Vec<EngineWeak>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn start(engines: Arc<Engines>, running: Arc<AtomicUsize>) -> io::Result<Thread> {
    let tick = move || {
        while engines.advance() {
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
