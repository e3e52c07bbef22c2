//! The end of a file of native code: a checksum, since wasmtime runs what it maps without one.
//!
//! It finds what disks and cut-off writes do to files, not what somebody does on purpose: who may write the file may do anything (see `trust.rs`).
//! It is the XXH3 of the XXH3s of all blocks, so that two threads share what a start waits for.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::thread;

use twox_hash::XxHash3_64;

/// The first bytes after the code; then comes its checksum (64 bits, seed 0), little-endian.
const MARK: [u8; 8] = *b"bart\0cw2";
/// The bytes after the code.
const SEAL: usize = MARK.len() + size_of::<u64>();
/// What is hashed at once: it stays in the CPU's cache.
const BLOCK: usize = 128 << 10;

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
    let hashes: Vec<u64> = code.chunks(BLOCK).map(XxHash3_64::oneshot).collect();
    let checksum = of_hashes(&hashes);
    code.extend_from_slice(&MARK);
    code.extend_from_slice(&checksum.to_le_bytes());
    code
}

/// Reads a file of `length` bytes to the end and compares.
///
/// # Errors
///
/// When it cannot be read; the other result says whether it is right.
pub(super) fn check(file: &File, length: u64) -> io::Result<Result<(), Flaw>> {
    let Some(length) = usize::try_from(length)
        .ok()
        .and_then(|length| length.checked_sub(SEAL))
    else {
        return Ok(Err(Flaw::Torn));
    };
    let checksum = checksum(file, length)?;
    let mut end = [0; SEAL];
    file.read_exact_at(&mut end, length as u64)?;
    let (mark, expected) = end.split_at(MARK.len());
    Ok(if mark != MARK {
        Err(Flaw::Torn)
    } else if expected != checksum.to_le_bytes() {
        Err(Flaw::Damaged)
    } else {
        Ok(())
    })
}

fn checksum(file: &File, length: usize) -> io::Result<u64> {
    let blocks = length.div_ceil(BLOCK);
    let half = blocks / 2;
    let (first, second) = thread::scope(|scope| {
        let second = scope.spawn(|| hashes(file, half..blocks, length));
        let first = hashes(file, 0..half, length);
        (first, second.join().expect("hashing does not panic"))
    });
    Ok(of_hashes(&[first?, second?].concat()))
}

/// The hashes of some blocks of a file of `length` bytes.
fn hashes(file: &File, blocks: Range<usize>, length: usize) -> io::Result<Vec<u64>> {
    let mut buffer = vec![0; BLOCK];
    blocks
        .map(|block| {
            let offset = block * BLOCK;
            let bytes = &mut buffer[..BLOCK.min(length - offset)];
            file.read_exact_at(bytes, offset as u64)?;
            Ok(XxHash3_64::oneshot(bytes))
        })
        .collect()
}

fn of_hashes(hashes: &[u64]) -> u64 {
    let bytes: Vec<u8> = hashes.iter().flat_map(|hash| hash.to_le_bytes()).collect();
    XxHash3_64::oneshot(&bytes)
}
