//! The image that is stamped: its manifests and configurations, from a registry or a layout. Its layers stay where they are.

use std::fmt;

use anyhow::anyhow;
use artifact::image::{Document, Entry, ImageConfig, ImageIndex, Platform};
use artifact::layout::Layout;
use artifact::registry::{Elsewhere, Registry, Source};
use artifact::{Descriptor, Digest, Manifest, Reference, Repository, Target};
use futures::future;

use super::arguments::Base;
use crate::Failure;

/// The base.
pub(super) struct BaseImage {
    pub(super) place: Place,
    /// Of what was named: an index or a manifest.
    pub(super) digest: Digest,
    /// In the order of their platforms, which are all different.
    pub(super) variants: Vec<Variant>,
}

/// The base for one platform.
pub(super) struct Variant {
    pub(super) platform: Platform,
    pub(super) digest: Digest,
    pub(super) manifest: Manifest,
    pub(super) config: ImageConfig,
}

/// Where the base is.
pub(super) enum Place {
    Registry {
        registry: Registry,
        reference: Reference,
    },
    Layout(Layout),
}

impl BaseImage {
    /// Reads the base for those of its platforms that are wanted, or all.
    pub(super) async fn read(
        base: &Base,
        registry: &Registry,
        wanted: &[Platform],
    ) -> Result<BaseImage, Failure> {
        let (place, digest, bytes) = find(base, registry).await?;
        let (mut variants, held) = match Document::parse(&bytes)? {
            Document::Manifest(manifest) => {
                let variant = place.variant(digest, manifest, None).await?;
                let held = vec![variant.platform.clone()];
                (vec![variant], held)
            }
            Document::Index(index) => {
                let entries: Vec<&Entry> = index.images().collect();
                let held: Vec<Platform> = platforms(&index);
                let read = entries
                    .into_iter()
                    .filter(|entry| is_wanted(entry.platform.as_ref(), wanted))
                    .map(|entry| place.variant_of(entry));
                (future::try_join_all(read).await?, held)
            }
        };
        variants.retain(|variant| is_wanted(Some(&variant.platform), wanted));
        check(&variants, wanted, &held)?;
        variants.sort_by(|one, other| one.platform.cmp(&other.platform));
        Ok(BaseImage {
            place,
            digest,
            variants,
        })
    }

    /// What it is called where others can find it.
    pub(super) fn name(&self) -> Option<String> {
        match &self.place {
            Place::Registry { reference, .. } => Some(reference.to_string()),
            Place::Layout(_) => None,
        }
    }
}

impl Place {
    /// The repository that has the layers, if it is one.
    pub(super) fn repository(&self) -> Option<&Repository> {
        match self {
            Place::Registry { reference, .. } => Some(&reference.repository),
            Place::Layout(_) => None,
        }
    }

    /// Where the bytes of a layer are.
    pub(super) fn source(&self, layer: &Descriptor) -> Source {
        match self {
            Place::Registry {
                registry,
                reference,
            } => Source::Elsewhere(Box::new(Elsewhere {
                registry: registry.clone(),
                repository: reference.repository.clone(),
                descriptor: layer.clone(),
            })),
            Place::Layout(layout) => Source::File(layout.blob_path(&layer.digest)),
        }
    }

    async fn variant_of(&self, entry: &Entry) -> Result<Variant, Failure> {
        let Entry { manifest, platform } = entry;
        let bytes = match self {
            Place::Registry {
                registry,
                reference,
            } => {
                let target = Target::Digest(manifest.digest);
                registry.manifest(&reference.repository.at(target)).await?.1
            }
            Place::Layout(layout) => layout.document(manifest)?,
        };
        match Document::parse(&bytes)? {
            Document::Manifest(read) => self.variant(manifest.digest, read, platform.clone()).await,
            Document::Index(_) => Err(Failure::usage(anyhow!(
                "`{}` is an index in an index",
                manifest.digest
            ))),
        }
    }

    async fn variant(
        &self,
        digest: Digest,
        manifest: Manifest,
        platform: Option<Platform>,
    ) -> Result<Variant, Failure> {
        let bytes = match self {
            Place::Registry {
                registry,
                reference,
            } => {
                registry
                    .blob_bytes(&reference.repository, &manifest.config)
                    .await?
            }
            Place::Layout(layout) => layout.document(&manifest.config)?,
        };
        let config = ImageConfig::parse(&bytes, &manifest)?;
        Ok(Variant {
            platform: platform.unwrap_or_else(|| config.platform().clone()),
            digest,
            manifest,
            config,
        })
    }
}

impl fmt::Display for Base {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Base::Registry(reference) => write!(formatter, "{reference}"),
            Base::Layout { folder, name } => {
                write!(formatter, "{}", folder.display())?;
                match name {
                    Some(name) => write!(formatter, ":{name}"),
                    None => Ok(()),
                }
            }
        }
    }
}

/// What was named, and its bytes.
async fn find(base: &Base, registry: &Registry) -> Result<(Place, Digest, Vec<u8>), Failure> {
    match base {
        Base::Registry(reference) => {
            let (digest, bytes) = registry.manifest(reference).await?;
            let place = Place::Registry {
                registry: registry.clone(),
                reference: reference.clone(),
            };
            Ok((place, digest, bytes))
        }
        Base::Layout { folder, name } => {
            let layout = Layout::open(folder)?;
            let found = match name {
                Some(name) => layout.named(name)?,
                None => layout.only()?,
            };
            let bytes = layout.document(&found.manifest)?;
            Ok((Place::Layout(layout), found.manifest.digest, bytes))
        }
    }
}

/// Where a platform is not said, the configuration will say it.
fn is_wanted(platform: Option<&Platform>, wanted: &[Platform]) -> bool {
    let Some(platform) = platform else {
        return true;
    };
    wanted.is_empty() || wanted.iter().any(|wanted| platform.is(wanted))
}

fn platforms(index: &ImageIndex) -> Vec<Platform> {
    let platforms = index.images().filter_map(|entry| entry.platform.clone());
    platforms.collect()
}

/// Whether there is one image for each platform that is wanted.
fn check(variants: &[Variant], wanted: &[Platform], held: &[Platform]) -> Result<(), Failure> {
    let lacking = wanted
        .iter()
        .find(|wanted| !variants.iter().any(|it| it.platform.is(wanted)));
    if let Some(lacking) = lacking {
        let held: Vec<String> = held.iter().map(Platform::to_string).collect();
        return Err(
            Failure::usage(anyhow!("the base has no image for `{lacking}`"))
                .hint(format!("it has those for {}", held.join(", "))),
        );
    }
    if variants.is_empty() {
        return Err(Failure::usage(anyhow!("the base has no image")));
    }
    for (at, variant) in variants.iter().enumerate() {
        let platform = &variant.platform;
        if variants[..at]
            .iter()
            .any(|other| other.platform == *platform)
        {
            return Err(Failure::usage(anyhow!(
                "the base has more than one image for `{platform}`"
            )));
        }
    }
    Ok(())
}
