//! Reading the parameters of a helper by type.

use handlebars::{Helper, PathAndJson, RenderError};
use serde_json::Value;

/// The parameters of a call. Positions count from 0.
pub(super) struct Arguments<'call, 'reg, 'rc>(pub(super) &'call Helper<'reg, 'rc>);

/// Why a helper could not do its work.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Complaint {
    /// A parameter that is not there, counted from 0.
    Missing(usize),
    /// A parameter of the wrong kind.
    Kind {
        index: usize,
        wanted: &'static str,
        found: String,
    },
    /// A value that the helper cannot work with.
    Value(String),
}

impl<'call, 'reg: 'rc, 'rc> Arguments<'call, 'reg, 'rc> {
    pub(super) fn len(&self) -> usize {
        self.0.params().len()
    }

    pub(super) fn value(&self, index: usize) -> Result<&'call Value, Complaint> {
        self.0
            .param(index)
            .map(PathAndJson::value)
            .ok_or(Complaint::Missing(index))
    }

    pub(super) fn text(&self, index: usize) -> Result<&'call str, Complaint> {
        let value = self.value(index)?;
        value.as_str().ok_or_else(|| kind(index, "a string", value))
    }

    pub(super) fn texts(&self, index: usize) -> Result<Vec<&'call str>, Complaint> {
        let value = self.value(index)?;
        value
            .as_array()
            .and_then(|items| items.iter().map(Value::as_str).collect())
            .ok_or_else(|| kind(index, "an array of strings", value))
    }

    pub(super) fn integer(&self, index: usize) -> Result<i64, Complaint> {
        let value = self.value(index)?;
        value
            .as_i64()
            .ok_or_else(|| kind(index, "an integer", value))
    }

    /// A number of characters or parts.
    pub(super) fn count(&self, index: usize) -> Result<usize, Complaint> {
        let value = self.value(index)?;
        value
            .as_u64()
            .map(|count| usize::try_from(count).unwrap_or(usize::MAX))
            .ok_or_else(|| kind(index, "an integer of at least 0", value))
    }

    pub(super) fn float(&self, index: usize) -> Result<f64, Complaint> {
        let value = self.value(index)?;
        value.as_f64().ok_or_else(|| kind(index, "a number", value))
    }
}

impl Complaint {
    /// The error of a call of the helper `name`.
    pub(super) fn about(self, name: &str) -> RenderError {
        RenderError::new(match self {
            Self::Missing(index) => format!("`{name}` needs a parameter {}", index + 1),
            Self::Kind {
                index,
                wanted,
                found,
            } => {
                format!(
                    "`{name}` needs {wanted} as parameter {}, not {found}",
                    index + 1
                )
            }
            Self::Value(reason) => format!("`{name}` {reason}"),
        })
    }
}

fn kind(index: usize, wanted: &'static str, value: &Value) -> Complaint {
    Complaint::Kind {
        index,
        wanted,
        found: describe(value),
    }
}

/// `value` in an error: short, as a whole page may be handed to a helper.
pub(super) fn describe(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) | Value::Number(_) => format!("`{value}`"),
        Value::String(text) if text.chars().count() <= 40 => format!("the string `{text}`"),
        Value::String(_) => "a string".to_owned(),
        Value::Array(_) => "an array".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}
