//! The file index: digests of files, so that the file server knows the validator of a file without reading it.
//!
//! Whoever mounts the files places it at `.bart/files`. Numbers are big-endian:
//!
//! | bytes | what |
//! |---|---|
//! | 8 | `bartfil` and the version, 1 |
//! | 256 × 4 | for each value of the first byte of a key, how many records have a key that starts with it or with a lesser one |
//! | 56 each | the records, by ascending key: 16 bytes of key, 32 of digest, 8 of length |
//!
//! A key is the start of the SHA-256 of a path, so keys are spread evenly. As in the index of a pack (git,
//! `gitformat-pack`), a lookup takes two reads, however many files there are: the head, and the records between two of its numbers.

use std::ops::Range;

use sha2::{Digest as _, Sha256};

/// The folder in the root of the files that is bart's own. No request can name what is in it.
pub const FOLDER: &str = ".bart";
/// The name of the index in that folder.
pub const NAME: &str = "files";
/// Bytes before the first record.
pub const HEAD_LENGTH: usize = MAGIC.len() + 256 * COUNT_LENGTH;

const MAGIC: [u8; 8] = *b"bartfil\x01";
const COUNT_LENGTH: usize = size_of::<u32>();
const KEY_LENGTH: usize = 16;
const DIGEST_LENGTH: usize = 32;
const RECORD_LENGTH: usize = KEY_LENGTH + DIGEST_LENGTH + size_of::<u64>();
/// Records between two numbers of the head that are worth reading: far more than a site with a million files has. A file
/// that claims more is none of ours.
const LONGEST_RUN: u64 = 1 << 14;

/// What the index says of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The SHA-256 of its content.
    pub digest: [u8; DIGEST_LENGTH],
    /// Its length in bytes. When the file has another the entry is about an earlier one, and does not count.
    pub length: u64,
}

/// Where to look for a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key([u8; KEY_LENGTH]);

/// The index of files by their paths, which have no leading slash. The order does not matter.
///
/// # Panics
/// With 2³² files or more, whose index would take 240 GB.
pub fn write<'a>(files: impl IntoIterator<Item = (&'a str, Entry)>) -> Vec<u8> {
    let mut records: Vec<(Key, Entry)> = files
        .into_iter()
        .map(|(path, entry)| (Key::of(path), entry))
        .collect();
    records.sort_unstable_by_key(|(key, _)| *key);
    let mut index = Vec::with_capacity(HEAD_LENGTH + records.len() * RECORD_LENGTH);
    index.extend(MAGIC);
    for first in 0..=u8::MAX {
        let count = records.partition_point(|(key, _)| key.0[0] <= first);
        let count = u32::try_from(count).expect("a site has less than 2^32 files");
        index.extend(count.to_be_bytes());
    }
    for (key, entry) in records {
        index.extend(key.0);
        index.extend(entry.digest);
        index.extend(entry.length.to_be_bytes());
    }
    index
}

impl Key {
    /// The key of a path without a leading slash.
    pub fn of(path: &str) -> Self {
        let digest: [u8; 32] = Sha256::digest(path).into();
        let (key, _) = digest
            .split_first_chunk()
            .expect("a key is shorter than a digest");
        Self(*key)
    }

    /// Which bytes of the index to hand to [`Key::find`], by its head; `None` when that is not the head of an index.
    pub fn run(&self, head: &[u8; HEAD_LENGTH]) -> Option<Range<u64>> {
        let counts = head.strip_prefix(&MAGIC)?;
        let first = usize::from(self.0[0]);
        let start = first
            .checked_sub(1)
            .map_or(Some(0), |less| count(counts, less))?;
        let end = count(counts, first)?;
        let offset = |record: u64| (HEAD_LENGTH as u64) + record * (RECORD_LENGTH as u64);
        (start <= end && end - start <= LONGEST_RUN).then(|| offset(start)..offset(end))
    }

    /// The entry of the path, if it is among these records.
    pub fn find(&self, run: &[u8]) -> Option<Entry> {
        let (records, _) = run.as_chunks::<RECORD_LENGTH>();
        let found = records
            .binary_search_by(|record| record[..KEY_LENGTH].cmp(&self.0))
            .ok()?;
        let (digest, length) = records[found][KEY_LENGTH..].split_first_chunk()?;
        Some(Entry {
            digest: *digest,
            length: u64::from_be_bytes(length.try_into().ok()?),
        })
    }
}

fn count(counts: &[u8], index: usize) -> Option<u64> {
    let (counts, _) = counts.as_chunks::<COUNT_LENGTH>();
    Some(u32::from_be_bytes(*counts.get(index)?).into())
}
