//! Version 2 of the manifest: `spin_manifest_version = 2`.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use toml::Spanned;

use super::draft::{Draft, DraftComponent, DraftTrigger, ForeignTrigger};
use super::error::Problem;
use super::values::{
    Map, RawComponent, RawExecutor, RawPrivate, RawStaticResponse, RawVariable, TextOr,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    #[serde(rename = "spin_manifest_version")]
    _version: IgnoredAny,
    application: Application,
    #[serde(default)]
    variables: Map<RawVariable>,
    trigger: Triggers,
    #[serde(default)]
    component: Map<RawComponent>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Application {
    name: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    authors: Vec<String>,
    #[serde(default)]
    trigger: ApplicationTriggers,
    #[serde(rename = "targets", default)]
    _targets: IgnoredAny,
    #[serde(rename = "tool", default)]
    _tool: IgnoredAny,
}

/// `[application.trigger.*]`. Those of other kinds than HTTP are of no interest.
#[derive(Default, Deserialize)]
struct ApplicationTriggers {
    #[serde(default)]
    http: ApplicationHttp,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ApplicationHttp {
    base: Option<String>,
}

/// `[[trigger.*]]`. A flattened map would lose the lines.
struct Triggers {
    http: Vec<Spanned<HttpTrigger>>,
    foreign: BTreeMap<String, Vec<OtherTrigger>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HttpTrigger {
    #[serde(default)]
    id: String,
    route: Option<Spanned<TextOr<RawPrivate>>>,
    component: Option<Spanned<TextOr<Box<RawComponent>>>>,
    static_response: Option<RawStaticResponse>,
    executor: Option<RawExecutor>,
    components: Option<IgnoredAny>,
    dependencies: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct OtherTrigger {
    #[serde(default)]
    id: String,
}

pub(super) fn read(text: &str) -> Result<Draft, Problem> {
    let Manifest {
        application,
        variables,
        trigger,
        component,
        _version,
    } = toml::from_str(text)?;
    let mut components: Vec<_> = component.into_iter().map(draft_component).collect();
    components.sort_by_key(|component| component.at);
    Ok(Draft {
        name: application.name,
        version: application.version,
        description: application.description,
        authors: application.authors,
        base: application.trigger.http.base,
        variables,
        components,
        triggers: trigger.http.into_iter().map(draft_trigger).collect(),
        foreign: foreign_triggers(trigger.foreign),
    })
}

fn draft_component((id, table): (Spanned<String>, RawComponent)) -> DraftComponent {
    DraftComponent {
        at: id.span().start,
        id: id.into_inner(),
        table,
    }
}

fn draft_trigger(trigger: Spanned<HttpTrigger>) -> DraftTrigger {
    let at = trigger.span().start;
    let HttpTrigger {
        id,
        route,
        component,
        static_response,
        executor,
        components,
        dependencies,
    } = trigger.into_inner();
    let middleware = components.is_some() || dependencies.is_some();
    DraftTrigger {
        id,
        at,
        route,
        component,
        static_response,
        executor,
        middleware,
    }
}

fn foreign_triggers(triggers: BTreeMap<String, Vec<OtherTrigger>>) -> Vec<ForeignTrigger> {
    let of_kind = |(kind, triggers): (String, Vec<OtherTrigger>)| {
        let trigger = move |trigger: OtherTrigger| ForeignTrigger {
            kind: kind.clone(),
            id: trigger.id,
        };
        triggers.into_iter().map(trigger)
    };
    triggers.into_iter().flat_map(of_kind).collect()
}

impl<'de> Deserialize<'de> for Triggers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(TriggersVisitor)
    }
}

struct TriggersVisitor;

impl<'de> Visitor<'de> for TriggersVisitor {
    type Value = Triggers;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("`[[trigger.http]]` tables")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Triggers, M::Error> {
        let mut triggers = Triggers {
            http: Vec::new(),
            foreign: BTreeMap::new(),
        };
        while let Some(kind) = map.next_key::<String>()? {
            if kind == "http" {
                triggers.http = map.next_value()?;
            } else {
                triggers.foreign.insert(kind, map.next_value()?);
            }
        }
        Ok(triggers)
    }
}
