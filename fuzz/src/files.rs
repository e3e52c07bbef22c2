//! Inputs in files: crashes that `cargo fuzz` has left.

use std::ffi::OsString;
use std::fs;
use std::io;

use crate::Check;

/// Checks the inputs in the files of those paths.
///
/// # Errors
/// When one cannot be read.
pub fn check_files(paths: impl IntoIterator<Item = OsString>, check: Check) -> io::Result<()> {
    paths
        .into_iter()
        .try_for_each(|path| fs::read(path).map(|input| check(&input)))
}
