//! The tables that both versions of the manifest share, as they are written.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::path::PathBuf;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use toml::Spanned;

/// A table whose keys are the user's.
pub(super) type Map<T> = BTreeMap<Spanned<String>, T>;

/// A value that is a text or a table. `serde`'s untagged enums would lose the lines of mistakes in the table.
#[derive(Debug)]
pub(super) enum TextOr<T> {
    Text(String),
    Table(T),
}

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawVariable {
    pub(super) description: Option<String>,
    #[serde(default)]
    pub(super) required: bool,
    pub(super) default: Option<String>,
    #[serde(default)]
    pub(super) secret: bool,
}

/// A source that is not a file: `url` and `digest`, or a `package` of a registry.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSource {
    pub(super) url: Option<String>,
    pub(super) digest: Option<String>,
    pub(super) registry: Option<String>,
    pub(super) package: Option<String>,
    pub(super) version: Option<String>,
}

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPlacement {
    pub(super) source: String,
    pub(super) destination: String,
}

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPrivate {
    pub(super) private: bool,
}

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawExecutor {
    #[serde(rename = "type")]
    pub(super) kind: Spanned<String>,
    #[serde(rename = "argv")]
    _argv: Option<String>,
    #[serde(rename = "entrypoint")]
    _entrypoint: Option<String>,
}

#[derive(Debug, serde::Deserialize)]
pub(super) struct RawStaticResponse {
    pub(super) status_code: Option<Spanned<u16>>,
    #[serde(default)]
    pub(super) headers: Map<String>,
    pub(super) body: Option<String>,
}

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawBuild {
    pub(super) command: RawCommands,
    pub(super) workdir: Option<PathBuf>,
    #[serde(default)]
    pub(super) watch: Vec<String>,
}

#[derive(Debug, serde::Deserialize)]
#[serde(untagged)]
pub(super) enum RawCommands {
    One(String),
    Several(Vec<String>),
}

/// A component of version 2. One of version 1 is turned into it.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawComponent {
    pub(super) source: Option<Spanned<TextOr<RawSource>>>,
    #[serde(default)]
    pub(super) description: String,
    #[serde(default)]
    pub(super) variables: Map<Spanned<String>>,
    #[serde(default)]
    pub(super) environment: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) files: Vec<Spanned<TextOr<RawPlacement>>>,
    #[serde(default)]
    pub(super) exclude_files: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) allowed_http_hosts: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) allowed_outbound_hosts: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) key_value_stores: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) sqlite_databases: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) ai_models: Vec<String>,
    pub(super) build: Option<RawBuild>,
    #[serde(default)]
    pub(super) dependencies: BTreeMap<String, IgnoredAny>,
    #[serde(rename = "dependencies_inherit_configuration", default)]
    pub(super) _inherit: IgnoredAny,
    #[serde(rename = "targets", default)]
    pub(super) _targets: IgnoredAny,
    #[serde(rename = "tool", default)]
    pub(super) _tool: IgnoredAny,
    #[serde(rename = "profile", default)]
    pub(super) _profile: IgnoredAny,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for TextOr<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextOrVisitor(PhantomData))
    }
}

struct TextOrVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for TextOrVisitor<T> {
    type Value = TextOr<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string or a table")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(TextOr::Text(text.to_owned()))
    }

    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Self::Value, M::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(TextOr::Table)
    }
}
