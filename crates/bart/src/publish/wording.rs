//! What a manifest says of triggers and components in its own words, for what the engine does not keep and Spin locks as it is written.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, anyhow};
use artifact::locked::LockedTrigger;
use engine::app::{App, Subject, Target};
use serde_json::Value;
use toml::Table;

use crate::Failure;

/// What a component of a manifest of version 1 may reach besides what it lists, where it has no `allowed_outbound_hosts`: what it could before
/// there were any (Spin, `compat.rs` of its manifests).
const OLD_DATABASES: [&str; 3] = ["redis://*:*", "mysql://*:*", "postgres://*:*"];

/// A manifest as it is written. It was read and checked by the engine before.
pub(super) struct Wording {
    table: Table,
    version: Version,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    One,
    Two,
}

impl Wording {
    /// Reads a manifest.
    pub(super) fn read(manifest: &Path) -> Result<Wording, Failure> {
        let text = fs::read_to_string(manifest)
            .with_context(|| format!("failed to read `{}`", manifest.display()))?;
        let table: Table = toml::from_str(&text).map_err(Failure::usage)?;
        let version = table.get("spin_manifest_version");
        let version = match version.and_then(toml::Value::as_integer) {
            Some(2) => Version::Two,
            _ => Version::One,
        };
        Ok(Wording { table, version })
    }

    /// The settings of triggers of one kind for the whole application, in both places where readers look for them.
    pub(super) fn trigger_metadata(&self) -> BTreeMap<String, Value> {
        let settings = self.trigger_settings();
        let mut metadata = BTreeMap::new();
        if let [kind] = self.kinds()[..] {
            let mut single = settings
                .get(kind)
                .and_then(toml::Value::as_table)
                .cloned()
                .unwrap_or_default();
            single.insert("type".to_owned(), kind.into());
            metadata.insert("trigger".to_owned(), json(&single));
        }
        metadata.insert("triggers".to_owned(), json(&settings));
        metadata
    }

    /// All triggers with their settings, also of kinds that bart does not serve.
    pub(super) fn triggers(&self, app: &App) -> Result<Vec<LockedTrigger>, Failure> {
        let mut locked = Vec::new();
        for kind in self.kinds() {
            let written = self.triggers_of(kind);
            let known = names(app, kind);
            if written.len() != known.len() {
                return Err(changed());
            }
            for (index, (written, (id, component))) in written.into_iter().zip(known).enumerate() {
                let component = component.or_else(|| self.owner(app, index));
                locked.push(trigger(kind, id, component, written)?);
            }
        }
        Ok(locked)
    }

    /// How a component is built, as the manifest says it.
    pub(super) fn build(&self, app: &App, id: &str) -> Option<Value> {
        Some(json(self.component(app, id)?.get("build")?.as_table()?))
    }

