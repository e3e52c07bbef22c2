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
        let _told = Told(done);
        LazyLock::force(made).as_ref().map_err(Arc::clone)
    }

    /// The code, made where it holds up nobody else. Is to be awaited on a runtime.
    ///
    /// # Errors
    ///
    /// Why the component cannot run.
    pub async fn get(&self) -> Result<&Module, Arc<str>> {
        let Lazy { made, begun, done } = &*self.0;
        if LazyLock::get(made).is_none() {
            // Made before the second look, so that the end does not come between them unnoticed.
            let notified = done.notified();
            if LazyLock::get(made).is_none() {
                if !begun.swap(true, Ordering::AcqRel) {
                    let code = self.clone();
                    tokio::task::spawn_blocking(move || {
                        let _ = code.wait();
                    });
                }
                notified.await;
            }
        }
        // It is there, or what was to make it has panicked, which shows again here.
        LazyLock::force(made).as_ref().map_err(Arc::clone)
    }
}

/// Tells those who wait when it is dropped, also by a panic.
struct Told<'a>(&'a Notify);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        self.0.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use tokio::runtime::Builder;

    use super::*;

    #[test]
    fn code_whose_making_panics_keeps_nobody_waiting() {
        let runtime = Builder::new_multi_thread().build().unwrap();
        let code = Code::lazy(|| panic!("as it should"));
        let waiting = [code.clone(), code.clone()].map(|code| {
            runtime.spawn(async move {
                let _ = code.get().await;
            })
        });
        for waits in waiting {
            assert!(runtime.block_on(waits).unwrap_err().is_panic());
        }
    }
}
