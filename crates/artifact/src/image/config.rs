//! The configuration of an image for one platform: what its process begins with (image-spec, `config.md`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{ImageError, Platform, not_an_image, unreadable};
use crate::manifest::Manifest;

/// The configuration of an image. What bart does not know of it stays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImageConfig {
    #[serde(flatten)]
    platform: Platform,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    created: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    config: Option<Process>,
    rootfs: RootFileSystem,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    history: Option<Vec<Value>>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Process {
    #[serde(rename = "Env", default, skip_serializing_if = "Option::is_none")]
    env: Option<Vec<String>>,
    #[serde(rename = "Labels", default, skip_serializing_if = "Option::is_none")]
    labels: Option<BTreeMap<String, String>>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct RootFileSystem {
    diff_ids: Vec<String>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

impl ImageConfig {
    /// Reads the configuration that `manifest` names.
    ///
    /// # Errors
    ///
    /// When it is none, or has other layers than the manifest.
    pub fn parse(bytes: &[u8], manifest: &Manifest) -> Result<ImageConfig, ImageError> {
        let config: ImageConfig =
            serde_json::from_slice(bytes).map_err(unreadable("configuration"))?;
        let (named, there) = (config.rootfs.diff_ids.len(), manifest.layers.len());
        if named != there {
            return Err(not_an_image(format!(
                "its configuration has {named} layers, its manifest {there}"
            )));
        }
        Ok(config)
    }

    /// What the image is for.
    #[must_use]
    pub fn platform(&self) -> &Platform {
        &self.platform
    }

    /// When it was made, in the form of RFC 3339.
    #[must_use]
    pub fn created(&self) -> Option<&str> {
        self.created.as_deref()
    }

    /// A label, if it has it.
    #[must_use]
    pub fn label(&self, name: &str) -> Option<&str> {
        let labels = self.config.as_ref()?.labels.as_ref()?;
        labels.get(name).map(String::as_str)
    }

    /// Says when it was made.
    pub fn set_created(&mut self, created: &str) {
        self.created = Some(created.to_owned());
    }

    /// Sets a variable of the process, or takes it away.
    pub fn set_variable(&mut self, name: &str, value: Option<&str>) {
        let variables = self
            .config
            .get_or_insert_default()
            .env
            .get_or_insert_default();
        let of_name = |variable: &String| variable.split('=').next() == Some(name);
        variables.retain(|variable| !of_name(variable));
        variables.extend(value.map(|value| format!("{name}={value}")));
    }

    /// Sets a label, or takes it away.
    pub fn set_label(&mut self, name: &str, value: Option<&str>) {
        let process = self.config.get_or_insert_default();
        let labels = process.labels.get_or_insert_default();
        match value {
            Some(value) => drop(labels.insert(name.to_owned(), value.to_owned())),
            None => drop(labels.remove(name)),
        }
    }

    /// Notes a step that changed no files, where the image has a history.
    pub fn add_history(&mut self, step: &str) {
        let mut entry = json!({ "created_by": step, "empty_layer": true });
        if let Some(created) = &self.created {
            entry["created"] = created.as_str().into();
        }
        if let Some(history) = &mut self.history {
            history.push(entry);
        }
    }

    /// Its bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("texts, lists and maps with texts as keys are JSON")
    }
}
