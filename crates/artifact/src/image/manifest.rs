//! The manifest of an image for one platform, with the media types of the image-spec whoever wrote it.

use serde_json::Value;

use super::{ImageError, LARGEST_CONFIG, not_an_image, unreadable};
use crate::manifest::{LARGEST_BLOB, Manifest};
use crate::media_type;

/// What docker calls a manifest.
const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";

/// What docker calls a configuration.
const DOCKER_CONFIG: &str = "application/vnd.docker.container.image.v1+json";

/// The layers that images have: docker's name and that of the image-spec for the same bytes.
const LAYERS: [(&str, &str); 3] = [
    (
        "application/vnd.docker.image.rootfs.diff.tar",
        "application/vnd.oci.image.layer.v1.tar",
    ),
    (
        "application/vnd.docker.image.rootfs.diff.tar.gzip",
        "application/vnd.oci.image.layer.v1.tar+gzip",
    ),
    (
        "application/vnd.docker.image.rootfs.diff.tar.zstd",
        "application/vnd.oci.image.layer.v1.tar+zstd",
    ),
];

pub(super) fn is_manifest(kind: &str) -> bool {
    [media_type::MANIFEST, DOCKER_MANIFEST].contains(&kind)
}

pub(super) fn read(value: Value) -> Result<Manifest, ImageError> {
    let mut manifest: Manifest = serde_json::from_value(value).map_err(unreadable("manifest"))?;
    let kind = manifest.media_type.as_deref();
    if let Some(other) = kind.filter(|kind| !is_manifest(kind)) {
        return Err(of_the_type("it", other));
    }
    let config = &mut manifest.config;
    if ![media_type::IMAGE_CONFIG, DOCKER_CONFIG].contains(&config.media_type.as_str()) {
        return Err(of_the_type("its configuration", &config.media_type));
    }
    if config.size > LARGEST_CONFIG {
        return Err(not_an_image("its configuration is too large"));
    }
    media_type::IMAGE_CONFIG.clone_into(&mut config.media_type);
    for layer in &mut manifest.layers {
        let known = LAYERS
            .iter()
            .find(|(docker, oci)| [docker, oci].contains(&&layer.media_type.as_str()));
        let Some((_, oci)) = known else {
            return Err(of_the_type("one of its layers", &layer.media_type));
        };
        if layer.size > LARGEST_BLOB {
            return Err(not_an_image("one of its layers is larger than any"));
        }
        (*oci).clone_into(&mut layer.media_type);
    }
    manifest.media_type = Some(media_type::MANIFEST.to_owned());
    Ok(manifest)
}

fn of_the_type(what: &str, kind: &str) -> ImageError {
    not_an_image(format!("{what} is of the type `{}`", kind.escape_debug()))
}
