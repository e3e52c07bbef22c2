//! An artifact to be looked at: its manifest and locked app, from a registry or a layout. Nothing else of it is read.

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use artifact::layout::Layout;
use artifact::registry::Registry;
use artifact::unpack::{ContentError, Contents};
use artifact::{Descriptor, Digest, LockedApp, Manifest, Reference};

use crate::Failure;
use crate::failure::exit;

/// Where an artifact is.
pub(super) enum Place {
    /// In a registry.
    Registry(Reference),
    /// In a layout.
    Layout {
        /// The layout.
        folder: PathBuf,
        /// Its name, unless it is the only one.
        name: Option<String>,
    },
}

/// What an artifact says of itself.
pub(super) struct Loaded {
    /// What the user calls it.
    pub(super) name: String,
    pub(super) digest: Digest,
    pub(super) manifest: Manifest,
    /// The size of the manifest in bytes.
    pub(super) manifest_size: u64,
    pub(super) app: LockedApp,
    pub(super) contents: Contents,
}

impl Place {
    /// Reads a reference, or, where there is a layout, the name of an artifact in it.
    pub(super) fn parse(text: Option<&str>, layout: Option<&Path>) -> Result<Place, Failure> {
        match (text, layout) {
            (text, Some(folder)) if text.is_none_or(|text| !text.contains('/')) => {
                Ok(Place::Layout {
                    folder: folder.to_owned(),
                    name: text.map(str::to_owned),
                })
            }
            (Some(text), _) => text.parse().map(Place::Registry).map_err(Failure::usage),
            (None, _) => Err(Failure::usage(anyhow!("no artifact is named"))),
        }
    }
}

/// Reads what there is to be seen.
pub(super) async fn load(registry: &Registry, place: Place) -> Result<Loaded, Failure> {
    match place {
        Place::Registry(reference) => from_registry(registry, &reference).await,
        Place::Layout { folder, name } => from_layout(&folder, name.as_deref()),
    }
}

async fn from_registry(registry: &Registry, reference: &Reference) -> Result<Loaded, Failure> {
    let (digest, bytes) = registry.manifest(reference).await?;
    let manifest = Manifest::parse(&bytes)?;
    let blob = manifest.locked_app()?;
    let app = registry.blob_bytes(&reference.repository, blob).await?;
    Loaded::new(reference.to_string(), digest, &bytes, manifest, &app)
}

fn from_layout(folder: &Path, name: Option<&str>) -> Result<Loaded, Failure> {
    let layout = Layout::open(folder)?;
    let artifact = name.map_or_else(|| layout.only(), |name| layout.named(name));
    let artifact = artifact?;
    let (manifest, bytes) = layout.manifest(&artifact)?;
    let blob = manifest.locked_app()?;
    let app = read(&layout, blob)?;
    let name = artifact.name.unwrap_or_default();
    let name = format!("{}:{name}", folder.display());
    Loaded::new(name, artifact.manifest.digest, &bytes, manifest, &app)
}

fn read(layout: &Layout, blob: &Descriptor) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    layout
        .blob(blob)
        .and_then(|mut reader| reader.read_to_end(&mut bytes))
        .with_context(|| {
            let path = layout.blob_path(&blob.digest);
            format!("failed to read `{}`", path.display())
        })?;
    Ok(bytes)
}

impl Loaded {
    fn new(
        name: String,
        digest: Digest,
        bytes: &[u8],
        manifest: Manifest,
        app: &[u8],
    ) -> Result<Loaded, Failure> {
        let app = LockedApp::parse(app)?;
        let contents = Contents::new(&manifest, &app).map_err(content_failure)?;
        Ok(Loaded {
            name,
            digest,
            manifest,
            manifest_size: bytes.len() as u64,
            app,
            contents,
        })
    }
}

fn content_failure(error: ContentError) -> Failure {
    Failure::failed(error).code(exit::NOT_AN_ARTIFACT)
}
