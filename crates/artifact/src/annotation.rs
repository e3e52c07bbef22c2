//! The names of the notes on a manifest (image-spec, `annotations.md`).

/// When the content was made, in the form of RFC 3339.
pub const CREATED: &str = "org.opencontainers.image.created";
/// The version of the site.
pub const VERSION: &str = "org.opencontainers.image.version";
/// The commit that it was made from.
pub const REVISION: &str = "org.opencontainers.image.revision";
/// Where its sources are.
pub const SOURCE: &str = "org.opencontainers.image.source";
/// Its name.
pub const TITLE: &str = "org.opencontainers.image.title";
/// What it is about.
pub const DESCRIPTION: &str = "org.opencontainers.image.description";
/// Who made it.
pub const AUTHORS: &str = "org.opencontainers.image.authors";
/// Its licences, as an SPDX expression.
pub const LICENSES: &str = "org.opencontainers.image.licenses";
/// The image that it was made from, by name.
pub const BASE_NAME: &str = "org.opencontainers.image.base.name";
/// The digest of the image that it was made from.
pub const BASE_DIGEST: &str = "org.opencontainers.image.base.digest";
/// In the index of an image layout: the tag of an artifact (image-spec, `image-layout.md`).
pub const REF_NAME: &str = "org.opencontainers.image.ref.name";
