//! Turns a manifest as written into an application, or finds the first mistake.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use super::component::component;
use super::draft::{Draft, DraftComponent, ForeignTrigger};
use super::error::Problem;
use super::names;
use super::normalise::normalise;
use super::trigger::trigger;
use super::values::{Map, RawVariable};
use crate::app::{App, Route, Subject, Trigger, Unsupported, Variable};

pub(super) fn check(mut draft: Draft, folder: &Path) -> Result<App, Problem> {
    let targets = normalise(&mut draft);
    check_ids(&draft.components)?;
    let ids: Vec<String> = draft
        .components
        .iter()
        .map(|component| component.id.clone())
        .collect();
    let variables = variables(draft.variables)?;
    let mut unsupported: Vec<_> = draft.foreign.into_iter().map(foreign).collect();
    let mut components = Vec::new();
    for written in draft.components {
        components.push(component(written, folder, &variables, &mut unsupported)?);
    }
    let mut triggers: Vec<Trigger> = Vec::new();
    let mut places = Vec::new();
    for (written, target) in draft.triggers.into_iter().zip(targets) {
        places.push(written.at);
        triggers.push(trigger(written, target, &ids, &mut unsupported)?);
    }
    check_routes(&triggers, &places)?;
    Ok(App {
        name: draft.name,
        version: Some(draft.version).filter(|version| !version.is_empty()),
        description: draft.description,
        authors: draft.authors,
        base_path: draft.base.unwrap_or_else(|| "/".to_owned()),
        variables,
        triggers,
        components,
        unsupported,
    })
}

fn check_ids(components: &[DraftComponent]) -> Result<(), Problem> {
    let mut places = HashMap::new();
    for component in components {
        let id = &component.id;
        names::check_component(id).map_err(|problem| {
            Problem::new(
                component.at,
                format!("`{id}` cannot be a component's id: {problem}"),
            )
        })?;
        if places.insert(id, component.at).is_some() {
            return Err(Problem::new(
                component.at,
                format!("there is a component `{id}` already"),
            ));
        }
    }
    Ok(())
}

fn variables(written: Map<RawVariable>) -> Result<BTreeMap<String, Variable>, Problem> {
    let mut variables = BTreeMap::new();
    for (name, variable) in written {
        let at = name.span().start;
        let name = name.into_inner();
        names::check_variable(&name).map_err(|problem| {
            Problem::new(
                at,
                format!("`{name}` cannot be a variable's name: {problem}"),
            )
        })?;
        if variable.required == variable.default.is_some() {
            return Err(Problem::new(
                at,
                format!("variable `{name}` must be `required` or have a `default`, not both"),
            ));
        }
        let RawVariable {
            description,
            default,
            secret,
            ..
        } = variable;
        variables.insert(
            name,
            Variable {
                description,
                default,
                secret,
            },
        );
    }
    Ok(variables)
}

/// Spin lets the last of two equal routes win and logs an error; in a file that one writes it is a mistake.
fn check_routes(triggers: &[Trigger], places: &[usize]) -> Result<(), Problem> {
    let mut first = HashMap::new();
    for (trigger, at) in triggers.iter().zip(places) {
        let Route::Path(route) = &trigger.route else {
            continue;
        };
        if let Some(other) = first.insert(route, &trigger.id) {
            let message = format!("route `{route}` is already that of trigger `{other}`");
            return Err(Problem::new(*at, message).hint("remove one of the two triggers"));
        }
    }
    Ok(())
}

fn foreign(ForeignTrigger { kind, id }: ForeignTrigger) -> Unsupported {
    let reason = "is not of kind `http`, the only one that bart serves".to_owned();
    Unsupported {
        subject: Subject::Trigger { kind, id },
        reason,
    }
}
