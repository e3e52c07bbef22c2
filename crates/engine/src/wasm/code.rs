//! The code of a component: there from the beginning, or made when it is first needed, so that a site answers before all of it is loaded.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::sync::Notify;

use super::Module;

/// The code of a component, or in one line why it cannot run. Clones are the same.
#[derive(Clone)]
pub struct Code(Arc<Lazy>);

/// Of who has begun to make code: as long as it is there, nobody else begins to.
pub struct Promise(Code);

struct Lazy {
    made: OnceLock<Made>,
    make: Mutex<Option<Make>>,
    /// [`OPEN`], [`BEGUN`] or [`ENDED`].
    state: AtomicU8,
    /// Tells those who wait that the state has changed.
    changed: Notify,
}

/// Nobody makes the code yet.
const OPEN: u8 = 0;
/// Somebody makes it.
const BEGUN: u8 = 1;
/// It is there, or to make it has panicked.
const ENDED: u8 = 2;

type Made = Result<Module, Arc<str>>;
type Make = Box<dyn FnOnce() -> Result<Module, String> + Send>;

impl Code {
    /// Code that is there.
    #[must_use]
    pub fn ready(module: Result<Module, String>) -> Code {
        let code = Code::new(ENDED, None);
        code.0.set(module);
        code
    }

    /// Code that `make` loads or compiles, once. It may take seconds.
    #[must_use]
    pub fn lazy(make: impl FnOnce() -> Result<Module, String> + Send + 'static) -> Code {
        Code::new(OPEN, Some(Box::new(make)))
    }

    /// Code that the caller is making already. Should it give up, `make` does it like that of [`Code::lazy`].
    #[must_use]
    pub fn promised(
        make: impl FnOnce() -> Result<Module, String> + Send + 'static,
    ) -> (Code, Promise) {
        let code = Code::new(BEGUN, Some(Box::new(make)));
        (code.clone(), Promise(code))
    }

    fn new(state: u8, make: Option<Make>) -> Code {
        Code(Arc::new(Lazy {
            made: OnceLock::new(),
            make: Mutex::new(make),
            state: AtomicU8::new(state),
            changed: Notify::new(),
        }))
    }

    /// Why the component cannot run, if that is known.
    pub(crate) fn failure(&self) -> Option<&Arc<str>> {
        self.0.made.get()?.as_ref().err()
    }

    /// The code, made on a thread where that holds up nobody else. Is to be awaited on a runtime.
    ///
    /// # Errors
    ///
    /// Why the component cannot run.
    pub async fn get(&self) -> Result<&Module, Arc<str>> {
        let lazy = &*self.0;
        loop {
            // Before the look at the state, so that no change comes between them unnoticed.
            let changed = lazy.changed.notified();
            match lazy.change(OPEN, BEGUN) {
                Ok(_) => {
                    let code = self.clone();
                    tokio::task::spawn_blocking(move || code.0.make());
                }
                Err(ENDED) => break,
                Err(_) => {}
            }
            changed.await;
        }
        match lazy.made.get() {
            Some(made) => made.as_ref().map_err(Arc::clone),
            None => Err(Arc::from("cannot run: bart panicked as it made its code")),
        }
    }
}

impl Lazy {
    fn change(&self, from: u8, to: u8) -> Result<u8, u8> {
        let ordering = (Ordering::AcqRel, Ordering::Acquire);
        self.state
            .compare_exchange(from, to, ordering.0, ordering.1)
    }

    /// To be called once, by who has changed the state to [`BEGUN`].
    fn make(&self) {
        let _ended = Ended(self);
        if let Some(make) = self.take() {
            self.set(make());
        }
    }

    fn take(&self) -> Option<Make> {
        let mut make = self.make.lock().unwrap_or_else(PoisonError::into_inner);
        make.take()
    }

    fn set(&self, module: Result<Module, String>) {
        self.made.get_or_init(|| module.map_err(Arc::from));
    }
}

impl Promise {
    /// The code, which now is there for all.
    pub fn keep(self, module: Result<Module, String>) {
        let _ended = Ended(&self.0.0);
        self.0.0.set(module);
        // What it holds is not needed any more.
        drop(self.0.0.take());
    }
}

/// If it was not kept, others make the code when they need it.
impl Drop for Promise {
    fn drop(&mut self) {
        if self.0.0.change(BEGUN, OPEN).is_ok() {
            self.0.0.changed.notify_waiters();
        }
    }
}

/// Says so when it is dropped, also by a panic.
struct Ended<'a>(&'a Lazy);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.state.store(ENDED, Ordering::Release);
        self.0.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Waker};

    use tokio::runtime::{Builder, Runtime};

    use super::*;

    fn runtime() -> Runtime {
        Builder::new_multi_thread().build().unwrap()
    }

    fn reason(result: Result<&Module, Arc<str>>) -> String {
        result.err().unwrap().to_string()
    }

    #[test]
    fn code_whose_making_panics_keeps_nobody_waiting() {
        let code = Code::lazy(|| panic!("as it should"));
        let waiting = [code.clone(), code.clone()];
        runtime().block_on(async {
            for code in waiting {
                assert!(reason(code.get().await).contains("panicked"));
            }
        });
    }

    #[test]
    fn code_that_is_promised_is_waited_for() {
        let (code, promise) = Code::promised(|| panic!("nobody else should make it"));
        let mut waiting = pin!(code.get());
        let mut nobody = Context::from_waker(Waker::noop());
        assert!(waiting.as_mut().poll(&mut nobody).is_pending());
        promise.keep(Err("kept".to_owned()));
        assert_eq!(reason(runtime().block_on(waiting)), "kept");
        assert_eq!(code.failure().map(Arc::as_ref), Some("kept"));
    }

    #[test]
    fn code_whose_promise_is_not_kept_is_made_by_who_needs_it() {
        let (code, promise) = Code::promised(|| Err("made".to_owned()));
        let mut waiting = pin!(code.get());
        let mut nobody = Context::from_waker(Waker::noop());
        assert!(waiting.as_mut().poll(&mut nobody).is_pending());
        drop(promise);
        assert_eq!(reason(runtime().block_on(waiting)), "made");
    }
}
