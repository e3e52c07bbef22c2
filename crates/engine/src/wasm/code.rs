//! The code of a component: there from the beginning, or made when it is first needed, so that a site answers before all of it is loaded.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use tokio::sync::Notify;

use super::Module;

/// The code of a component, or in one line why it cannot run. Clones are the same.
#[derive(Clone)]
pub struct Code(Arc<Lazy>);

struct Lazy {
    made: LazyLock<Made, Box<dyn FnOnce() -> Made + Send>>,
    /// Whether somebody makes it or has made it.
    begun: AtomicBool,
    /// Tells those who wait without holding up a thread.
    done: Notify,
}

type Made = Result<Module, Arc<str>>;

impl Code {
    /// Code that is there.
    #[must_use]
    pub fn ready(module: Result<Module, String>) -> Code {
        let code = Code::lazy(move || module);
        let _ = code.wait();
        code
    }

    /// Code that `make` loads or compiles, once. It may take seconds.
    #[must_use]
    pub fn lazy(make: impl FnOnce() -> Result<Module, String> + Send + 'static) -> Code {
        Code(Arc::new(Lazy {
            made: LazyLock::new(Box::new(|| make().map_err(Arc::from))),
            begun: AtomicBool::new(false),
            done: Notify::new(),
        }))
    }

    /// Why the component cannot run, if that is known.
    pub(crate) fn failure(&self) -> Option<&Arc<str>> {
        LazyLock::get(&self.0.made)?.as_ref().err()
    }

    /// The code; makes it first, and holds up the thread meanwhile.
    ///
    /// # Errors
    ///
    /// Why the component cannot run.
    pub fn wait(&self) -> Result<&Module, Arc<str>> {
        let Lazy { made, begun, done } = &*self.0;
        begun.store(true, Ordering::Release);
        let made = LazyLock::force(made);
        done.notify_waiters();
        made.as_ref().map_err(Arc::clone)
    }

    /// The code, made where it holds up nobody else. Is to be awaited on a runtime.
    ///
    /// # Errors
    ///
    /// Why the component cannot run.
    pub async fn get(&self) -> Result<&Module, Arc<str>> {
        let Lazy { made, begun, done } = &*self.0;
        loop {
            // Made before the look, so that the end does not come between them unnoticed.
            let notified = done.notified();
            if let Some(made) = LazyLock::get(made) {
                return made.as_ref().map_err(Arc::clone);
            }
            if !begun.swap(true, Ordering::AcqRel) {
                let code = self.clone();
                tokio::task::spawn_blocking(move || {
                    let _ = code.wait();
                });
            }
            notified.await;
        }
    }
}
