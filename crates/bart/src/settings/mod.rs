//! Run-time configuration: environment variables of components that belong to a deployment and not to the site. Their values are never
//! printed.

mod arguments;
mod sources;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::anyhow;
use engine::app::{App, Component};
use engine::manifest;

use crate::Failure;

pub use arguments::Configuration;
pub use sources::SourceError;

/// An environment variable for one component or for all.
#[derive(Clone, PartialEq, Eq)]
pub struct Setting {
    /// The component that sees it; all where absent.
    pub component: Option<String>,
    /// The name of the variable.
    pub key: String,
    /// Its value.
    pub value: String,
    /// Where it was given.
    pub origin: Origin,
}

/// Where a setting was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// `--env`.
    Argument,
    /// A line, counted from 1, of an `--env-file`.
    Line {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
    },
    /// A file in an `--env-dir`.
    File(PathBuf),
    /// An environment variable of bart itself.
    Variable(String),
}

/// Settings from any number of sources, the weakest first.
#[derive(Clone, Debug, Default)]
pub struct Settings(Vec<Setting>);

/// Why a text is no setting. The text is not part of it: it may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// There is no `=`.
    #[error("there is no `=` in it; write KEY=VALUE or COMPONENT.KEY=VALUE")]
    NoValue,
    /// There is no name.
    #[error("there is no name in it")]
    NoKey,
    /// A name with white space, `=` or a control character.
    #[error("the name in it has a space, a `=` or a control character")]
    Key,
    /// A value with a NUL, which no environment variable can hold.
    #[error("its value has a NUL")]
    Nul,
    /// A value that begins with a quote and has none at its end.
    #[error("its value begins with a quote and does not end with it")]
    Quote,
    /// Not a text.
    #[error("it is not UTF-8")]
    NotUtf8,
}

impl Setting {
    /// `name` is `KEY` or `COMPONENT.KEY`.
    fn new(name: &str, value: &str, origin: Origin) -> Result<Setting, SettingError> {
        let (component, key) = match name.rsplit_once('.') {
            Some((component, key)) => (Some(component), key),
            None => (None, name),
        };
        Setting::checked(component, key, value, origin)
    }

    fn checked(
        component: Option<&str>,
        key: &str,
        value: &str,
        origin: Origin,
    ) -> Result<Setting, SettingError> {
        if key.is_empty() {
            return Err(SettingError::NoKey);
        }
        if key.contains(|c: char| c.is_whitespace() || c.is_control() || c == '=') {
            return Err(SettingError::Key);
        }
        if value.contains('\0') {
            return Err(SettingError::Nul);
        }
        Ok(Setting {
            component: component.map(str::to_owned),
            key: key.to_owned(),
            value: value.to_owned(),
            origin,
        })
    }

    /// A setting for a component that does not exist is a typing error.
    fn check(&self, app: &App) -> Result<(), Failure> {
        let Some(component) = &self.component else {
            return Ok(());
        };
        if app.component(component).is_some() {
            return Ok(());
        }
        let ids = || app.components.iter().map(|known| known.id.as_str());
        let hint = match manifest::nearest(component, ids()) {
            Some(id) => format!("did you mean `{id}`?"),
            None => {
                let ids: Vec<_> = ids().map(|id| format!("`{id}`")).collect();
                format!("the components are {}", ids.join(", "))
            }
        };
        let name = format!("{component}.{}", self.key);
        let error = match &self.origin {
            Origin::Argument => anyhow!("`--env {name}=...` names no component"),
            origin => anyhow!("{origin}: `{name}` names no component"),
        };
        Err(Failure::usage(error).hint(hint))
    }
}

/// `[COMPONENT.]KEY=VALUE`, as it follows `--env`.
impl FromStr for Setting {
    type Err = SettingError;

    fn from_str(text: &str) -> Result<Setting, SettingError> {
        let (name, value) = text.split_once('=').ok_or(SettingError::NoValue)?;
        Setting::new(name, value, Origin::Argument)
    }
}

/// Without the value.
impl fmt::Debug for Setting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Setting {
            component,
            key,
            value: _,
            origin,
        } = self;
        formatter
            .debug_struct("Setting")
            .field("component", component)
            .field("key", key)
            .field("origin", origin)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Argument => formatter.write_str("--env"),
            Origin::Line { path, line } => write!(formatter, "{}:{line}", path.display()),
            Origin::File(path) => write!(formatter, "{}", path.display()),
            Origin::Variable(name) => formatter.write_str(name),
        }
    }
}

impl Settings {
    /// Adds a source that is stronger than those before. Within it what is for one component is stronger than what is for
    /// all, and among equals the later.
    pub fn add(&mut self, source: impl IntoIterator<Item = Setting>) {
        let (for_all, for_one): (Vec<_>, Vec<_>) = source
            .into_iter()
            .partition(|setting| setting.component.is_none());
        self.0.extend(for_all);
        self.0.extend(for_one);
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The environment of a component: what the manifest says, overridden by the settings.
    #[must_use]
    pub fn environment(&self, component: &Component) -> Vec<(String, String)> {
        let mut environment: BTreeMap<String, String> = component.environment.clone();
        for setting in &self.0 {
            if setting
                .component
                .as_ref()
                .is_none_or(|id| *id == component.id)
            {
                environment.insert(setting.key.clone(), setting.value.clone());
            }
        }
        environment.into_iter().collect()
    }

    /// # Errors
    ///
    /// When a setting is for a component that the application does not have.
    pub fn check(&self, app: &App) -> Result<(), Failure> {
        self.0.iter().try_for_each(|setting| setting.check(app))
    }
}

/// One source.
impl FromIterator<Setting> for Settings {
    fn from_iter<T: IntoIterator<Item = Setting>>(source: T) -> Settings {
        let mut settings = Settings::default();
        settings.add(source);
        settings
    }
}
