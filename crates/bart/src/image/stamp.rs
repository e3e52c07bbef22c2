//! The new image: the base with another configuration for each platform. A pure function of the base and the release, so that the same
//! release has the same image whoever makes it.

use std::collections::BTreeMap;

use artifact::image::{Entry, ImageConfig, ImageIndex, Platform};
use artifact::registry::{Source, Upload};
use artifact::{Descriptor, Digest, Manifest, annotation, media_type};
use bytes::Bytes;

use super::base::{BaseImage, Variant};
use super::content::Content;
use crate::serve::image_variable as variable;

/// The labels that say what an image is for.
pub(super) mod label {
    /// The release.
    pub(in super::super) const BUILD_ID: &str = "bart.build-id";
    /// Its repository.
    pub(in super::super) const REPOSITORY: &str = "bart.repository";
    /// Its digest.
    pub(in super::super) const DIGEST: &str = "bart.digest";
}

/// The notes of the release that are also those of its image.
const SHARED: [&str; 3] = [
    annotation::CREATED,
    annotation::REVISION,
    annotation::SOURCE,
];

/// An image that is ready to go.
pub(super) struct Stamped {
    pub(super) index: ImageIndex,
    pub(super) index_bytes: Bytes,
    /// In the order of their platforms.
    pub(super) images: Vec<StampedVariant>,
}

/// The image for one platform.
pub(super) struct StampedVariant {
    pub(super) platform: Platform,
    pub(super) manifest: Manifest,
    pub(super) manifest_bytes: Bytes,
    config: Bytes,
}

impl Stamped {
    /// Stamps the base.
    pub(super) fn new(base: &BaseImage, content: &Content) -> Stamped {
        let notes = notes(content);
        let images: Vec<StampedVariant> = base
            .variants
            .iter()
            .map(|variant| stamp(variant, content, &notes))
            .collect();
        let entries = images.iter().map(|image| Entry {
            manifest: Descriptor::of(media_type::MANIFEST, &image.manifest_bytes),
            platform: Some(image.platform.clone()),
        });
        let mut annotations = notes.clone();
        annotations.insert(annotation::BASE_DIGEST.to_owned(), base.digest.to_string());
        annotations.extend(
            base.name()
                .map(|name| (annotation::BASE_NAME.to_owned(), name)),
        );
        let index = ImageIndex::new(entries.collect(), annotations);
        Stamped {
            index_bytes: index.to_bytes().into(),
            index,
            images,
        }
    }

    /// The digest of its index.
    pub(super) fn digest(&self) -> Digest {
        Digest::of(&self.index_bytes)
    }

    /// Its configurations, which are all that is new.
    pub(super) fn configs(&self) -> impl Iterator<Item = Upload> {
        self.images.iter().map(|image| Upload {
            descriptor: image.manifest.config.clone(),
            source: Source::Memory(image.config.clone()),
        })
    }

    /// Its layers, each as often as it is named.
    pub(super) fn layers(&self) -> impl Iterator<Item = &Descriptor> {
        self.images.iter().flat_map(|image| &image.manifest.layers)
    }
}

fn stamp(base: &Variant, content: &Content, notes: &BTreeMap<String, String>) -> StampedVariant {
    let mut config = base.config.clone();
    mark(&mut config, content, notes);
    let config = Bytes::from(config.to_bytes());
    let mut annotations = notes.clone();
    annotations.insert(annotation::BASE_DIGEST.to_owned(), base.digest.to_string());
    let manifest = Manifest {
        annotations,
        config: Descriptor::of(media_type::IMAGE_CONFIG, &config),
        ..base.manifest.clone()
    };
    StampedVariant {
        platform: base.platform.clone(),
        manifest_bytes: manifest.to_bytes().into(),
        manifest,
        config,
    }
}

/// Says in a configuration what the image is for. What an earlier stamp said goes.
fn mark(config: &mut ImageConfig, content: &Content, notes: &BTreeMap<String, String>) {
    let build_id = content.build_id.to_string();
    let repository = content.repository.as_ref().map(ToString::to_string);
    let digest = content.digest.as_ref().map(ToString::to_string);
    for (variable, label, value) in [
        (variable::BUILD_ID, label::BUILD_ID, Some(&build_id)),
        (variable::REPOSITORY, label::REPOSITORY, repository.as_ref()),
        (variable::DIGEST, label::DIGEST, digest.as_ref()),
    ] {
        let value = value.map(String::as_str);
        config.set_variable(variable, value);
        config.set_label(label, value);
    }
    for name in SHARED.into_iter().chain([annotation::VERSION]) {
        config.set_label(name, notes.get(name).map(String::as_str));
    }
    if let Some(created) = notes.get(annotation::CREATED) {
        config.set_created(created);
    }
    config.add_history(&format!("bart image --build-id {build_id}"));
}

/// The notes on the image. Its version is the release.
fn notes(content: &Content) -> BTreeMap<String, String> {
    let shared = SHARED.into_iter().filter_map(|name| {
        let value = content.annotations.get(name)?;
        Some((name.to_owned(), value.clone()))
    });
    let version = (annotation::VERSION.to_owned(), content.build_id.to_string());
    shared.chain([version]).collect()
}
