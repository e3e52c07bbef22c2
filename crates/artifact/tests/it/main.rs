//! Tests of the artifact crate.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod digest;
mod download;
