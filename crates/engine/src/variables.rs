//! The values of an application's variables, and the templates of its components that use them.

use std::collections::BTreeMap;
use std::fmt;

use thiserror::Error;

use crate::app::Variable;

/// The environment variable of a Spin variable is this prefix and the name in upper case.
pub const ENVIRONMENT_PREFIX: &str = "SPIN_VARIABLE_";

/// A text with `{{ name }}` where the value of a variable goes. It is a literal when it has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    text: String,
    parts: Vec<Part>,
}

/// The values of all variables of an application. `Debug` names the variables and shows no value.
#[derive(Clone, Default)]
pub struct Variables {
    values: BTreeMap<String, String>,
}

/// What is wrong with a template or with the values.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum VariableError {
    /// A `{{` without its `}}`.
    #[error("`{{{{` without `}}}}` in `{template}`")]
    Unclosed {
        /// The text as written.
        template: String,
    },
    /// A template uses a variable that the application does not declare.
    #[error("there is no variable `{name}`")]
    Undefined {
        /// The name in the template.
        name: String,
    },
    /// Required variables without a value, at least one.
    #[error("no value for the required {}", list(names))]
    Required {
        /// All of them, sorted.
        names: Vec<String>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Variable(String),
}

impl Template {
    /// Reads a template. White space inside the braces does not count.
    ///
    /// # Errors
    /// [`VariableError::Unclosed`].
    pub fn parse(text: &str) -> Result<Self, VariableError> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((literal, tail)) = rest.split_once("{{") {
            let Some((name, tail)) = tail.split_once("}}") else {
                return Err(VariableError::Unclosed {
                    template: text.to_owned(),
                });
            };
            if !literal.is_empty() {
                parts.push(Part::Literal(literal.to_owned()));
            }
            parts.push(Part::Variable(name.trim().to_owned()));
            rest = tail;
        }
        if !rest.is_empty() {
            parts.push(Part::Literal(rest.to_owned()));
        }
        Ok(Self {
            text: text.to_owned(),
            parts,
        })
    }

    /// The template as it is written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text of a template that uses no variable.
    pub fn as_literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// The names of the variables it uses, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Variable(name) => Some(name.as_str()),
            Part::Literal(_) => None,
        })
    }
}

impl Variables {
    /// Takes each variable's value from `SPIN_VARIABLE_<NAME>` of `environment`, else its default.
    ///
    /// # Errors
    /// [`VariableError::Required`] with all that have neither.
    pub fn resolve(
        declared: &BTreeMap<String, Variable>,
        environment: &BTreeMap<String, String>,
    ) -> Result<Self, VariableError> {
        let mut values = BTreeMap::new();
        let mut missing = Vec::new();
        for (name, variable) in declared {
            let given = environment.get(&environment_name(name));
            match given.or(variable.default.as_ref()) {
                Some(value) => drop(values.insert(name.clone(), value.clone())),
                None => missing.push(name.clone()),
            }
        }
        if missing.is_empty() {
            Ok(Self { values })
        } else {
            Err(VariableError::Required { names: missing })
        }
    }

    /// The text of a template. It may hold a secret.
    ///
    /// # Errors
    /// [`VariableError::Undefined`].
    pub fn expand(&self, template: &Template) -> Result<String, VariableError> {
        let mut text = String::new();
        for part in &template.parts {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Variable(name) => text.push_str(self.value(name)?),
            }
        }
        Ok(text)
    }

    /// The variables that a component reads, in the same wrapper because they may be secrets too.
    ///
    /// # Errors
    /// [`VariableError::Undefined`].
    pub fn expand_all(
        &self,
        templates: &BTreeMap<String, Template>,
    ) -> Result<Self, VariableError> {
        let values = templates
            .iter()
            .map(|(name, template)| Ok((name.clone(), self.expand(template)?)));
        Ok(Self {
            values: values.collect::<Result<_, VariableError>>()?,
        })
    }

    /// One value.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// All names and values, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    fn value(&self, name: &str) -> Result<&str, VariableError> {
        self.get(name).ok_or_else(|| VariableError::Undefined {
            name: name.to_owned(),
        })
    }
}

impl VariableError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unclosed { .. } => None,
            Self::Undefined { name } => Some(format!(
                "declare it: `[variables]` with `{name} = {{ default = \"...\" }}`"
            )),
            Self::Required { names } => {
                let set: Vec<_> = names
                    .iter()
                    .map(|name| format!("`{}`", environment_name(name)))
                    .collect();
                Some(format!("set {} in the environment", set.join(" and ")))
            }
        }
    }
}

impl fmt::Display for Template {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.iter().try_for_each(|part| match part {
            Part::Literal(text) => formatter.write_str(text),
            Part::Variable(name) => write!(formatter, "{{{{ {name} }}}}"),
        })
    }
}

impl fmt::Debug for Variables {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.values.keys()).finish()
    }
}

/// The environment variable that sets the variable `name`.
pub fn environment_name(name: &str) -> String {
    format!("{ENVIRONMENT_PREFIX}{}", name.to_ascii_uppercase())
}

fn list(names: &[String]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    format!(
        "variable{} {}",
        if names.len() == 1 { "" } else { "s" },
        quoted.join(", ")
    )
}
