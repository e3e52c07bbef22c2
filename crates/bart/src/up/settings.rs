//! Run-time configuration: environment variables given on the command line, for one component or for all.

use std::str::FromStr;

/// `[COMPONENT.]KEY=VALUE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The component that sees it; all where absent.
    pub component: Option<String>,
    /// The name of the variable.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// Why a text is no setting.
#[derive(Debug, thiserror::Error)]
pub enum SettingError {
    /// There is no `=`.
    #[error("there is no `=` in it; write KEY=VALUE or COMPONENT.KEY=VALUE")]
    NoValue,
    /// There is no name before the `=`.
    #[error("there is no name before `=`")]
    NoKey,
}

impl FromStr for Setting {
    type Err = SettingError;

    fn from_str(text: &str) -> Result<Setting, SettingError> {
        let (name, value) = text.split_once('=').ok_or(SettingError::NoValue)?;
        let (component, key) = match name.rsplit_once('.') {
            Some((component, key)) => (Some(component.to_owned()), key),
            None => (None, name),
        };
        if key.is_empty() {
            return Err(SettingError::NoKey);
        }
        Ok(Setting {
            component,
            key: key.to_owned(),
            value: value.to_owned(),
        })
    }
}

/// The environment of `component`: what the manifest says, overridden by the settings for all, and these by the settings
/// for it alone; among equals the later one counts.
pub(super) fn environment(
    component: &engine::app::Component,
    settings: &[Setting],
) -> Vec<(String, String)> {
    let mut environment = component.environment.clone();
    let for_all = settings
        .iter()
        .filter(|setting| setting.component.is_none());
    let for_this = settings
        .iter()
        .filter(|setting| setting.component.as_deref() == Some(&component.id));
    for setting in for_all.chain(for_this) {
        environment.insert(setting.key.clone(), setting.value.clone());
    }
    environment.into_iter().collect()
}
