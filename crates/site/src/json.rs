//! The JSON values that templates and scripts see: objects, and what was TOML.

use serde_json::{Map, Value};

/// An object of those members, which are moved: `json!` would copy them.
pub(crate) fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    map(members).into()
}

/// Those members.
pub(crate) fn map<const N: usize>(members: [(&str, Value); N]) -> Map<String, Value> {
    members
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// A table, key by key.
pub(crate) fn from_table(table: toml::Table) -> Map<String, Value> {
    table
        .into_iter()
        .map(|(key, value)| (key, from_toml(value)))
        .collect()
}

/// Strings stay strings, dates become strings; a float that JSON cannot hold becomes null.
fn from_toml(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(truth) => truth.into(),
        toml::Value::Datetime(datetime) => datetime.to_string().into(),
        toml::Value::Array(values) => values.into_iter().map(from_toml).collect(),
        toml::Value::Table(table) => from_table(table).into(),
    }
}
