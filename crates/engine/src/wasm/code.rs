//! The code of a component: there from the beginning, or made when it is first needed, so that a site answers before all of it is loaded.

use std::sync::{Arc, LazyLock};

use super::Module;

/// The code of a component, or in one line why it cannot run. Clones are the same.
#[derive(Clone)]
pub struct Code(Arc<Lazy>);

type Lazy =
    LazyLock<Result<Module, Arc<str>>, Box<dyn FnOnce() -> Result<Module, Arc<str>> + Send>>;

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
        Code(Arc::new(LazyLock::new(Box::new(|| {
            make().map_err(Arc::from)
        }))))
    }

    /// The code; makes it first, and holds up the thread meanwhile.
    ///
    /// # Errors
    ///
    /// Why the component cannot run.
    pub fn wait(&self) -> Result<&Module, Arc<str>> {
        LazyLock::force(&self.0).as_ref().map_err(Arc::clone)
    }

    /// The code, made where it holds up nobody else.
    pub(crate) async fn get(&self) -> Result<&Module, Arc<str>> {
        if LazyLock::get(&self.0).is_none() {
            let code = self.clone();
            // A failure of the thread shows again below.
            let _ = tokio::task::spawn_blocking(move || {
                let _ = code.wait();
            })
            .await;
        }
        self.wait()
    }
}
