//! From a release in the store to one that answers: the application read, its components compiled, their settings applied.

use std::any::Any;
use std::collections::BTreeMap;
use std::env;
use std::sync::Arc;

use anyhow::anyhow;
use artifact::store::StoredRelease;
use artifact::{Digest, LockedApp};
use engine::app::{App, Component, Source, Subject};
use engine::outbound_hosts::AllowedHosts;
use engine::substitution;
use engine::variables::{VariableError, Variables};
use engine::{Module, Parts, Release, Wasm, locked};

use crate::bundled;
use crate::failure::{Failure, exit};
use crate::pull::{APPLICATION, module_name};
use crate::settings::{Configuration, Settings};

/// Makes a stored release ready. `keeps` is dropped with it.
pub(super) fn activate(
    stored: &StoredRelease,
    wasm: &Arc<Wasm>,
    configuration: &Configuration,
    keeps: Box<dyn Any + Send + Sync>,
) -> Result<Release, Failure> {
    let app = application(stored)?;
    let settings = configuration.read(&app, env::vars_os())?;
    let variables = variables(&app)?;
    for unsupported in &app.unsupported {
        if matches!(unsupported.subject, Subject::Trigger { .. }) {
            tracing::warn!("{unsupported}; it is left out");
        }
    }
    let mut modules = Modules {
        stored,
        wasm,
        compiled: BTreeMap::new(),
    };
    let mut parts = BTreeMap::new();
    for (place, component) in app.components.iter().enumerate() {
        let made = modules.parts(&app, place, component, &settings, &variables)?;
        parts.insert(component.id.clone(), made);
    }
    let release = Release::new(wasm, &app, parts, keeps)
        .map_err(|error| Failure::failed(error).code(exit::NOT_AN_ARTIFACT))?;
    for remark in release.unreachable() {
        tracing::info!("{remark}");
    }
    Ok(release)
}

fn application(stored: &StoredRelease) -> Result<App, Failure> {
    let bytes = stored
        .read(APPLICATION)?
        .ok_or_else(|| Failure::failed(anyhow!("the stored release has no application")))?;
    locked::app(&LockedApp::parse(&bytes)?)
        .map_err(|error| Failure::failed(error).code(exit::NOT_AN_ARTIFACT))
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

/// The Wasm of a release, each compiled once.
struct Modules<'a> {
    stored: &'a StoredRelease,
    wasm: &'a Wasm,
    compiled: BTreeMap<Digest, Result<Module, String>>,
}

impl Modules<'_> {
    fn parts(
        &mut self,
        app: &App,
        place: usize,
        component: &Component,
        settings: &Settings,
        variables: &Variables,
    ) -> Result<Parts, Failure> {
        let module = self.module(app, component)?;
        if let Err(reason) = &module {
            tracing::warn!(
                "component `{}` {reason}; its routes answer 501",
                component.id
            );
        }
        Ok(Parts {
            module,
            environment: settings.environment(component),
            variables: variables
                .expand_all(&component.variables)
                .map_err(variable_failure)?,
            allowed_hosts: AllowedHosts::resolve(&component.allowed_outbound_hosts, variables)
                .map_err(Failure::usage)?,
            files: self.stored.mount(place),
        })
    }

    fn module(
        &mut self,
        app: &App,
        component: &Component,
    ) -> Result<Result<Module, String>, Failure> {
        let Source::Blob { digest } = &component.source else {
            return Ok(Err("is no blob of the artifact".to_owned()));
        };
        let own = bundled::by_digest(digest);
        let successor = || substitution::recognise(&component.source);
        if own.is_none()
            && let Some(reason) = app.unsupported_in_component(&component.id).next()
            && successor().is_none()
        {
            return Ok(Err(reason.to_owned()));
        }
        if let Some(known) = self.compiled.get(digest) {
            return Ok(known.clone());
        }
        let module = match own {
            Some(own) => self.compile(bundled::wasm(own)),
            None => match successor() {
                Some(substitution) => {
                    tracing::info!("component `{}`: {substitution}", component.id);
                    self.compile(bundled::wasm(substitution.bundled))
                }
                None => {
                    tracing::info!(
                        "compiling component `{}`, which this bart does not carry",
                        component.id
                    );
                    self.compile(&self.stored_wasm(digest)?)
                }
            },
        };
        self.compiled.insert(*digest, module.clone());
        Ok(module)
    }

    fn stored_wasm(&self, digest: &Digest) -> Result<Vec<u8>, Failure> {
        self.stored
            .read(&module_name(digest))?
            .ok_or_else(|| Failure::failed(anyhow!("the stored release lacks the Wasm `{digest}`")))
    }

    fn compile(&self, bytes: &[u8]) -> Result<Module, String> {
        self.wasm
            .compile(bytes)
            .map_err(|error| format!("cannot run: {error}"))
    }
}
