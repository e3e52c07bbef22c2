//! Values between templates (JSON) and scripts (Rhai).

use rhai::{Array, Blob, Dynamic, INT, ImmutableString, Map};
use serde_json::{Number, Value};

/// How deeply a script's result may be nested.
const MAX_DEPTH: usize = 128;

/// A value that has no counterpart in JSON.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unrepresentable {
    #[error("the result holds a {0}, which a template cannot use")]
    Kind(String),
    #[error("the result is nested more than {MAX_DEPTH} levels deep")]
    TooDeep,
}

/// Whether the maps of a value are shared with whoever else has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Maps {
    Own,
    Shared,
}

/// `value` for a script. Adds the number of values that it consists of to `count`.
///
/// An integer above `i64::MAX` becomes a float.
pub(super) fn to_dynamic(value: &Value, maps: Maps, count: &mut usize) -> Dynamic {
    *count += 1;
    match value {
        Value::Null => Dynamic::UNIT,
        Value::Bool(value) => (*value).into(),
        Value::Number(number) => match number.as_i64() {
            Some(integer) => integer.into(),
            None => number.as_f64().unwrap_or(f64::NAN).into(),
        },
        Value::String(text) => text.as_str().into(),
        Value::Array(items) => {
            let items = items.iter().map(|item| to_dynamic(item, maps, count));
            Dynamic::from_array(items.collect())
        }
        Value::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(key, field)| (key.as_str().into(), to_dynamic(field, maps, count)));
            let map = Dynamic::from_map(fields.collect());
            match maps {
                Maps::Own => map,
                Maps::Shared => map.into_shared(),
            }
        }
    }
}

/// What a script returned, for a template. A float that is no number becomes null.
pub(super) fn to_json(value: Dynamic) -> Result<Value, Unrepresentable> {
    nested_to_json(value, 0)
}

fn nested_to_json(value: Dynamic, depth: usize) -> Result<Value, Unrepresentable> {
    if depth > MAX_DEPTH {
        return Err(Unrepresentable::TooDeep);
    }
    if value.is_shared() && value.is_map() {
        // Read where it is: it may be that of a page, which others have too.
        if let Some(map) = value.read_lock::<Map>() {
            return map
                .iter()
                .map(|(key, field)| {
                    Ok((key.to_string(), nested_to_json(field.clone(), depth + 1)?))
                })
                .collect::<Result<serde_json::Map<_, _>, _>>()
                .map(Value::Object);
        }
    }
    let value = value.flatten();
    if value.is_unit() {
        Ok(Value::Null)
    } else if value.is::<ImmutableString>() {
        Ok(Value::String(value.cast::<ImmutableString>().into_owned()))
    } else if value.is_map() {
        value
            .cast::<Map>()
            .into_iter()
            .map(|(key, field)| Ok((key.into(), nested_to_json(field, depth + 1)?)))
            .collect::<Result<serde_json::Map<_, _>, _>>()
            .map(Value::Object)
    } else if value.is_array() {
        value
            .cast::<Array>()
            .into_iter()
            .map(|item| nested_to_json(item, depth + 1))
            .collect::<Result<_, _>>()
            .map(Value::Array)
    } else {
        scalar_to_json(value)
    }
}

fn scalar_to_json(value: Dynamic) -> Result<Value, Unrepresentable> {
    if let Ok(integer) = value.as_int() {
        return Ok(INT::into(integer));
    }
    if let Ok(float) = value.as_float() {
        return Ok(Number::from_f64(float).map_or(Value::Null, Value::Number));
    }
    if let Ok(truth) = value.as_bool() {
        return Ok(Value::Bool(truth));
    }
    if let Ok(character) = value.as_char() {
        return Ok(Value::String(character.to_string()));
    }
    let kind = value.type_name();
    value
        .try_cast::<Blob>()
        .map(Value::from)
        .ok_or_else(|| Unrepresentable::Kind(kind.to_owned()))
}
