//! Version 1 of the manifest: `spin_manifest_version = "1"`, before Spin 2.0.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use toml::Spanned;

use super::draft::{Draft, DraftComponent, DraftTrigger, ForeignTrigger};
use super::error::Problem;
use super::names;
use super::values::{
    Map, RawBuild, RawComponent, RawExecutor, RawPlacement, RawPrivate, RawSource, RawVariable,
    TextOr,
};

/// The kind of trigger decides what the table of a component's trigger, `T`, may hold.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest<T> {
    #[serde(rename = "spin_manifest_version", alias = "spin_version")]
    _version: IgnoredAny,
    name: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    authors: Vec<String>,
    trigger: ApplicationTrigger,
    #[serde(default)]
    variables: Map<RawVariable>,
    #[serde(default = "Vec::new")]
    component: Vec<Component<T>>,
}

#[derive(Deserialize)]
struct ApplicationTrigger {
    base: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Component<T> {
    id: Spanned<String>,
    source: Option<Spanned<TextOr<RawSource>>>,
    trigger: Spanned<T>,
    #[serde(default)]
    description: String,
    #[serde(default)]
    config: Map<Spanned<String>>,
    #[serde(default)]
    environment: BTreeMap<String, String>,
    #[serde(default)]
    files: Vec<Spanned<TextOr<RawPlacement>>>,
    #[serde(default)]
    exclude_files: Vec<Spanned<String>>,
    #[serde(default)]
    allowed_http_hosts: Vec<Spanned<String>>,
    #[serde(default)]
    allowed_outbound_hosts: Vec<Spanned<String>>,
    #[serde(default)]
    key_value_stores: Vec<Spanned<String>>,
    #[serde(default)]
    sqlite_databases: Vec<Spanned<String>>,
    #[serde(default)]
    ai_models: Vec<String>,
    build: Option<RawBuild>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HttpTrigger {
    route: Option<Spanned<TextOr<RawPrivate>>>,
    executor: Option<RawExecutor>,
}

#[derive(Deserialize)]
struct Probe {
    /// Its absence is reported with that of all other keys.
    trigger: Option<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    #[serde(rename = "type")]
    kind: String,
}

pub(super) fn read(text: &str) -> Result<Draft, Problem> {
    let Probe { trigger } = toml::from_str(text)?;
    match trigger {
        Some(Kind { kind }) if kind != "http" => Ok(foreign(toml::from_str(text)?, &kind)),
        _ => Ok(http(toml::from_str(text)?)),
    }
}

fn http(manifest: Manifest<HttpTrigger>) -> Draft {
    let (mut draft, components) = application(manifest);
    for component in components {
        let (component, trigger) = split(component);
        let at = trigger.span().start;
        let trigger = trigger.into_inner();
        draft.triggers.push(DraftTrigger {
            id: format!("trigger-{}", component.id),
            at,
            route: trigger.route,
            component: Some(Spanned::new(
                component.at..component.at,
                TextOr::Text(component.id.clone()),
            )),
            static_response: None,
            executor: trigger.executor,
            middleware: false,
        });
        draft.components.push(component);
    }
    draft
}

fn foreign(manifest: Manifest<IgnoredAny>, kind: &str) -> Draft {
    let (mut draft, components) = application(manifest);
    for component in components {
        let (component, _) = split(component);
        draft.foreign.push(ForeignTrigger {
            kind: kind.to_owned(),
            id: format!("trigger-{}", component.id),
        });
        draft.components.push(component);
    }
    draft
}

fn application<T>(manifest: Manifest<T>) -> (Draft, Vec<Component<T>>) {
    let draft = Draft {
        name: manifest.name,
        version: manifest.version,
        description: manifest.description,
        authors: manifest.authors,
        base: manifest.trigger.base,
        variables: manifest.variables,
        components: Vec::new(),
        triggers: Vec::new(),
        foreign: Vec::new(),
    };
    (draft, manifest.component)
}

fn split<T>(component: Component<T>) -> (DraftComponent, Spanned<T>) {
    let at = component.id.span().start;
    let table = RawComponent {
        source: component.source,
        description: component.description,
        variables: component.config,
        environment: component.environment,
        files: component.files,
        exclude_files: component.exclude_files,
        allowed_http_hosts: component.allowed_http_hosts,
        allowed_outbound_hosts: component.allowed_outbound_hosts,
        key_value_stores: component.key_value_stores,
        sqlite_databases: component.sqlite_databases,
        ai_models: component.ai_models,
        build: component.build,
        dependencies: BTreeMap::new(),
        _inherit: IgnoredAny,
        _targets: IgnoredAny,
        _tool: IgnoredAny,
        _profile: IgnoredAny,
    };
    (
        DraftComponent {
            id: component_id(component.id.get_ref()),
            at,
            table,
        },
        component.trigger,
    )
}

/// Version 1 allowed `under_scores` and `mixedCase`, which version 2 does not: Spin rewrites them.
fn component_id(id: &str) -> String {
    match names::check_component(id) {
        Ok(()) => id.to_owned(),
        Err(_) => id.replace('_', "-").to_lowercase(),
    }
}
