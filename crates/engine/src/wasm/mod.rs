//! wasmtime: compiles or loads components, links them to what the engine offers, and runs one instance per request.

mod call;
mod code;
mod config;
mod guest;
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
use wasmtime::component::{Component, Linker};
use wasmtime_wasi_http::p2::bindings::ProxyPre;

use crate::admission::Admission;
use crate::limits::Limits;
use crate::native::{self, EngineKey, LoadError, NativeFile, Target};
use crate::outbound_hosts::AllowedHosts;
use crate::variables::Variables;

pub(crate) use call::CallError;
pub use code::{Code, Promise};
use guest::Guest;
use ticker::Ticker;
use workers::Workers;

/// The engine's part that knows wasmtime. One per process.
pub struct Wasm {
    engine: Engine,
    key: EngineKey,
    /// What components can import, put together while the first of them is read.
    linker: OnceLock<Linker<Guest>>,
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
    /// Starts wasmtime with a pool of `limits.instances()` slots, or with instances on demand where the address space is too small.
    ///
    /// # Errors
    ///
    /// When wasmtime does not support this machine.
    pub fn new(limits: Limits) -> Result<Wasm, WasmError> {
        let target = Target::here();
        let engine = Engine::new(&config::pooled(target, &limits)).or_else(|error| {
            tracing::warn!(
                "no room for a pool of instances, so each is allocated on demand: {error:#}"
            );
            Engine::new(&config::on_demand(target))
        });
        let engine = engine.map_err(|error| WasmError(error.into()))?;
        let ticker = Ticker::new(&engine);
        Ok(Wasm {
            key: EngineKey::of(&engine, target),
            engine,
            linker: OnceLock::new(),
            ticker,
            workers: Workers::default(),
            admission: Admission::new(&limits),
            limits,
        })
    }

    /// Compiles a component and links it.
    ///
    /// # Errors
    ///
    /// When the bytes are no component, or one that needs what bart does not offer.
    pub fn compile(&self, wasm: &[u8]) -> Result<Module, ModuleError> {
        let component =
            Component::new(&self.engine, wasm).map_err(|error| ModuleError::invalid(&error))?;
        self.link(&component)
    }

    /// Makes what otherwise the first component to be linked and the first request do.
    pub fn warm_up(&self) {
        self.linker();
        self.workers.start();
    }

    fn linker(&self) -> &Linker<Guest> {
        let link = || link(&self.engine).expect("each interface is there once");
        self.linker.get_or_init(link)
    }

    /// What native code depends on that this can load.
    #[must_use]
    pub fn key(&self) -> &EngineKey {
        &self.key
    }

    /// Maps a component that was compiled before, links it, and looks through its code or waits for who does.
    ///
    /// # Errors
    ///
    /// [`LoadError::Unusable`] when the component needs what bart does not offer. Otherwise the code is damaged, or for another machine or
    /// version, and the component must be compiled.
    pub fn load(&self, file: &NativeFile) -> Result<Module, LoadError> {
        let component = file.map(&self.engine)?;
        let module = self.link(&component);
        // Nothing has run yet.
        file.check()?;
        Ok(module?)
    }

    fn link(&self, component: &Component) -> Result<Module, ModuleError> {
        let handler = self.exports(component, |name| {
            name.starts_with("wasi:http/incoming-handler@0.2")
        });
        if !handler {
            let old = self.exports(component, |name| {
                name.starts_with("fermyon:spin/inbound-http")
            });
            return Err(ModuleError::NoHandler(if old {
                " but the older `fermyon:spin/inbound-http`"
            } else {
                ""
            }));
        }
        let instance = self
            .linker()
            .instantiate_pre(component)
            .map_err(|error| ModuleError::Import(missing_import(&error)))?;
        let proxy = ProxyPre::new(instance).map_err(|error| ModuleError::invalid(&error))?;
        Ok(Module(proxy))
    }

    fn exports(&self, component: &Component, is_wanted: impl Fn(&str) -> bool) -> bool {
        component
            .component_type()
            .exports(&self.engine)
            .any(|(name, _)| is_wanted(name))
    }
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

/// An engine to compile with, which has room for no instances.
pub(crate) fn compiling(target: Target) -> wasmtime::Result<Engine> {
    Engine::new(&config::on_demand(target))
}

fn link(engine: &Engine) -> wasmtime::Result<Linker<Guest>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    variables::add_to_linker(&mut linker)?;
    Ok(linker)
}

/// The interface that an error of the linker names between its first backticks, or the whole error.
fn missing_import(error: &wasmtime::Error) -> String {
    let text = format!("{error:#}");
    match text.split('`').nth(1) {
        Some(name) => name.to_owned(),
        None => text,
    }
}
