//! The media types of images, and of Spin's artifact as Spin 4.0.2 writes and reads it.

/// An OCI image manifest (image-spec, `manifest.md`).
pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// An OCI image configuration (image-spec, `config.md`).
pub const IMAGE_CONFIG: &str = "application/vnd.oci.image.config.v1+json";
/// An index of images for several platforms (image-spec, `image-index.md`).
pub const INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// A locked app. Before Spin 2.0 it was the configuration of the artifact, since then it is a layer.
pub const LOCKED_APP: &str = "application/vnd.fermyon.spin.application.v1+config";
/// A component.
pub const WASM: &str = "application/vnd.wasm.content.layer.v1+wasm";
/// The content of one file.
pub const DATA: &str = "application/vnd.wasm.content.layer.v1+data";
/// The contents of many files: a gzip-compressed tar, each member of which counts by its own digest.
pub const ARCHIVE: &str = "application/vnd.wasm.content.bundle.v1.tar+gzip";
