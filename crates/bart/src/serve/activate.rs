//! From a release in the store to one that answers: the application read, its settings applied, its code to be loaded when it is needed.
//! The code that nearly every site needs first does not wait for the release.

use std::any::Any;
use std::collections::BTreeMap;
use std::env;
use std::sync::{Arc, Weak};
use std::thread;

use anyhow::Context;
use artifact::Digest;
use artifact::store::StoredRelease;
use engine::app::{App, Component, Subject};
use engine::native::NativeFile;
use engine::outbound_hosts::AllowedHosts;
use engine::substitution::Bundled;
use engine::variables::{VariableError, Variables};
use engine::{Code, Module, ModuleError, Parts, Release, Wasm};
use tokio::task::yield_now;

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
    /// Its file, until it is loaded for good.
    file: Weak<NativeFile>,
}

impl Activation {
    /// Starts the engine, and a thread that loads the code of [`FIRST`], if it is there. Code that is compiled is kept in the store of `place`.
    ///
    /// # Errors
    ///
    /// When wasmtime does not support this machine, or the system has no room for the thread.
    pub(super) fn start(
        arguments: &Serve,
        place: &Place,
        metrics: &Metrics,
    ) -> Result<Activation, Failure> {
        let limits = arguments.limits.engine(arguments.response_cache);
        let wasm = Arc::new(Wasm::new(limits).map_err(Failure::failed)?);
        metrics.reached("engine");
        // Of a store in memory nothing is there at the next start.
        let store = (!place.is_in_memory()).then(|| place.store.clone());
        let native = Arc::new(arguments.native.with(store));
        let file = native
            .open(wasm.key().as_str(), &bundled::digest(FIRST))
            .map(Arc::new);
        let (first, promise) = Code::promised({
            let (wasm, native, file) = (Arc::clone(&wasm), Arc::clone(&native), file.clone());
            move || {
                // It was looked through for the early code. What is missing or damaged is told, and compiled.
                let loaded = file.and_then(|file| wasm.load(&file).ok());
                loaded.map_or_else(|| load_or_compile(&wasm, &native, FIRST), Ok)
            }
        });
        let opened = file.as_ref().map(Arc::downgrade).unwrap_or_default();
        if let Some(file) = file {
            let (wasm, metrics) = (Arc::clone(&wasm), metrics.clone());
            let load = move || {
                if let Ok(module) = wasm.load_early(&file) {
                    promise.keep(Ok(module));
                    metrics.reached("code");
                }
            };
            let thread = thread::Builder::new().name("code".to_owned());
            thread.spawn(load).context("failed to start a thread")?;
        }
        Ok(Activation {
            wasm,
            native,
            configuration: arguments.configuration.clone(),
            first,
            file: opened,
        })
    }

    /// Starts what the first request needs, while its code is loaded, and helps to look through that, in turn with what connections need.
    pub(super) async fn warm_up(&self) {
        self.wasm.warm_up();
        while self.file.upgrade().is_some_and(|file| file.check_piece()) {
            yield_now().await;
        }
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
        Code::lazy(move || load_or_compile(&wasm, &native, bundled))
    }
}

fn load_or_compile(wasm: &Wasm, native: &NativeCode, bundled: Bundled) -> Result<Module, String> {
    let digest = bundled::digest(bundled);
    let module = native.load(wasm, &digest).unwrap_or_else(|| {
        tracing::info!("compiling component `{bundled}`");
        native.compile(wasm, &digest, bundled::wasm(bundled))
    });
    runnable(module, bundled.name())
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
