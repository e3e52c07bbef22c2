//! What is published: an artifact that is made of a site, or one from a layout.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::Path;
use std::thread;

use anyhow::{Context, anyhow};
use artifact::layout::Layout;
use artifact::registry::{Source, Upload};
use artifact::release::{BuildError, Holds};
use artifact::{Digest, LockedApp, Manifest, Release, media_type};
use bytes::Bytes;
use engine::manifest;

use super::annotations::{Annotation, annotations};
use super::draft::draft;
use super::git;
use super::wording::Wording;
use crate::up::{Site, Warning};
use crate::{Failure, up};

/// An artifact that is ready to go.
pub(super) struct Outgoing {
    pub(super) digest: Digest,
    pub(super) manifest: Manifest,
    pub(super) manifest_bytes: Bytes,
    pub(super) app: LockedApp,
    /// Every blob once, in the order of the manifest.
    pub(super) blobs: Vec<Upload>,
    /// What is in each pack, with its size in bytes. That of packs from elsewhere is not known.
    pub(super) packs: BTreeMap<Digest, Vec<(Digest, u64)>>,
}

/// Makes the release of a site, and tells what its author should know of it.
pub(super) fn release(site: &Path, given: &[Annotation], strict: bool) -> Result<Release, Failure> {
    let site = Site::read(&up::manifest(site)?)?;
    let wording = Wording::read(site.manifest())?;
    let folder = manifest::folder(site.manifest());
    let name = site.manifest().file_name().unwrap_or_default();
    let (drafted, commit) = thread::scope(|scope| {
        let commit = scope.spawn(|| git::commit(folder, Path::new(name)));
        let drafted = draft(&site, &wording);
        (drafted, commit.join().expect("asking git does not panic"))
    });
    let drafted = drafted?;
    for notice in &drafted.notices {
        tracing::info!("{notice}");
    }
    tell(&drafted.warnings, strict)?;
    let mut draft = drafted.draft;
    draft.annotations = annotations(site.app(), &wording, commit.as_ref(), given)?;
    Release::build(draft).map_err(build_failure)
}

/// Takes an artifact from a layout: the one of this name, or else the only one. Its blobs are checked.
pub(super) fn from_layout(folder: &Path, name: &str) -> Result<Outgoing, Failure> {
    let layout = Layout::open(folder)?;
    let artifact = layout.named(name).or_else(|_| layout.only());
    let artifact = artifact?;
    let (manifest, bytes) = layout.manifest(&artifact)?;
    let locked_app = manifest.locked_app()?.clone();
    let mut app = Vec::new();
    let mut blobs: Vec<Upload> = Vec::new();
    for descriptor in std::iter::once(&manifest.config).chain(&manifest.layers) {
        if blobs
            .iter()
            .any(|known| known.descriptor.digest == descriptor.digest)
        {
            continue;
        }
        let path = layout.blob_path(&descriptor.digest);
        let read = layout.blob(descriptor).and_then(|mut blob| {
            if descriptor.digest == locked_app.digest {
                blob.read_to_end(&mut app).map(drop)
            } else {
                io::copy(&mut blob, &mut io::sink()).map(drop)
            }
        });
        read.with_context(|| format!("failed to read `{}`", path.display()))?;
        blobs.push(Upload {
            descriptor: descriptor.clone(),
            source: Source::File(path),
        });
    }
    let app = LockedApp::parse(&app)?;
    Ok(Outgoing {
        digest: artifact.manifest.digest,
        manifest,
        manifest_bytes: bytes.into(),
        app,
        blobs,
        packs: BTreeMap::new(),
    })
}

impl From<Release> for Outgoing {
    fn from(release: Release) -> Outgoing {
        let packs = release.blobs.iter().filter_map(|layer| match &layer.holds {
            Holds::Pack(contents) => {
                let contents = contents.iter();
                let contents = contents.map(|content| (content.digest(), content.size()));
                Some((layer.descriptor.digest, contents.collect()))
            }
            _ => None,
        });
        Outgoing {
            digest: release.digest,
            packs: packs.collect(),
            blobs: release.blobs.iter().map(Upload::from).collect(),
            manifest: release.manifest,
            manifest_bytes: release.manifest_bytes.into(),
            app: release.app,
        }
    }
}

impl Outgoing {
    /// The media type that the manifest is put under.
    pub(super) fn media_type(&self) -> &str {
        let own = self.manifest.media_type.as_deref();
        own.unwrap_or(media_type::MANIFEST)
    }
}

/// Tells what the author should know.
fn tell(warnings: &[Warning], strict: bool) -> Result<(), Failure> {
    let mut unsupported = Vec::new();
    for warning in warnings {
        match warning {
            Warning::Remark(remark) => tracing::info!("{remark}"),
            Warning::Unsupported(what) => unsupported.push(what.as_str()),
        }
    }
    if strict && !unsupported.is_empty() {
        return Err(Failure::usage(anyhow!("{}", unsupported.join("; ")))
            .hint("leave out `--strict` to publish it as it is"));
    }
    for what in unsupported {
        tracing::warn!("{what}; it is published as it is");
    }
    Ok(())
}

fn build_failure(error: BuildError) -> Failure {
    match error {
        BuildError::Source(_) | BuildError::Pack(_) => Failure::failed(error),
        _ => Failure::usage(error),
    }
}
