//! What a manifest says of a blob: its kind, digest and size (image-spec, `descriptor.md`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;

/// A blob as a manifest names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    // In the order of their names, which is how Spin writes them.
    /// Notes for people and tools; none that bart needs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    /// The digest of its bytes.
    pub digest: Digest,
    /// The media type of the blob.
    pub media_type: String,
    /// The number of its bytes.
    pub size: u64,
}

impl Descriptor {
    /// The descriptor of `bytes`.
    #[must_use]
    pub fn of(media_type: &str, bytes: &[u8]) -> Descriptor {
        Descriptor {
            annotations: BTreeMap::new(),
            digest: Digest::of(bytes),
            media_type: media_type.to_owned(),
            size: bytes.len() as u64,
        }
    }
}
