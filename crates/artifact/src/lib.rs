//! Digests, the verified store, the Spin OCI artifact and images, and downloads that are checked.

pub mod annotation;
pub mod descriptor;
pub mod digest;
pub mod download;
pub mod guest_path;
pub mod image;
pub mod image_config;
pub mod layout;
pub mod locked;
pub mod manifest;
pub mod media_type;
pub mod reference;
pub mod registry;
pub mod release;
pub mod store;
pub mod unpack;
pub mod verified;

pub use descriptor::Descriptor;
pub use digest::Digest;
pub use guest_path::GuestPath;
pub use locked::LockedApp;
pub use manifest::Manifest;
pub use reference::{Reference, Repository, Target};
pub use release::Release;
pub use store::{Store, StoreError, StoreOptions};
