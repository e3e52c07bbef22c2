//! What a release says of itself: its marker, and the index of its files.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::digest::Digest;

/// The format of marker, index and tree. A release of another one is as good as none.
pub(super) const VERSION: u32 = 1;

/// The name of the index in a tree.
pub(super) const INDEX: &str = "index.json";

/// The folder of the mounts in a tree.
pub(super) const MOUNTS: &str = "mounts";

/// The content of `release.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Marker {
    pub(super) version: u32,
    pub(super) manifest: Digest,
    /// The name of the tree's folder.
    pub(super) tree: String,
    /// The digest of the index.
    pub(super) index: Digest,
    /// The components that have files.
    pub(super) mounts: BTreeSet<usize>,
    /// The files beside the mounts.
    pub(super) named: BTreeMap<String, Digest>,
    /// How many files there are, without the index.
    pub(super) files: usize,
    /// Their bytes.
    pub(super) bytes: u64,
}

/// The content of `index.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Index {
    pub(super) files: Vec<IndexedFile>,
}

/// A file of a tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct IndexedFile {
    /// Relative to the tree.
    pub(super) path: String,
    pub(super) digest: Digest,
    pub(super) size: u64,
    /// Whether the blob of that digest was used.
    pub(super) blob: bool,
}

impl Marker {
    /// Reads a marker of this format for this manifest. Whatever else has its place is none.
    pub(super) fn parse(bytes: &[u8], manifest: &Digest) -> Option<Marker> {
        let marker: Marker = serde_json::from_slice(bytes).ok()?;
        let plain = !marker.tree.is_empty() && !marker.tree.contains(['/', '\0', '.']);
        (marker.version == VERSION && marker.manifest == *manifest && plain).then_some(marker)
    }
}
