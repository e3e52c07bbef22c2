//! Digests and downloads that are checked against them. The store and the Spin OCI artifact will live here.

pub mod digest;
pub mod download;

pub use digest::Digest;
