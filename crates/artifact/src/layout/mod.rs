//! Artifacts in a folder: an OCI image layout (image-spec, `image-layout.md`), for air gaps.

mod error;
mod write;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use error::LayoutError;

use crate::annotation;
use crate::descriptor::Descriptor;
use crate::digest::Digest;
use crate::manifest::{self, Manifest, ManifestError};
use crate::verified::Verified;

/// The file that marks a layout.
const MARKER: &str = "oci-layout";

/// The list of artifacts.
const INDEX: &str = "index.json";

/// The largest index that is read, in bytes.
const LARGEST_INDEX: u64 = 64 << 20;

/// A folder of artifacts.
///
/// ```text
/// oci-layout            the mark and the version of the format
/// index.json            the manifests, with their tags
/// blobs/sha256/<hex>    manifests, configurations and layers
/// ```
#[derive(Clone, Debug)]
pub struct Layout {
    folder: PathBuf,
}

/// An artifact in a layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Its tag, if it has one.
    pub name: Option<String>,
    /// Its manifest.
    pub manifest: Descriptor,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Index {
    schema_version: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    media_type: Option<String>,
    /// As they are: other tools write fields that bart does not know.
    manifests: Vec<Value>,
}

impl Layout {
    /// Opens a layout.
    ///
    /// # Errors
    ///
    /// When the folder is none.
    pub fn open(folder: &Path) -> Result<Layout, LayoutError> {
        let layout = Layout {
            folder: folder.to_owned(),
        };
        let mark: Option<Value> = layout
            .read(MARKER)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let version = mark
            .as_ref()
            .and_then(|mark| mark.get("imageLayoutVersion"));
        match version.and_then(Value::as_str) {
            Some(version) if version.starts_with("1.") => Ok(layout),
            _ => Err(LayoutError::NotALayout {
                folder: layout.folder,
            }),
        }
    }

    /// The artifacts.
    ///
    /// # Errors
    ///
    /// When the index cannot be read.
    pub fn artifacts(&self) -> Result<Vec<Artifact>, LayoutError> {
        let index = self.index()?;
        let artifact = |entry: Value| {
            let name = name_of(&entry).map(str::to_owned);
            let manifest = serde_json::from_value(entry)
                .map_err(|error| self.read_error(INDEX, error.into()))?;
            Ok(Artifact { name, manifest })
        };
        index.manifests.into_iter().map(artifact).collect()
    }

    /// The artifact with this name.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn named(&self, name: &str) -> Result<Artifact, LayoutError> {
        let artifacts = self.artifacts()?;
        let found = artifacts
            .iter()
            .find(|artifact| artifact.name.as_deref() == Some(name));
        found
            .cloned()
            .ok_or_else(|| self.no_artifact(&format!("called `{name}`"), &artifacts))
    }

    /// The only artifact.
    ///
    /// # Errors
    ///
    /// When there is none, or more than one.
    pub fn only(&self) -> Result<Artifact, LayoutError> {
        let artifacts = self.artifacts()?;
        match &artifacts[..] {
            [only] => Ok(only.clone()),
            _ => Err(self.no_artifact("that is the only one", &artifacts)),
        }
    }

    /// The manifest of an artifact, and its bytes.
    ///
    /// # Errors
    ///
    /// When it cannot be read, is not what its descriptor says, or is that of something else.
    pub fn manifest(&self, artifact: &Artifact) -> Result<(Manifest, Vec<u8>), LayoutError> {
        let bytes = self.document(&artifact.manifest)?;
        Ok((Manifest::parse(&bytes)?, bytes))
    }

    /// The bytes of a manifest or a configuration, which must be as small as registries want manifests.
    ///
    /// # Errors
    ///
    /// When they cannot be read, or are not what their descriptor says.
    pub fn document(&self, blob: &Descriptor) -> Result<Vec<u8>, LayoutError> {
        let size = usize::try_from(blob.size).unwrap_or(usize::MAX);
        if size > manifest::LARGEST {
            return Err(ManifestError::TooLarge { size }.into());
        }
        let mut bytes = Vec::new();
        let read = self
            .blob(blob)
            .and_then(|mut blob| blob.read_to_end(&mut bytes));
        read.map_err(|source| self.read_error(&blob_name(&blob.digest), source))?;
        Ok(bytes)
    }

    /// The bytes of a blob, checked while they are read.
    ///
    /// # Errors
    ///
    /// When there is no such blob. Reading ends in an error where its bytes are others than promised.
    pub fn blob(&self, blob: &Descriptor) -> io::Result<Verified<File>> {
        let file = File::open(self.blob_path(&blob.digest))?;
        Ok(Verified::new(file, blob))
    }

    /// Where the bytes of a blob are, if they are there.
    #[must_use]
    pub fn blob_path(&self, digest: &Digest) -> PathBuf {
        self.folder.join(blob_name(digest))
    }

    fn index(&self) -> Result<Index, LayoutError> {
        let bytes = self.read(INDEX)?;
        serde_json::from_slice(&bytes).map_err(|error| self.read_error(INDEX, error.into()))
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, LayoutError> {
        let mut bytes = Vec::new();
        File::open(self.folder.join(name))
            .and_then(|file| file.take(LARGEST_INDEX).read_to_end(&mut bytes))
            .map_err(|source| self.read_error(name, source))?;
        Ok(bytes)
    }

    fn read_error(&self, name: &str, source: io::Error) -> LayoutError {
        LayoutError::Read {
            path: self.folder.join(name),
            source,
        }
    }

    fn no_artifact(&self, wanted: &str, artifacts: &[Artifact]) -> LayoutError {
        let names: Vec<String> = artifacts
            .iter()
            .map(|artifact| {
                artifact.name.as_ref().map_or_else(
                    || "one without a name".to_owned(),
                    |name| format!("`{name}`"),
                )
            })
            .collect();
        LayoutError::NoArtifact {
            folder: self.folder.clone(),
            wanted: wanted.to_owned(),
            held: if names.is_empty() {
                "none".to_owned()
            } else {
                names.join(", ")
            },
        }
    }
}

fn blob_name(digest: &Digest) -> String {
    format!("blobs/sha256/{}", digest.hex())
}

fn name_of(entry: &Value) -> Option<&str> {
    entry
        .get("annotations")?
        .get(annotation::REF_NAME)?
        .as_str()
}
