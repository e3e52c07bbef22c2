//! From a release in the store to one that answers: the application read, its settings applied, its code to be loaded when it is needed.
//! The engine, and the code that nearly every site needs first, do not wait for the release.

use std::any::Any;
use std::collections::BTreeMap;
use std::env;
use std::sync::{Arc, mpsc};
use std::thread;

use anyhow::Context;
use artifact::Digest;
use artifact::store::StoredRelease;
use engine::app::{App, Component, Subject};
use engine::native::{Compiler, NativeFile};
use engine::outbound_hosts::AllowedHosts;
use engine::substitution::Bundled;
use engine::variables::{VariableError, Variables};
use engine::{Code, Limits, Module, ModuleError, Parts, Release, Wasm, WasmError};

use super::Serve;
use super::metrics::Metrics;
use super::store::Place;
use crate::bundled;
use crate::failure::{Failure, exit};
use crate::modules;
use crate::native::NativeCode;
use crate::settings::Configuration;

/// The component that makes the first page of nearly every site.
const FIRST: Bundled = Bundled::Renderer;

/// What a release is made ready with.
#[derive(Clone)]
pub(super) struct Activation {
    wasm: Arc<Wasm>,
    native: Arc<NativeCode>,
    configuration: Configuration,
    /// The code of [`FIRST`].
    first: Code,
}

/// What will be needed first, while another thread starts the engine, which then loads it.
pub(super) struct Preparing {
    native: Arc<NativeCode>,
    /// Where the thread waits for the file of [`FIRST`].
    file: mpsc::Sender<Arc<NativeFile>>,
    /// Where the engine comes from, and the code that it is going to load.
    engine: mpsc::Receiver<Result<(Arc<Wasm>, Code), WasmError>>,
}

impl Preparing {
    /// Begins. Code that is compiled is kept in the store of `place`.
    ///
    /// # Errors
    ///
    /// When the system has no room for the thread.
    pub(super) fn start(
        arguments: &Serve,
        place: &Place,
        metrics: &Metrics,
    ) -> Result<Preparing, Failure> {
        // Of a store in memory nothing is there at the next start.
        let store = (!place.is_in_memory()).then(|| place.store.clone());
        let native = Arc::new(arguments.native.with(store));
        let (started, engine) = mpsc::channel();
        let (file, opened) = mpsc::channel();
        let limits = arguments.limits.engine(arguments.response_cache);
        let loading = Loading {
            native: Arc::clone(&native),
            started,
            opened,
            metrics: metrics.clone(),
        };
        let thread = thread::Builder::new().name("code".to_owned());
        thread
            .spawn(move || loading.run(limits))
            .context("failed to start a thread")?;
        Ok(Preparing {
            native,
            file,
            engine,
        })
    }

    /// Looks through the code, which takes about as long as the engine takes to start, and waits for that.
    ///
    /// # Errors
    ///
    /// When wasmtime does not support this machine.
    pub(super) fn finish(self, arguments: &Serve) -> Result<Activation, Failure> {
        // What the code depends on is known without the engine.
        let compiler = Compiler::here().map_err(Failure::failed)?;
        let key = compiler.key().as_str();
        if let Some(file) = self.native.open(key, &bundled::digest(FIRST)) {
            let file = Arc::new(file);
            // Nobody takes it where wasmtime does not start.
            let _ = self.file.send(Arc::clone(&file));
            // Who loads it says what is wrong with it.
            let _ = file.check();
        }
        drop(self.file);
        let started = self.engine.recv().context("the engine has panicked")?;
        let (wasm, first) = started.map_err(Failure::failed)?;
        Ok(Activation {
            wasm,
            native: self.native,
            configuration: arguments.configuration.clone(),
            first,
        })
    }
}

/// What the thread has to start the engine and to load the code of [`FIRST`].
struct Loading {
    native: Arc<NativeCode>,
    /// Where the engine goes.
    started: mpsc::Sender<Result<(Arc<Wasm>, Code), WasmError>>,
    /// Where the file comes from, while it is looked through.
    opened: mpsc::Receiver<Arc<NativeFile>>,
    metrics: Metrics,
}

impl Loading {
    fn run(self, limits: Limits) {
        let wasm = match Wasm::new(limits) {
            Ok(wasm) => Arc::new(wasm),
            Err(error) => {
                let _ = self.started.send(Err(error));
                return;
            }
        };
        // If it is not there, it is compiled when it is needed.
        let (code, promise) = Code::promised({
            let (wasm, native) = (Arc::clone(&wasm), Arc::clone(&self.native));
            move || runnable(compile(&wasm, &native, FIRST), FIRST.name())
        });
        // Nobody takes it when bart ends already.
        let _ = self.started.send(Ok((Arc::clone(&wasm), code)));
        self.metrics.reached("engine");
        let file = self.opened.recv().ok();
        if let Some(module) = self.load(&wasm, file.as_deref()) {
            promise.keep(runnable(module, FIRST.name()));
            self.metrics.reached("code");
        }
        // What was looked through is given back only now, when nobody waits any more.
        drop(file);
    }

