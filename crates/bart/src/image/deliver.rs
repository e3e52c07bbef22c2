//! A stamped image on its way to a registry or a layout: its layers are mounted or known where they can be, and copied where not.

use std::io::{self, Seek};

use anyhow::Context;
use artifact::Descriptor;
use artifact::image::{Document, ImageIndex};
use artifact::layout::Layout;
use artifact::registry::{Progress, Push, Pushed, Registry, Source, Upload};
use artifact::{Reference, media_type};

use super::base::Place;
use super::stamp::Stamped;
use crate::Failure;
use crate::publish::report::Blobs;

/// Pushes an image. The registry checks what is believed of it.
pub(super) async fn push(
    registry: &Registry,
    base: &Place,
    stamped: &Stamped,
    to: &Reference,
    force_tag: bool,
) -> Result<Pushed, Failure> {
    let layers: Vec<Upload> = stamped
        .layers()
        .map(|layer| Upload {
            descriptor: layer.clone(),
            source: base.source(layer),
        })
        .collect();
    let digests = || layers.iter().map(|layer| layer.descriptor.digest);
    let from = base.repository();
    let (mut known, mut mount_from) = Default::default();
    match from {
        Some(from) if *from == to.repository => known = digests().collect(),
        Some(from) if from.registry == to.repository.registry => {
            mount_from = digests().map(|layer| (layer, from.name.clone())).collect();
        }
        _ => {}
    }
    let push = Push {
        reference: to.clone(),
        blobs: stamped.configs().chain(layers).collect(),
        known,
        mount_from,
        images: stamped
            .images
            .iter()
            .map(|image| image.manifest_bytes.clone())
            .collect(),
        media_type: media_type::INDEX.to_owned(),
        manifest: stamped.index_bytes.clone(),
        force_tag,
    };
    let is_same = |bytes: &[u8]| is_same(bytes, &stamped.index);
    Ok(registry.push(&push, is_same, &Progress::silent()).await?)
}

/// Writes an image into a layout, and says what it consists of.
pub(super) async fn write(
    registry: &Registry,
    base: &Place,
    stamped: &Stamped,
    layout: &Layout,
    name: &str,
) -> Result<Blobs, Failure> {
    let mut written = Blobs::default();
    for blob in stamped.configs() {
        written.add(&blob.descriptor);
        let Source::Memory(bytes) = blob.source else {
            unreachable!("configurations are in memory");
        };
        layout.add_blob(&blob.descriptor, || Ok(&bytes[..]))?;
    }
    let mut layers: Vec<&Descriptor> = stamped.layers().collect();
    layers.sort_by_key(|layer| layer.digest);
    layers.dedup_by_key(|layer| layer.digest);
    for layer in layers {
        written.add(layer);
        copy(registry, base, layer, layout).await?;
    }
    for image in &stamped.images {
        let manifest = Descriptor::of(media_type::MANIFEST, &image.manifest_bytes);
        layout.add_blob(&manifest, || Ok(&image.manifest_bytes[..]))?;
    }
    let index = Descriptor::of(media_type::INDEX, &stamped.index_bytes);
    layout.add_blob(&index, || Ok(&stamped.index_bytes[..]))?;
    layout.set_name(index, name)?;
    Ok(written)
}

/// Whether a tag has this image already.
fn is_same(existing: &[u8], index: &ImageIndex) -> bool {
    match Document::parse(existing) {
        Ok(Document::Index(existing)) => existing.is_same_image(index),
        _ => false,
    }
}

async fn copy(
    registry: &Registry,
    base: &Place,
    layer: &Descriptor,
    layout: &Layout,
) -> Result<(), Failure> {
    match base {
        Place::Layout(from) => Ok(layout.add_blob(layer, || from.blob(layer))?),
        Place::Registry { reference, .. } => {
            let downloaded = registry.blob_to(&reference.repository, layer, || {
                tempfile::tempfile().map(tokio::fs::File::from_std)
            });
            let mut file = downloaded.await?.into_std().await;
            file.rewind().context("failed to read a downloaded layer")?;
            Ok(layout.add_blob(layer, || io::Result::Ok(file))?)
        }
    }
}
