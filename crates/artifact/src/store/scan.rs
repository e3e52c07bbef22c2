//! Looks through the store's folders.

use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::blob::Blob;
use super::error::{StoreError, failed, if_there};
use super::places::MARKER;
use super::release::StoredRelease;
use super::{Store, names, places};
use crate::digest::Digest;

/// An entry of a folder.
pub(super) struct Entry {
    pub(super) name: OsString,
    pub(super) path: PathBuf,
    pub(super) metadata: Metadata,
    pub(super) modified: SystemTime,
}

/// The folder of a release, finished or not.
pub(super) struct Found {
    pub(super) manifest: Digest,
    pub(super) folder: PathBuf,
    /// With its last use, if there is a marker that can be trusted.
    pub(super) release: Option<(StoredRelease, SystemTime)>,
    /// All trees.
    pub(super) trees: Vec<Entry>,
}

/// The entries of a folder, by name. A folder that is not there has none, and neither counts what goes meanwhile.
pub(super) fn entries(folder: &Path) -> Result<Vec<Entry>, StoreError> {
    let read = || failed("read", folder);
    let Some(listing) = if_there(fs::read_dir(folder)).map_err(read())? else {
        return Ok(Vec::new());
    };
    let mut entries = Vec::new();
    for entry in listing {
        let entry = entry.map_err(read())?;
        let Some(metadata) = if_there(entry.metadata()).map_err(read())? else {
            continue;
        };
        entries.push(Entry {
            name: entry.file_name(),
            path: entry.path(),
            modified: metadata.modified().map_err(read())?,
            metadata,
        });
    }
    entries.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(entries)
}

/// All blobs, with the times at which they came.
pub(super) fn blobs(store: &Store) -> Result<Vec<(Blob, SystemTime)>, StoreError> {
    let entries = entries(&places::blob_folder(&store.blobs()))?;
    Ok(entries
        .into_iter()
        .filter(|entry| entry.metadata.is_file())
        .filter_map(|entry| {
            let blob = Blob {
                digest: names::digest(&entry.name)?,
                size: entry.metadata.len(),
                path: entry.path,
            };
            Some((blob, entry.modified))
        })
        .collect())
}

/// The folders of all releases.
pub(super) fn releases(store: &Store) -> Result<Vec<Found>, StoreError> {
    entries(&store.home().releases())?
        .into_iter()
        .filter_map(|entry| names::digest(&entry.name))
        .map(|manifest| release(store, &manifest))
        .collect()
}

/// The folder of one release.
pub(super) fn release(store: &Store, manifest: &Digest) -> Result<Found, StoreError> {
    let folder = store.home().release(manifest);
    let mut trees = entries(&folder)?;
    let marker = trees.iter().position(|entry| entry.name == MARKER);
    let used = marker.map(|at| trees.remove(at).modified);
    Ok(Found {
        manifest: *manifest,
        folder,
        release: store.release(manifest).zip(used),
        trees,
    })
}

/// The files and bytes below a folder.
pub(super) fn room(folder: &Path) -> Result<(usize, u64), StoreError> {
    let (mut files, mut bytes) = (0, 0);
    for entry in entries(folder)? {
        let (more_files, more_bytes) = if entry.metadata.is_dir() {
            room(&entry.path)?
        } else {
            (1, entry.metadata.len())
        };
        files += more_files;
        bytes += more_bytes;
    }
    Ok((files, bytes))
}

/// How long ago something was. What is to come, by the clock of another machine, is now.
pub(super) fn age(time: SystemTime, now: SystemTime) -> Duration {
    now.duration_since(time).unwrap_or_default()
}