    fn load(&self, wasm: &Wasm, file: Option<&NativeFile>) -> Option<Result<Module, ModuleError>> {
        match wasm.load(file?) {
            Ok(module) => Some(Ok(module)),
            // Tells why, and looks elsewhere.
            Err(_) => self.native.load(wasm, &bundled::digest(FIRST)),
        }
    }
}

impl Activation {
    /// Starts what the first request needs, while its code is loaded.
    pub(super) fn warm_up(&self) {
        self.wasm.warm_up();
    }

    /// Makes a stored release ready. `keeps` is dropped with it.
    pub(super) fn release(
        &self,
        stored: &StoredRelease,
        keeps: Box<dyn Any + Send + Sync>,
    ) -> Result<Release, Failure> {
        let app = modules::application(stored)?;
        let settings = self.configuration.read(&app, env::vars_os())?;
        let variables = variables(&app)?;
        for unsupported in &app.unsupported {
            if matches!(unsupported.subject, Subject::Trigger { .. }) {
                tracing::warn!("{unsupported}; it is left out");
            }
        }
        let mut codes = Codes {
            activation: self,
            stored,
            known: BTreeMap::new(),
        };
        let mut parts = BTreeMap::new();
        for (place, component) in app.components.iter().enumerate() {
            let (code, is_bundled) = codes.of(&app, component)?;
            let made = Parts {
                code,
                environment: settings.environment(component),
                variables: variables
                    .expand_all(&component.variables)
                    .map_err(variable_failure)?,
                allowed_hosts: AllowedHosts::resolve(&component.allowed_outbound_hosts, &variables)
                    .map_err(Failure::usage)?,
                files: stored.mount(place),
                is_bundled,
            };
            parts.insert(component.id.clone(), made);
        }
        let release = Release::new(&self.wasm, &app, parts, keeps)
            .map_err(|error| Failure::failed(error).code(exit::NOT_AN_ARTIFACT))?;
        for remark in release.unreachable() {
            tracing::info!("{remark}");
        }
        Ok(release)
    }

    /// The code of one of bart's own components, loaded or compiled when it is needed.
    fn bundled(&self, bundled: Bundled) -> Code {
        if bundled == FIRST {
            return self.first.clone();
        }
        let Activation { wasm, native, .. } = self.clone();
        Code::lazy(move || {
            let loaded = native.load(&wasm, &bundled::digest(bundled));
            let module = loaded.unwrap_or_else(|| compile(&wasm, &native, bundled));
            runnable(module, bundled.name())
        })
    }
}

fn compile(wasm: &Wasm, native: &NativeCode, bundled: Bundled) -> Result<Module, ModuleError> {
    tracing::info!("compiling component `{bundled}`");
    native.compile(wasm, &bundled::digest(bundled), bundled::wasm(bundled))
}

fn variables(app: &App) -> Result<Variables, Failure> {
    let environment = env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    Variables::resolve(&app.variables, &environment).map_err(variable_failure)
}

fn variable_failure(error: VariableError) -> Failure {
    let hint = error.hint();
    Failure::usage(error).hint_if_any(hint)
}

/// The code of a release's components, each module once.
struct Codes<'a> {
    activation: &'a Activation,
    stored: &'a StoredRelease,
    known: BTreeMap<Digest, Code>,
}

impl Codes<'_> {
    /// The code of a component, and whether it is one of bart's own.
    fn of(&mut self, app: &App, component: &Component) -> Result<(Code, bool), Failure> {
        let id = &component.id;
        let wanted = match modules::code_of(app, component) {
            Ok(code) => code,
            Err(reason) => {
                tracing::warn!("component `{id}` {reason}; its routes answer 501");
                return Ok((Code::ready(Err(reason)), false));
            }
        };
        if let modules::Code::Bundled {
            substitution: Some(substitution),
            ..
        } = wanted
        {
            tracing::info!("component `{id}`: {substitution}");
        }
        let is_bundled = matches!(wanted, modules::Code::Bundled { .. });
        let digest = wanted.digest();
        if let Some(known) = self.known.get(&digest) {
            return Ok((known.clone(), is_bundled));
        }
        let code = match wanted {
            modules::Code::Bundled { bundled, .. } => self.activation.bundled(bundled),
            modules::Code::Carried(digest) => self.carried(&digest, id)?,
        };
        self.known.insert(digest, code.clone());
        Ok((code, is_bundled))
    }

    /// Of what bart does not carry, native code or Wasm is read now: a release that is damaged must not begin to answer.
    fn carried(&self, digest: &Digest, id: &str) -> Result<Code, Failure> {
        let activation = self.activation.clone();
        if let Some(loaded) = activation.native.load(&activation.wasm, digest) {
            return Ok(Code::ready(runnable(loaded, id)));
        }
        let bytes = modules::carried(self.stored, digest)?;
        let (digest, id) = (*digest, id.to_owned());
        Ok(Code::lazy(move || {
            tracing::info!("compiling component `{id}`, which this bart does not carry");
            let module = activation.native.compile(&activation.wasm, &digest, &bytes);
            runnable(module, &id)
        }))
    }
}

fn runnable(module: Result<Module, ModuleError>, id: &str) -> Result<Module, String> {
    module.map_err(|error| {
        tracing::warn!("component `{id}` cannot run: {error}; its routes answer 501");
        format!("cannot run: {error}")
    })
}
