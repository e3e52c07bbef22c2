//! The locked app of a site, as Spin 4 locks it.

use std::collections::BTreeMap;

use artifact::LockedApp;
use artifact::locked::{
    Content, LockVersion, LockedComponent, LockedSource, LockedVariable, MustUnderstand,
};
use engine::app::{App, Component};
use serde_json::Value;

use super::wording::Wording;
use crate::Failure;

/// What a host must have for components that call each other, and the word for "it must" (Spin, `spin-locked-app`).
const SERVICE_CHAINING: (&str, &str) = ("local_service_chaining", "required");

/// The domain of the components of an application, for each other.
const SERVICE_DOMAIN: &str = ".spin.internal";

/// Locks an application. Its components have no content yet.
pub(super) fn lock(app: &App, wording: &Wording) -> Result<LockedApp, Failure> {
    let components: Vec<LockedComponent> = app
        .components
        .iter()
        .map(|written| component(app, wording, written))
        .collect();
    let must_understand = match components.iter().any(has_requirements) {
        true => vec![MustUnderstand::ComponentHostRequirements],
        false => Vec::new(),
    };
    Ok(LockedApp {
        spin_lock_version: match must_understand.is_empty() {
            true => LockVersion::PLAIN,
            false => LockVersion::LATEST,
        },
        must_understand,
        metadata: metadata(app, wording),
        host_requirements: BTreeMap::new(),
        variables: variables(app),
        triggers: wording.triggers(app)?,
        components,
    })
}

fn metadata(app: &App, wording: &Wording) -> BTreeMap<String, Value> {
    let mut metadata = wording.trigger_metadata();
    let version = app.version.as_deref().unwrap_or_default();
    put_text(&mut metadata, "name", &app.name);
    put_text(&mut metadata, "version", version);
    put_text(&mut metadata, "description", &app.description);
    put_texts(&mut metadata, "authors", &app.authors);
    metadata
}

fn variables(app: &App) -> BTreeMap<String, LockedVariable> {
    let locked = |variable: &engine::app::Variable| LockedVariable {
        description: variable.description.clone(),
        default: variable.default.clone(),
        secret: variable.secret,
    };
    let variables = app.variables.iter();
    variables
        .map(|(name, variable)| (name.clone(), locked(variable)))
        .collect()
}

fn component(app: &App, wording: &Wording, written: &Component) -> LockedComponent {
    let mut hosts: Vec<String> = wording
        .old_hosts(app, &written.id)
        .iter()
        .map(|host| (*host).to_owned())
        .collect();
    let listed = written.allowed_outbound_hosts.iter();
    hosts.extend(listed.map(|host| host.text().to_owned()));
    let mut host_requirements = BTreeMap::new();
    if hosts.iter().any(|host| is_service(host)) {
        let (key, required) = SERVICE_CHAINING;
        host_requirements.insert(key.to_owned(), required.into());
    }
    let mut metadata = BTreeMap::new();
    put_text(&mut metadata, "description", &written.description);
    put_texts(&mut metadata, "allowed_outbound_hosts", &hosts);
    put_texts(&mut metadata, "key_value_stores", &written.key_value_stores);
    put_texts(&mut metadata, "databases", &written.sqlite_databases);
    put_texts(&mut metadata, "ai_models", &written.ai_models);
    if let Some(build) = wording.build(app, &written.id) {
        metadata.insert("build".to_owned(), build);
    }
    let variables = written.variables.iter();
    LockedComponent {
        id: written.id.clone(),
        metadata,
        source: LockedSource {
            content_type: "application/wasm".to_owned(),
            content: Content::default(),
        },
        env: written.environment.clone(),
        files: Vec::new(),
        config: variables
            .map(|(name, template)| (name.clone(), template.text().to_owned()))
            .collect(),
        dependencies: BTreeMap::new(),
        host_requirements,
    }
}

fn has_requirements(component: &LockedComponent) -> bool {
    !component.host_requirements.is_empty()
}

/// Whether an entry of `allowed_outbound_hosts` is another component of the application.
fn is_service(entry: &str) -> bool {
    let after_scheme = entry.split_once("://").map_or(entry, |(_, rest)| rest);
    let host = after_scheme.split([':', '/']).next().unwrap_or_default();
    host.ends_with(SERVICE_DOMAIN)
}

/// Spin leaves out what is empty.
fn put_text(metadata: &mut BTreeMap<String, Value>, key: &str, text: &str) {
    if !text.is_empty() {
        metadata.insert(key.to_owned(), text.into());
    }
}

fn put_texts(metadata: &mut BTreeMap<String, Value>, key: &str, texts: &[String]) {
    if !texts.is_empty() {
        metadata.insert(key.to_owned(), texts.into());
    }
}
