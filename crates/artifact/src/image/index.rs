//! The index of an image: which manifest is for which platform (image-spec, `image-index.md`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::manifest::is_manifest;
use super::{ImageError, Platform, not_an_image, unreadable};
use crate::descriptor::Descriptor;
use crate::media_type;

/// What docker calls an index.
const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";

/// The index of an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageIndex {
    /// Notes for people and tools.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    /// What it names.
    pub manifests: Vec<Entry>,
    /// Its own media type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// The version of the format.
    pub schema_version: u64,
}

/// A manifest that an index names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its digest and size.
    #[serde(flatten)]
    pub manifest: Descriptor,
    /// What it is for, where that is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
}

impl ImageIndex {
    /// An index of these manifests, in the order of their platforms.
    #[must_use]
    pub fn new(mut manifests: Vec<Entry>, annotations: BTreeMap<String, String>) -> ImageIndex {
        manifests.sort_by(|one, other| one.platform.cmp(&other.platform));
        ImageIndex {
            annotations,
            manifests,
            media_type: Some(media_type::INDEX.to_owned()),
            schema_version: 2,
        }
    }

    /// Its bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self)
            .expect("texts, numbers, lists and maps with texts as keys are JSON")
    }

    /// The images among what it names. Attestations, which builders put beside them, are for no platform that there is.
    pub fn images(&self) -> impl Iterator<Item = &Entry> {
        self.manifests.iter().filter(|entry| {
            let platform = entry.platform.as_ref();
            is_manifest(&entry.manifest.media_type)
                && platform.is_none_or(|platform| platform.os != "unknown")
        })
    }

    /// Whether both are the same images for the same platforms. Notes on them do not count.
    #[must_use]
    pub fn is_same_image(&self, other: &ImageIndex) -> bool {
        let essence = |index: &ImageIndex| -> Vec<_> {
            let entries = index.manifests.iter();
            entries
                .map(|entry| (entry.platform.clone(), entry.manifest.digest))
                .collect()
        };
        essence(self) == essence(other)
    }
}

pub(super) fn read(value: Value) -> Result<ImageIndex, ImageError> {
    let index: ImageIndex = serde_json::from_value(value).map_err(unreadable("index"))?;
    match index.media_type.as_deref() {
        None | Some(media_type::INDEX | DOCKER_LIST) => Ok(index),
        Some(other) => Err(not_an_image(format!(
            "it is of the type `{}`",
            other.escape_debug()
        ))),
    }
}
