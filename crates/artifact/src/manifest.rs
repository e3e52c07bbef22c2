//! The manifest of an artifact: its configuration and layers (image-spec, `manifest.md`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::descriptor::Descriptor;
use crate::{locked, media_type};

/// The largest manifest, in bytes: what registries must take (distribution-spec, "Pushing Manifests").
pub const LARGEST: usize = 4 << 20;

/// The largest blob, in bytes. Nothing is allocated by what a manifest says of sizes, so this only tells mistakes early.
pub const LARGEST_BLOB: u64 = 64 << 30;

/// The manifest of an artifact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    // In the order of their names, which is how Spin writes them.
    /// Notes for people and tools.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    /// Its configuration.
    pub config: Descriptor,
    /// Its layers.
    pub layers: Vec<Descriptor>,
    /// Its own media type. Spin writes none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// The version of the format.
    pub schema_version: u64,
}

/// Why a manifest cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It is larger than registries take.
    #[error("manifest too large: {size} bytes, more than {} MiB", LARGEST >> 20)]
    TooLarge {
        /// Its size.
        size: usize,
    },
    /// It is not JSON of the right form.
    #[error("failed to read the manifest")]
    Unreadable(#[source] serde_json::Error),
    /// It is the manifest of something else.
    #[error("not a Spin artifact: {reason}")]
    NotSpin {
        /// What shows it.
        reason: String,
    },
    /// It says of a blob what no blob has.
    #[error("the manifest says that `{blob}` has {size} bytes: no blob has")]
    WrongSize {
        /// The digest of the blob.
        blob: String,
        /// The size as it is written.
        size: String,
    },
    /// It does not say which of its applications to run.
    #[error("the artifact is ambiguous: it has {count} locked apps")]
    Ambiguous {
        /// Their number.
        count: usize,
    },
}

impl Manifest {
    /// Reads the manifest of a Spin artifact.
    ///
    /// # Errors
    ///
    /// See [`ManifestError`].
    pub fn parse(bytes: &[u8]) -> Result<Manifest, ManifestError> {
        if bytes.len() > LARGEST {
            return Err(ManifestError::TooLarge { size: bytes.len() });
        }
        let value: Value = serde_json::from_slice(bytes).map_err(ManifestError::Unreadable)?;
        if let Some(reason) = something_else(&value) {
            return Err(ManifestError::NotSpin { reason });
        }
        check_sizes(&value)?;
        let manifest: Manifest =
            serde_json::from_value(value).map_err(ManifestError::Unreadable)?;
        manifest.locked_app()?;
        Ok(manifest)
    }

    /// The bytes of the manifest, in the order and form that Spin writes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self)
            .expect("texts, numbers, lists and maps with texts as keys are JSON")
    }

    /// Where the locked app is: the one layer of its kind, or the configuration of old artifacts.
    ///
    /// # Errors
    ///
    /// When there is none, or more than one: Spin takes whichever it gets last.
    pub fn locked_app(&self) -> Result<&Descriptor, ManifestError> {
        let is_locked_app = |blob: &&Descriptor| blob.media_type == media_type::LOCKED_APP;
        let found: Vec<&Descriptor> = self.layers.iter().filter(is_locked_app).collect();
        let found = match (&found[..], &self.config) {
            ([only], _) => *only,
            ([first, rest @ ..], _) if rest.iter().all(|other| other.digest == first.digest) => {
                *first
            }
            ([], config) if is_locked_app(&config) => config,
            ([], _) => {
                return Err(ManifestError::NotSpin {
                    reason: "it has no locked app".to_owned(),
                });
            }
            (found, _) => return Err(ManifestError::Ambiguous { count: found.len() }),
        };
        if found.size > locked::LARGEST {
            return Err(wrong_size(&found.digest.to_string(), &found.size));
        }
        Ok(found)
    }

    /// Whether both are the same release: the same configuration and layers. Annotations differ between machines and do not count.
    #[must_use]
    pub fn is_same_release(&self, other: &Manifest) -> bool {
        let same = |one: &Descriptor, other: &Descriptor| {
            (one.digest, one.size, &one.media_type) == (other.digest, other.size, &other.media_type)
        };
        same(&self.config, &other.config)
            && self.layers.len() == other.layers.len()
            && self
                .layers
                .iter()
                .zip(&other.layers)
                .all(|(one, other)| same(one, other))
    }
}

/// What shows that this is the manifest of something else.
fn something_else(manifest: &Value) -> Option<String> {
    if manifest.get("manifests").is_some() {
        return Some("it is an index of several images".to_owned());
    }
    if manifest.get("schemaVersion").and_then(Value::as_u64) != Some(2) {
        return Some("it is no image manifest of version 2".to_owned());
    }
    let media_type = manifest.get("mediaType").and_then(Value::as_str);
    if let Some(other) = media_type.filter(|media_type| *media_type != media_type::MANIFEST) {
        return Some(format!("it is of the type `{}`", other.escape_debug()));
    }
    let config = manifest.pointer("/config/mediaType")?.as_str()?;
    let known = [media_type::IMAGE_CONFIG, media_type::LOCKED_APP];
    (!known.contains(&config)).then(|| {
        format!(
            "its configuration is of the type `{}`",
            config.escape_debug()
        )
    })
}

fn check_sizes(manifest: &Value) -> Result<(), ManifestError> {
    let layers = manifest.get("layers").and_then(Value::as_array);
    let blobs = manifest
        .get("config")
        .into_iter()
        .chain(layers.into_iter().flatten());
    for blob in blobs {
        let Some(size) = blob.get("size") else {
            continue;
        };
        if size.as_u64().is_none_or(|size| size > LARGEST_BLOB) {
            let digest = blob.get("digest").and_then(Value::as_str);
            return Err(wrong_size(digest.unwrap_or_default(), size));
        }
    }
    Ok(())
}

fn wrong_size(blob: &str, size: &impl ToString) -> ManifestError {
    ManifestError::WrongSize {
        blob: blob.escape_debug().to_string(),
        size: size.to_string(),
    }
}
