//! The locked app: an application with its content named by digest, as Spin 4.0.2 writes and reads it (`spin-locked-app`).

mod content;
mod requirements;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use content::{Content, ContentPath};
pub use requirements::{LockVersion, MustUnderstand};

/// The largest locked app that is read, in bytes. One of 10,000 files has about 1.5 MB.
pub const LARGEST: u64 = 64 << 20;

/// The ways to run a component that Spin knows. Of these only components of `wasi:http` and the old Spin interface remain.
const EXECUTORS: [&str; 3] = ["http", "spin", "wagi"];

/// An application whose content is named by digest. Fields that bart does not know are left out, as Spin does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LockedApp {
    /// The version of the format.
    pub spin_lock_version: LockVersion,
    /// What must not be left out by a reader that does not know it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub must_understand: Vec<MustUnderstand>,
    /// Name, version, description, authors and the settings of triggers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, Value>,
    /// What the application needs of its host; what is optional is left out.
    #[serde(
        default,
        skip_serializing_if = "BTreeMap::is_empty",
        deserialize_with = "requirements::read"
    )]
    pub host_requirements: BTreeMap<String, Value>,
    /// The variables of the application.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, LockedVariable>,
    /// What calls its components.
    pub triggers: Vec<LockedTrigger>,
    /// Its components.
    pub components: Vec<LockedComponent>,
}

/// A variable of the application.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockedVariable {
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its value where none is given; without it one must be given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Whether its value must not be shown.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
}

/// What calls a component.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LockedTrigger {
    /// Its name.
    pub id: String,
    /// Its kind, such as `http`.
    pub trigger_type: String,
    /// Its settings, which depend on its kind.
    pub trigger_config: Value,
}

/// A component.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LockedComponent {
    /// Its name. It comes from outside and may be anything: it must never be used as a path.
    pub id: String,
    /// What it may reach, and how it is built.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, Value>,
    /// Its Wasm.
    pub source: LockedSource,
    /// Its environment.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// Its files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<ContentPath>,
    /// Its variables, as templates over those of the application.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub config: BTreeMap<String, String>,
    /// Components that it must be composed with. `spin registry push` composes them, so that none are left.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dependencies: BTreeMap<String, Value>,
    /// What it needs of its host; what is optional is left out.
    #[serde(
        default,
        skip_serializing_if = "BTreeMap::is_empty",
        deserialize_with = "requirements::read"
    )]
    pub host_requirements: BTreeMap<String, Value>,
}

/// The Wasm of a component.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockedSource {
    /// Its media type, `application/wasm`.
    pub content_type: String,
    /// Its bytes.
    #[serde(flatten)]
    pub content: Content,
}

/// Why a locked app cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LockedAppError {
    /// It is larger than 64 MiB.
    #[error("the locked app has {size} bytes, more than {} MiB", LARGEST >> 20)]
    TooLarge {
        /// Its size.
        size: u64,
    },
    /// It is not JSON of the form that Spin writes, or asks for what bart does not have.
    #[error("failed to read the locked app")]
    Unreadable(#[source] serde_json::Error),
    /// A name would forge lines of a log or move the cursor of a terminal.
    #[error("the locked app has a name with control characters: `{}`", name.escape_debug())]
    ControlCharacters {
        /// The name.
        name: String,
    },
    /// Two components have one name.
    #[error("the locked app has two components called `{id}`")]
    TwoComponents {
        /// The name.
        id: String,
    },
    /// A trigger calls nothing.
    #[error(
        "the trigger `{trigger}` calls the component `{component}`, which the locked app does not have"
    )]
    NoComponent {
        /// The trigger.
        trigger: String,
        /// What it calls.
        component: String,
    },
    /// A trigger asks for a way to run components that does not exist.
    #[error(
        "the trigger `{trigger}` has the executor `{executor}`, which is none of `http`, `spin` and `wagi`"
    )]
    UnknownExecutor {
        /// The trigger.
        trigger: String,
        /// What it asks for.
        executor: String,
    },
}

impl LockedApp {
    /// Reads a locked app.
    ///
    /// # Errors
    ///
    /// See [`LockedAppError`].
    pub fn parse(bytes: &[u8]) -> Result<LockedApp, LockedAppError> {
        check_size(bytes)?;
        let app: LockedApp = serde_json::from_slice(bytes).map_err(LockedAppError::Unreadable)?;
        app.check()?;
        Ok(app)
    }

    /// The bytes of the locked app, in the order and form that Spin writes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("texts, lists and maps with texts as keys are JSON")
    }

    /// Its component of this name.
    #[must_use]
    pub fn component(&self, id: &str) -> Option<&LockedComponent> {
        self.components.iter().find(|component| component.id == id)
    }

    /// The bytes of the locked app, if [`LockedApp::parse`] would take them.
    ///
    /// # Errors
    ///
    /// See [`LockedAppError`].
    pub fn to_checked_bytes(&self) -> Result<Vec<u8>, LockedAppError> {
        self.check()?;
        let bytes = self.to_bytes();
        check_size(&bytes)?;
        Ok(bytes)
    }

    fn check(&self) -> Result<(), LockedAppError> {
        let components = self.components.iter().map(|component| &component.id);
        let mut names = components.chain(self.triggers.iter().map(|trigger| &trigger.id));
        if let Some(name) = names.find(|name| name.contains(char::is_control)) {
            let name = name.clone();
            return Err(LockedAppError::ControlCharacters { name });
        }
        let mut ids = BTreeSet::new();
        for component in &self.components {
            if !ids.insert(component.id.as_str()) {
                let id = component.id.clone();
                return Err(LockedAppError::TwoComponents { id });
            }
        }
        let http = |trigger: &&LockedTrigger| trigger.trigger_type == "http";
        for trigger in self.triggers.iter().filter(http) {
            trigger.check(&ids)?;
        }
        Ok(())
    }
}

impl LockedTrigger {
    fn check(&self, components: &BTreeSet<&str>) -> Result<(), LockedAppError> {
        let trigger = || self.id.clone();
        let component = self.trigger_config.get("component").and_then(Value::as_str);
        if let Some(component) = component.filter(|id| !components.contains(id)) {
            return Err(LockedAppError::NoComponent {
                trigger: trigger(),
                component: component.to_owned(),
            });
        }
        let executor = self.trigger_config.get("executor");
        let kind = executor.and_then(|executor| executor.get("type"));
        match kind {
            Some(kind) if !kind.as_str().is_some_and(|kind| EXECUTORS.contains(&kind)) => {
                Err(LockedAppError::UnknownExecutor {
                    trigger: trigger(),
                    executor: kind
                        .as_str()
                        .map_or_else(|| kind.to_string(), str::to_owned),
                })
            }
            _ => Ok(()),
        }
    }
}

fn check_size(bytes: &[u8]) -> Result<(), LockedAppError> {
    let size = bytes.len() as u64;
    if size > LARGEST {
        return Err(LockedAppError::TooLarge { size });
    }
    Ok(())
}
