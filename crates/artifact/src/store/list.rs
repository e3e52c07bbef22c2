//! What is in a store.

use std::collections::{HashMap, HashSet};
use std::time::SystemTime;

use super::error::StoreError;
use super::lease::Leases;
use super::scan::Found;
use super::{Store, refs, scan};
use crate::digest::Digest;

/// What is in a store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The releases, by digest.
    pub releases: Vec<ListedRelease>,
    /// All blobs.
    pub blobs: Room,
    /// Native code.
    pub native: Room,
    /// What is not finished, or was set aside.
    pub temporary: Room,
}

/// A release in a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedRelease {
    /// The digest of its manifest.
    pub manifest: Digest,
    /// The references that resolved to it, such as `ghcr.io/me/site:1.2.3`.
    pub references: Vec<String>,
    /// How many files it has.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// How many of those other releases have too.
    pub shared: u64,
    /// When it was last used: leased, touched or let go.
    pub used: SystemTime,
    /// How many leases on it hold.
    pub leases: usize,
}

/// Some files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// How many.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
}

impl Store {
    /// Lists what is there.
    ///
    /// # Errors
    /// A folder cannot be read.
    pub fn list(&self, now: SystemTime) -> Result<Listing, StoreError> {
        let found = scan::releases(self)?;
        let usages = usages(self, &found)?;
        let leases = Leases::read(self)?;
        let references = references(self)?;
        let mut users: HashMap<Digest, usize> = HashMap::new();
        for (digest, _) in usages.iter().flat_map(|usage| &usage.blobs) {
            *users.entry(*digest).or_default() += 1;
        }
        let complete = found.iter().filter_map(|found| found.release.as_ref());
        let releases = complete
            .zip(&usages)
            .map(|((release, used), usage)| ListedRelease {
                manifest: usage.manifest,
                references: references.get(&usage.manifest).cloned().unwrap_or_default(),
                files: release.files(),
                bytes: release.bytes(),
                shared: usage.shared(&users),
                used: *used,
                leases: (leases.of(&usage.manifest).iter())
                    .filter(|lease| lease.holds(now))
                    .count(),
            })
            .collect();
        Ok(Listing {
            releases,
            blobs: blobs(self)?,
            native: room(self.places().natives().as_path())?,
            temporary: room(self.places().tmp().as_path())?,
        })
    }
}

/// What a release takes.
#[derive(Debug)]
pub(super) struct Usage {
    pub(super) manifest: Digest,
    pub(super) used: SystemTime,
    /// Bytes that are not in blobs.
    pub(super) own: u64,
    /// Blobs with their sizes, each once.
    pub(super) blobs: HashMap<Digest, u64>,
}

impl Usage {
    /// Bytes of blobs that others use too.
    fn shared(&self, users: &HashMap<Digest, usize>) -> u64 {
        let shared = self
            .blobs
            .iter()
            .filter(|(digest, _)| users.get(digest) > Some(&1));
        shared.map(|(_, size)| size).sum()
    }
}

/// What the complete releases among those that were found take, in the same order. One whose index is damaged takes what
/// its marker says.
pub(super) fn usages(store: &Store, found: &[Found]) -> Result<Vec<Usage>, StoreError> {
    let there: HashSet<Digest> = (scan::blobs(store)?.into_iter())
        .map(|(blob, _)| blob.digest)
        .collect();
    let usage = |found: &Found| {
        let (release, used) = found.release.as_ref()?;
        let mut usage = Usage {
            manifest: found.manifest,
            used: *used,
            own: 0,
            blobs: HashMap::new(),
        };
        match release.index() {
            Some(index) => {
                for file in index.files {
                    if file.blob && there.contains(&file.digest) {
                        usage.blobs.insert(file.digest, file.size);
                    } else {
                        usage.own += file.size;
                    }
                }
            }
            None => usage.own = release.bytes(),
        }
        Some(usage)
    };
    Ok(found.iter().filter_map(usage).collect())
}

fn references(store: &Store) -> Result<HashMap<Digest, Vec<String>>, StoreError> {
    let mut references: HashMap<Digest, Vec<String>> = HashMap::new();
    for (digest, name) in refs::all(store)?
        .into_iter()
        .filter_map(|found| found.content)
    {
        references.entry(digest).or_default().push(name);
    }
    Ok(references)
}

fn blobs(store: &Store) -> Result<Room, StoreError> {
    let blobs = scan::blobs(store)?;
    Ok(Room {
        files: blobs.len(),
        bytes: blobs.iter().map(|(blob, _)| blob.size).sum(),
    })
}

fn room(folder: &std::path::Path) -> Result<Room, StoreError> {
    let (files, bytes) = scan::room(folder)?;
    Ok(Room { files, bytes })
}
