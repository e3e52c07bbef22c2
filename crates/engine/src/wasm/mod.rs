//! wasmtime: compiles or loads components, links them to what the engine offers, and runs one instance per request.

mod call;
mod code;
mod config;
mod guest;
mod host;
mod instance;
mod outbound;
mod output;
mod stream;
mod ticker;
mod variables;
mod workers;

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use wasmtime::Engine;
use wasmtime::component::Component;
use wasmtime_wasi_http::p2::bindings::ProxyPre;

use crate::admission::Admission;
use crate::limits::Limits;
use crate::native::{self, EngineKey, LoadError, NativeFile, Target};
use crate::outbound_hosts::AllowedHosts;
use crate::variables::Variables;

pub(crate) use call::CallError;
pub use code::{Code, Promise};
use guest::Guest;
use host::Host;
use ticker::Ticker;
use workers::Workers;

/// The engine's part that knows wasmtime. One per process.
pub struct Wasm {
    /// Allocates instances on demand. It is there at once, for the first code of a start.
    early: Host,
    /// Takes instances from a pool, which makes each cheaper, and takes too long to set up for a start.
    pool: OnceLock<Host>,
    key: EngineKey,
    ticker: Ticker,
    workers: Workers,
    pub(crate) admission: Admission,
    pub(crate) limits: Limits,
}

/// A compiled component, linked and ready to be instantiated. Cheap to clone.
#[derive(Clone)]
pub struct Module(ProxyPre<Guest>);

/// A component of an application with all that its instances need.
pub(crate) struct Runnable {
    pub(crate) id: Arc<str>,
    pub(crate) code: Code,
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) variables: Variables,
    pub(crate) allowed_hosts: AllowedHosts,
    /// The folder that the component sees as `/`.
    pub(crate) files: Option<PathBuf>,
    /// Whether it is one of bart's own.
    pub(crate) is_bundled: bool,
}

/// Why wasmtime cannot start.
#[derive(Debug, thiserror::Error)]
#[error("failed to start the Wasm engine")]
pub struct WasmError(#[source] Box<dyn std::error::Error + Send + Sync>);

/// Why a component cannot run here.
#[derive(Debug, thiserror::Error)]
pub enum ModuleError {
    /// The bytes are no component, or use features that wasmtime does not have.
    #[error("it is not a Wasm component: {0}")]
    Invalid(String),
    /// It imports an interface that bart does not offer, such as `fermyon:spin/sqlite`.
    #[error("it imports `{0}`, which bart does not offer")]
    Import(String),
    /// It exports no `wasi:http/incoming-handler@0.2`.
    #[error("it does not export `wasi:http/incoming-handler@0.2`{0}")]
    NoHandler(&'static str),
}

impl Wasm {
    /// Starts wasmtime. Its pool of `limits.instances()` slots is made with the first code that is to stay.
    ///
    /// # Errors
    ///
    /// When wasmtime does not support this machine.
    pub fn new(limits: Limits) -> Result<Wasm, WasmError> {
        let target = Target::here();
        let engine = on_demand(target).map_err(|error| WasmError(error.into()))?;
        let ticker = Ticker::default();
        ticker.add(&engine);
        Ok(Wasm {
            key: EngineKey::of(&engine, target),
            early: Host::new(engine),
            pool: OnceLock::new(),
            ticker,
            workers: Workers::default(),
            admission: Admission::new(&limits),
            limits,
        })
    }

    fn pool(&self) -> &Host {
        self.pool.get_or_init(|| {
            let engine = Engine::new(&config::pooled(Target::here(), &self.limits))
                .inspect(|engine| self.ticker.add(engine))
                .unwrap_or_else(|error| {
                    tracing::warn!(
                        "no room for a pool of instances, so each is allocated on demand: {error:#}"
                    );
                    self.early.engine.clone()
                });
            Host::new(engine)
        })
    }

    /// Compiles a component and links it.
    ///
    /// # Errors
    ///
    /// When the bytes are no component, or one that needs what bart does not offer.
    pub fn compile(&self, wasm: &[u8]) -> Result<Module, ModuleError> {
        let host = self.pool();
        let component =
            Component::new(&host.engine, wasm).map_err(|error| ModuleError::invalid(&error))?;
        host.link(&component)
    }

    /// Makes what otherwise the first component to be linked and the first request do.
    pub fn warm_up(&self) {
        self.early.linker();
        self.workers.start();
    }

    /// What native code depends on that this can load.
    #[must_use]
    pub fn key(&self) -> &EngineKey {
        &self.key
    }

    /// Maps a component that was compiled before, links it, and looks through the rest of its code.
    ///
    /// # Errors
    ///
    /// [`LoadError::Unusable`] when the component needs what bart does not offer. Otherwise the code is damaged, or for another machine or
    /// version, and the component must be compiled.
    pub fn load(&self, file: &NativeFile) -> Result<Module, LoadError> {
        load(self.pool(), file)
    }

    /// [`Wasm::load`] without the pool, for the requests of the first milliseconds: each instance takes longer.
    ///
    /// # Errors
    ///
    /// The same.
    pub fn load_early(&self, file: &NativeFile) -> Result<Module, LoadError> {
        load(&self.early, file)
    }
}

fn load(host: &Host, file: &NativeFile) -> Result<Module, LoadError> {
    let component = file.map(&host.engine)?;
    let module = host.link(&component);
    // Nothing has run yet.
    file.check()?;
    Ok(module?)
}

impl Module {
    /// Its native code as a file for [`Wasm::load`].
    ///
    /// # Errors
    ///
    /// When wasmtime cannot write it out.
    pub fn native_code(&self) -> Result<Vec<u8>, ModuleError> {
        let code = self.0.instance_pre().component().serialize();
        code.map(native::seal)
            .map_err(|error| ModuleError::invalid(&error))
    }
}

impl ModuleError {
    pub(crate) fn invalid(error: &wasmtime::Error) -> ModuleError {
        ModuleError::Invalid(error.root_cause().to_string())
    }
}

/// An engine that needs no preparation: to compile with, or for a few instances.
pub(crate) fn on_demand(target: Target) -> wasmtime::Result<Engine> {
    Engine::new(&config::on_demand(target))
}
