//! The code of a component: there from the beginning, or made when it is first needed, so that a site answers before all of it is loaded.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::{BoxFuture, FutureExt, Shared};
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;

use super::Module;

/// The code of a component, or in one line why it cannot run. Clones are the same.
#[derive(Clone)]
pub struct Code {
    /// What to run until there is `made`.
    early: Arc<Mutex<Option<Early>>>,
    made: Shared<BoxFuture<'static, Made>>,
}

/// Of who makes code for the first requests: while it is there, they wait for that.
pub struct Promise(oneshot::Sender<Made>);

/// Code for the first requests, unless who makes it has given up.
type Early = Shared<BoxFuture<'static, Option<Made>>>;

type Made = Result<Module, Arc<str>>;

impl Code {
    /// Code that is there.
    #[must_use]
    pub fn ready(module: Result<Module, String>) -> Code {
        let made = module.map_err(Arc::from);
        let code = Code::new(async { made }, None);
        // So that nobody has to wait to hear of a failure.
        let _ = code.made.clone().now_or_never();
        code
    }

    /// Code that `make` loads or compiles, once. It may take seconds.
    #[must_use]
    pub fn lazy(make: impl FnOnce() -> Result<Module, String> + Send + 'static) -> Code {
        Code::new(elsewhere(make), None)
    }

    /// Like [`Code::lazy`], but until then there is what the caller is making already, unless it gives up.
    #[must_use]
    pub fn promised(
        make: impl FnOnce() -> Result<Module, String> + Send + 'static,
    ) -> (Code, Promise) {
        let (promise, promised) = oneshot::channel();
        let early = async { promised.await.ok() };
        let code = Code::new(elsewhere(make), Some(early.boxed().shared()));
        (code, Promise(promise))
    }

    fn new(made: impl Future<Output = Made> + Send + 'static, early: Option<Early>) -> Code {
        Code {
            early: Arc::new(Mutex::new(early)),
            made: made.boxed().shared(),
        }
    }

    /// Why the component cannot run, if somebody has heard of it.
    pub(crate) fn failure(&self) -> Option<Arc<str>> {
        if let Some(made) = self.made.peek() {
            return made.as_ref().err().cloned();
        }
        let early = self.early();
        let made = early.as_ref()?.peek()?.as_ref()?;
        made.as_ref().err().cloned()
    }

    /// Code to run now. Is to be awaited on a runtime.
    ///
    /// # Errors
    ///
    /// Why the component cannot run.
    pub async fn get(&self) -> Made {
        if let Some(made) = self.made.peek() {
            return made.clone();
        }
        let early = self.early().clone();
        if let Some(early) = early
            && let Some(made) = early.await
        {
            return made;
        }
        self.settle().await
    }

    /// The code to stay with, made on a thread where that holds up nobody else. Is to be awaited on a runtime.
    ///
    /// # Errors
    ///
    /// Why the component cannot run.
    pub async fn settle(&self) -> Made {
        let made = self.made.clone().await;
        *self.early() = None;
        made
    }

    fn early(&self) -> MutexGuard<'_, Option<Early>> {
        self.early.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Promise {
    /// The code, which now is there for all.
    pub fn keep(self, module: Result<Module, String>) {
        // Nobody takes it where nobody can ask for it any more.
        let _ = self.0.send(module.map_err(Arc::from));
    }
}

async fn elsewhere(make: impl FnOnce() -> Result<Module, String> + Send + 'static) -> Made {
    match spawn_blocking(make).await {
        Ok(made) => made.map_err(Arc::from),
        Err(error) => Err(format!("cannot run: {error}").into()),
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

    fn reason(result: Made) -> String {
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
        assert_eq!(code.failure().as_deref(), Some("kept"));
    }

    #[test]
    fn what_was_promised_is_used_until_there_is_what_replaces_it() {
        let (code, promise) = Code::promised(|| Err("for good".to_owned()));
        promise.keep(Err("early".to_owned()));
        let (runtime, other) = (runtime(), code.clone());
        assert_eq!(reason(runtime.block_on(code.get())), "early");
        assert_eq!(reason(runtime.block_on(other.settle())), "for good");
        assert_eq!(reason(runtime.block_on(code.get())), "for good");
        assert_eq!(code.failure().as_deref(), Some("for good"));
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
