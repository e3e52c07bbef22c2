//! Tests of the artifact crate.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod archive;
mod digest;
mod download;
mod draft;
mod fixture;
mod guest_path;
mod hostile;
mod image;
mod layout;
mod locked;
mod manifest;
mod packs;
mod reference;
mod registry;
mod release;
#[path = "../../../../tests/registry/mod.rs"]
mod scripted;
mod store;
