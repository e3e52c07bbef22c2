//! The end of a file of native code: a checksum, since wasmtime runs what it maps without one.
//!
//! It finds what disks and cut-off writes do to files, not what somebody does on purpose: who may write the file may do anything (see `trust.rs`).

use std::fs::File;
use std::io;

use memmap2::Mmap;
use twox_hash::XxHash3_64;

/// The first bytes after the code; then comes its XXH3 (64 bits, seed 0), little-endian.
const MARK: [u8; 8] = *b"bart\0cw3";
/// The bytes after the code.
const SEAL: usize = MARK.len() + size_of::<u64>();

/// What is wrong with a file's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// It does not end as it should.
    #[error("it is cut off, or not bart's")]
    Torn,
    /// Its checksum is another one.
    #[error("its checksum is wrong")]
    Damaged,
}

/// Adds the end to code.
pub(crate) fn seal(mut code: Vec<u8>) -> Vec<u8> {
    let checksum = XxHash3_64::oneshot(&code);
    code.extend_from_slice(&MARK);
    code.extend_from_slice(&checksum.to_le_bytes());
    code
}

/// Looks through a file and compares. Nobody may write to it meanwhile (`trust.rs`). Gives what it has looked through.
///
/// # Errors
///
/// When it cannot be read; the other result says whether it is right.
pub(super) fn check(file: &File) -> io::Result<Result<Mmap, Flaw>> {
    let bytes = map(file)?;
    let Some((code, end)) = bytes.split_last_chunk::<SEAL>() else {
        return Ok(Err(Flaw::Torn));
    };
    let (mark, expected) = end.split_at(MARK.len());
    Ok(if mark != MARK {
        Err(Flaw::Torn)
    } else if expected != XxHash3_64::oneshot(code).to_le_bytes() {
        Err(Flaw::Damaged)
    } else {
        Ok(bytes)
    })
}

/// The bytes where the system keeps them: copying them takes longer than hashing them. So does naming all pages to the processor at once
/// (`MAP_POPULATE`), where it takes those that follow along with each.
#[expect(unsafe_code, reason = "nobody can prove that a file does not change")]
fn map(file: &File) -> io::Result<Mmap> {
    // SAFETY: the file must not change while it is mapped. Who could change it is as in `map.rs`, where its code is run.
    unsafe { Mmap::map(file) }
}
