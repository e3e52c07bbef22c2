//! Applications from locked apps, as artifacts carry them.

use std::collections::BTreeMap;

use artifact::LockedApp;
use artifact::locked::{LockedComponent, LockedTrigger, LockedVariable};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::{Map, Value};
use thiserror::Error;

use crate::app::{
    App, Component, Route, Source, StaticResponse, Subject, Target, Trigger, Unsupported, Variable,
};
use crate::routes::{self, RouteProblem};
use crate::variables::{Template, VariableError};

/// Why a locked app is no application that can be run.
#[derive(Debug, Error)]
pub enum LockedError {
    /// A trigger has no route.
    #[error("the trigger `{trigger}` has no route")]
    NoRoute {
        /// The trigger.
        trigger: String,
    },
    /// A route is none.
    #[error("the trigger `{trigger}` has the route `{route}`, which is none")]
    Route {
        /// The trigger.
        trigger: String,
        /// The route.
        route: String,
        /// Why.
        source: RouteProblem,
    },
    /// A trigger calls nothing.
    #[error("the trigger `{trigger}` has neither a component nor a static response")]
    NoTarget {
        /// The trigger.
        trigger: String,
    },
    /// A static response is none.
    #[error("the trigger `{trigger}` has a static response with {what}")]
    StaticResponse {
        /// The trigger.
        trigger: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The Wasm of a component is not named by digest.
    #[error("the component `{component}` has no Wasm")]
    NoWasm {
        /// The component.
        component: String,
    },
    /// A template of a variable or host is none.
    #[error("the component `{component}` has a template that is none")]
    Template {
        /// The component.
        component: String,
        /// Why.
        source: VariableError,
    },
}

/// The application of a locked app. Its components have no `files`: these are already where they belong.
///
/// # Errors
///
/// See [`LockedError`].
pub fn app(locked: &LockedApp) -> Result<App, LockedError> {
    let mut unsupported = Vec::new();
    let mut triggers = Vec::new();
    for written in &locked.triggers {
        if written.trigger_type == "http" {
            triggers.push(trigger(written)?);
        } else {
            unsupported.push(Unsupported {
                subject: Subject::Trigger {
                    kind: written.trigger_type.clone(),
                    id: written.id.clone(),
                },
                reason: "is not for HTTP".to_owned(),
            });
        }
    }
    let text = |key: &str| {
        locked
            .metadata
            .get(key)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    Ok(App {
        name: text("name").unwrap_or_default(),
        version: text("version").filter(|version| !version.is_empty()),
        description: text("description").unwrap_or_default(),
        authors: texts(locked.metadata.get("authors")),
        base_path: base_path(&locked.metadata).unwrap_or("/").to_owned(),
        variables: locked
            .variables
            .iter()
            .map(|(name, written)| (name.clone(), variable(written)))
            .collect(),
        triggers,
        components: locked
            .components
            .iter()
            .map(|written| component(written, &mut unsupported))
            .collect::<Result<_, _>>()?,
        unsupported,
    })
}

/// The base of all routes: where version 1 of the manifest puts it, and version 2.
fn base_path(metadata: &BTreeMap<String, Value>) -> Option<&str> {
    let http = metadata
        .get("triggers")
        .and_then(|triggers| triggers.get("http"));
    let base = http.and_then(|http| http.get("base"));
    base.or_else(|| metadata.get("trigger")?.get("base"))?
        .as_str()
}

fn variable(written: &LockedVariable) -> Variable {
    Variable {
        description: written.description.clone(),
        default: written.default.clone(),
        secret: written.secret,
    }
}

fn trigger(written: &LockedTrigger) -> Result<Trigger, LockedError> {
    let settings = &written.trigger_config;
    let target = match (settings.get("component"), settings.get("static_response")) {
        (Some(Value::String(component)), _) => Target::Component(component.clone()),
        (_, Some(Value::Object(response))) => {
            Target::StaticResponse(static_response(response).map_err(|what| {
                LockedError::StaticResponse {
                    trigger: written.id.clone(),
                    what,
                }
            })?)
        }
        _ => {
            let trigger = written.id.clone();
            return Err(LockedError::NoTarget { trigger });
        }
    };
    Ok(Trigger {
        id: written.id.clone(),
        route: route(written)?,
        target,
    })
}

fn route(written: &LockedTrigger) -> Result<Route, LockedError> {
    let trigger = || written.id.clone();
    match written.trigger_config.get("route") {
        Some(Value::String(route)) => match routes::check(route) {
            Ok(()) => Ok(Route::Path(route.clone())),
            Err(source) => Err(LockedError::Route {
                trigger: trigger(),
                route: route.clone(),
                source,
            }),
        },
        Some(route) if route.get("private") == Some(&Value::Bool(true)) => Ok(Route::Private),
        _ => Err(LockedError::NoRoute { trigger: trigger() }),
    }
}

fn static_response(written: &Map<String, Value>) -> Result<StaticResponse, &'static str> {
    let status = match written.get("status_code") {
        None | Some(Value::Null) => Some(StatusCode::OK),
        Some(code) => code
            .as_u64()
            .and_then(|code| u16::try_from(code).ok())
            .and_then(|code| StatusCode::from_u16(code).ok()),
    };
    let mut headers = HeaderMap::new();
    if let Some(Value::Object(fields)) = written.get("headers") {
        for (name, value) in fields {
            let name = HeaderName::from_bytes(name.as_bytes());
            let value = HeaderValue::from_str(value.as_str().unwrap_or_default());
            let (Ok(name), Ok(value)) = (name, value) else {
                return Err("a header field that is none");
            };
            headers.append(name, value);
        }
    }
    let body = written.get("body").and_then(Value::as_str);
    Ok(StaticResponse {
        status: status.ok_or("a status that is none")?,
        headers,
        body: body.unwrap_or_default().to_owned(),
    })
}

fn component(
    written: &LockedComponent,
    unsupported: &mut Vec<Unsupported>,
) -> Result<Component, LockedError> {
    let metadata = |key: &str| texts(written.metadata.get(key));
    let template = |text: &str| {
        Template::parse(text).map_err(|source| LockedError::Template {
            component: written.id.clone(),
            source,
        })
    };
    if !written.dependencies.is_empty() {
        unsupported.push(Unsupported {
            subject: Subject::Component(written.id.clone()),
            reason: "has dependencies, which bart does not compose".to_owned(),
        });
    }
    let digest = written
        .source
        .content
        .digest
        .ok_or_else(|| LockedError::NoWasm {
            component: written.id.clone(),
        })?;
    Ok(Component {
        id: written.id.clone(),
        description: String::new(),
        source: Source::Blob { digest },
        files: Vec::new(),
        exclude_files: Vec::new(),
        environment: written.env.clone(),
        variables: written
            .config
            .iter()
            .map(|(name, text)| Ok((name.clone(), template(text)?)))
            .collect::<Result<_, _>>()?,
        allowed_outbound_hosts: metadata("allowed_outbound_hosts")
            .iter()
            .map(|host| template(host))
            .collect::<Result<_, _>>()?,
        key_value_stores: metadata("key_value_stores"),
        sqlite_databases: metadata("databases"),
        ai_models: metadata("ai_models"),
        build: None,
    })
}

/// The texts of a list.
fn texts(value: Option<&Value>) -> Vec<String> {
    value
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|item| item.as_str().map(str::to_owned))
        .collect()
}