    /// Hosts that a component may reach although it does not list them.
    pub(super) fn old_hosts(&self, app: &App, id: &str) -> &'static [&'static str] {
        let lists_hosts = self
            .component(app, id)
            .is_some_and(|component| component.contains_key("allowed_outbound_hosts"));
        match self.version {
            Version::One if !lists_hosts => &OLD_DATABASES,
            _ => &[],
        }
    }

    /// Whether a component is nothing without others that it has to be composed with.
    pub(super) fn is_composed(&self, app: &App, id: &str) -> bool {
        self.component(app, id)
            .is_some_and(|component| has_entries(component, "dependencies"))
    }

    /// The licences of the site, from `[application.tool.bart]`, an SPDX expression.
    pub(super) fn licenses(&self) -> Option<&str> {
        let tool = self.table.get("application")?.get("tool")?;
        tool.get("bart")?.get("licenses")?.as_str()
    }

    fn trigger_settings(&self) -> Table {
        match self.version {
            Version::One => {
                let mut settings = self.old_trigger().cloned().unwrap_or_default();
                settings.remove("type");
                Table::from_iter([(self.old_kind().to_owned(), settings.into())])
            }
            Version::Two => {
                let settings = self
                    .table
                    .get("application")
                    .and_then(|it| it.get("trigger"));
                let settings = settings.and_then(toml::Value::as_table);
                settings.cloned().unwrap_or_default()
            }
        }
    }

    /// The kinds of triggers that there are.
    fn kinds(&self) -> Vec<&str> {
        match self.version {
            Version::One => vec![self.old_kind()],
            Version::Two => {
                let triggers = self.table.get("trigger").and_then(toml::Value::as_table);
                let kinds = triggers.into_iter().flat_map(Table::keys);
                kinds.map(String::as_str).collect()
            }
        }
    }

    fn triggers_of(&self, kind: &str) -> Vec<&Table> {
        let written = match self.version {
            Version::One => {
                let components = tables(self.table.get("component"));
                return components
                    .filter_map(|component| component.get("trigger")?.as_table())
                    .collect();
            }
            Version::Two => self.table.get("trigger").and_then(|it| it.get(kind)),
        };
        tables(written).collect()
    }

    /// The table of a component, which is of its own or in a trigger.
    fn component(&self, app: &App, id: &str) -> Option<&Table> {
        let written = self.table.get("component");
        if self.version == Version::One {
            let index = app.components.iter().position(|known| known.id == id)?;
            return tables(written).nth(index);
        }
        if let Some(component) = written.and_then(|components| components.get(id)) {
            return component.as_table();
        }
        let calls_it = |(_, component): &(String, Option<String>)| component.as_deref() == Some(id);
        let index = names(app, "http").iter().position(calls_it)?;
        self.triggers_of("http")
            .get(index)?
            .get("component")?
            .as_table()
    }

    /// The component whose trigger this is: version 1 writes each into its component.
    fn owner(&self, app: &App, index: usize) -> Option<String> {
        let component = app.components.get(index)?;
        (self.version == Version::One).then(|| component.id.clone())
    }

    fn old_trigger(&self) -> Option<&Table> {
        self.table.get("trigger")?.as_table()
    }

    fn old_kind(&self) -> &str {
        let kind = self.old_trigger().and_then(|trigger| trigger.get("type"));
        kind.and_then(toml::Value::as_str).unwrap_or("http")
    }
}

/// The names of the triggers of a kind and of what they call, in the order of the manifest. Of other kinds than HTTP the engine keeps no
/// component.
fn names(app: &App, kind: &str) -> Vec<(String, Option<String>)> {
    if kind == "http" {
        let triggers = app.triggers.iter();
        return triggers
            .map(|trigger| match &trigger.target {
                Target::Component(component) => (trigger.id.clone(), Some(component.clone())),
                Target::StaticResponse(_) => (trigger.id.clone(), None),
            })
            .collect();
    }
    let others = app.unsupported.iter();
    others
        .filter_map(|other| match &other.subject {
            Subject::Trigger { kind: its, id } if its == kind => Some((id.clone(), None)),
            _ => None,
        })
        .collect()
}

fn trigger(
    kind: &str,
    id: String,
    component: Option<String>,
    written: &Table,
) -> Result<LockedTrigger, Failure> {
    for key in ["components", "dependencies"] {
        if has_entries(written, key) {
            let error = anyhow!(
                "the trigger `{id}` is behind middleware, and bart cannot compose components"
            );
            return Err(Failure::usage(error).hint("`spin registry push` can"));
        }
    }
    let mut settings = written.clone();
    settings.remove("id");
    match component {
        Some(component) => drop(settings.insert("component".to_owned(), component.into())),
        None if settings.get("component").is_some_and(toml::Value::is_table) => {
            let error = anyhow!("the {kind} trigger `{id}` has a component inside");
            return Err(Failure::usage(error)
                .hint("give it a table of its own, `[component.NAME]`, and name that"));
        }
        None => {}
    }
    Ok(LockedTrigger {
        id,
        trigger_type: kind.to_owned(),
        trigger_config: json(&settings),
    })
}

fn tables(array: Option<&toml::Value>) -> impl Iterator<Item = &Table> {
    let array = array.and_then(toml::Value::as_array);
    array
        .into_iter()
        .flatten()
        .filter_map(toml::Value::as_table)
}

fn has_entries(table: &Table, key: &str) -> bool {
    let entries = table.get(key).and_then(toml::Value::as_table);
    entries.is_some_and(|entries| !entries.is_empty())
}

fn json(table: &Table) -> Value {
    serde_json::to_value(table).expect("tables of a manifest are JSON: their keys are texts")
}

fn changed() -> Failure {
    Failure::failed(anyhow!("the manifest changed while it was read"))
}
