//! The parts of the chart's schema that follow from others: descriptions from `values.yaml`, and the names that an error message offers where a
//! key is unknown.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::{Map, Value};

use super::values::Entry;

const PROPERTIES: &str = "properties";

/// The schema, completed.
///
/// # Errors
///
/// When it is no JSON, or does not know a value.
pub(super) fn generate(schema: &str, entries: &[Entry]) -> Result<String> {
    let mut schema: Value =
        serde_json::from_str(schema).context("failed to read `values.schema.json`")?;
    for entry in entries {
        let place = place(&mut schema, &entry.path)
            .with_context(|| format!("`values.schema.json` does not know `{}`", entry.name()))?;
        if let Some(place) = place {
            place.insert("description".to_owned(), entry.description.clone().into());
        }
    }
    offer_names(&mut schema);
    let text =
        serde_json::to_string_pretty(&sorted(schema)).context("failed to write the schema")?;
    Ok(text + "\n")
}

/// The schema of a value; `Some(None)` inside what only Kubernetes knows.
fn place<'a>(schema: &'a mut Value, path: &[String]) -> Option<Option<&'a mut Map<String, Value>>> {
    let mut place = schema;
    for key in path {
        let Some(properties) = place.get_mut(PROPERTIES) else {
            return Some(None);
        };
        place = properties.get_mut(key)?;
    }
    Some(place.as_object_mut())
}

/// Says which names there are wherever no other is taken: Helm repeats the list for a name that is none of them.
fn offer_names(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            object.values_mut().for_each(offer_names);
            if object.get("additionalProperties") != Some(&Value::Bool(false)) {
                return;
            }
            if let Some(Value::Object(properties)) = object.get(PROPERTIES) {
                let mut names: Vec<&str> = properties
                    .iter()
                    .filter(|(_, schema)| !is_hint(schema))
                    .map(|(name, _)| name.as_str())
                    .collect();
                names.sort_unstable();
                let names = serde_json::json!({ "enum": names });
                object.insert("propertyNames".to_owned(), names);
            }
        }
        Value::Array(list) => list.iter_mut().for_each(offer_names),
        _ => {}
    }
}

/// A key that people try is known by a schema that takes one text only: what to write instead.
fn is_hint(schema: &Value) -> bool {
    let only = |texts: &Vec<Value>| matches!(texts.as_slice(), [Value::String(text)] if text.contains(' '));
    schema
        .get("enum")
        .and_then(Value::as_array)
        .is_some_and(only)
}

/// Keys in their order, whichever map serde_json was built with.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            let keys: BTreeMap<String, Value> = object
                .into_iter()
                .map(|(key, value)| (key, sorted(value)))
                .collect();
            Value::Object(keys.into_iter().collect())
        }
        Value::Array(list) => list.into_iter().map(sorted).collect(),
        other => other,
    }
}
