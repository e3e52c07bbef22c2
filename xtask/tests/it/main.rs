//! The tests of the repository itself.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod chart;
mod scripts;
mod tidy;
