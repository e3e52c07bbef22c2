//! Rereads everything.

use std::collections::{BTreeSet, HashSet};
use std::fs::{self, File};
use std::io;
use std::path::Path;

use super::error::{StoreError, failed, if_there};
use super::hashing::digest_of;
use super::index::{INDEX, IndexedFile};
use super::release::{self, Inode, StoredRelease, inode};
use super::{Store, scan};
use crate::digest::Digest;

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// How many blobs were read.
    pub blobs: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Damaged blobs, which were set aside. They are fetched again when a release needs them.
    pub bad_blobs: Vec<Digest>,
    /// How many releases were compared with their indexes.
    pub releases: usize,
    /// Damaged releases, which are made again when they are started next.
    pub bad_releases: Vec<Digest>,
}

/// How far a check is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerifyProgress {
    /// Bytes of blobs that were read.
    pub done: u64,
    /// Bytes of all blobs.
    pub total: u64,
}

impl Store {
    /// Reads every blob and compares every release with its index. What is damaged is not trusted any more; it
    /// stays only where the store cannot be written, and then the report says so all the same.
    ///
    /// # Errors
    /// A folder cannot be read.
    pub fn verify(
        &self,
        progress: &mut dyn FnMut(VerifyProgress),
    ) -> Result<VerifyReport, StoreError> {
        let mut report = VerifyReport::default();
        // Before the blobs: setting one aside takes the markers from releases that link to it.
        let found = scan::releases(self)?;
        let right = self.verify_blobs(&mut report, progress)?;
        for found in found {
            let Some((stored, _)) = found.release else {
                continue;
            };
            report.releases += 1;
            if !is_whole(&stored, &right)? {
                report.bad_releases.push(found.manifest);
                warn_if_failed(release::unmark(self, &found.manifest));
            }
        }
        Ok(report)
    }

    /// Rereads one release, and takes its marker from it if it is damaged: for a check after the start.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn verify_release(&self, stored: &StoredRelease) -> Result<bool, StoreError> {
        let whole = is_whole(stored, &HashSet::new())?;
        if !whole {
            release::unmark(self, &stored.manifest())?;
        }
        Ok(whole)
    }

    /// The files that are right.
    fn verify_blobs(
        &self,
        report: &mut VerifyReport,
        progress: &mut dyn FnMut(VerifyProgress),
    ) -> Result<HashSet<(Inode, Digest)>, StoreError> {
        let blobs = scan::blobs(self)?;
        let total = blobs.iter().map(|(blob, _)| blob.size).sum();
        let mut right = HashSet::new();
        for (blob, _) in blobs {
            // One that a clean-up has removed meanwhile is neither right nor wrong.
            let Some(inode) = inode(&blob.path) else {
                continue;
            };
            report.blobs += 1;
            report.bytes += blob.size;
            if self.is_right(&blob)? {
                right.insert((inode, blob.digest));
            } else {
                report.bad_blobs.push(blob.digest);
                warn_if_failed(self.set_aside(&blob));
            }
            let done = report.bytes;
            progress(VerifyProgress { done, total });
        }
        Ok(right)
    }
}

/// Whether a tree has the files of its index, and no others. Links to blobs that are right are not read again.
fn is_whole(stored: &StoredRelease, right: &HashSet<(Inode, Digest)>) -> Result<bool, StoreError> {
    let Some(index) = stored.index() else {
        return Ok(false);
    };
    let mut expected: BTreeSet<&str> = index.files.iter().map(|file| file.path.as_str()).collect();
    expected.insert(INDEX);
    let mut actual = BTreeSet::new();
    collect(stored.tree(), "", &mut actual)?;
    if !actual.iter().map(String::as_str).eq(expected) {
        return Ok(false);
    }
    for file in &index.files {
        if !is_file_right(stored.tree(), file, right)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn is_file_right(
    tree: &Path,
    file: &IndexedFile,
    right: &HashSet<(Inode, Digest)>,
) -> Result<bool, StoreError> {
    let path = tree.join(&file.path);
    let Some(inode) = inode(&path) else {
        return Ok(false);
    };
    if right.contains(&(inode, file.digest)) {
        return Ok(true);
    }
    let hashed = if_there(hash(&path)).map_err(failed("read", &path))?;
    Ok(hashed == Some(file.digest))
}

fn hash(path: &Path) -> io::Result<Digest> {
    Ok(digest_of(File::open(path)?)?.0)
}

/// The paths of everything below a folder that is not a folder.
fn collect(root: &Path, below: &str, paths: &mut BTreeSet<String>) -> Result<(), StoreError> {
    let folder = root.join(below);
    let Some(listing) = if_there(fs::read_dir(&folder)).map_err(failed("read", &folder))? else {
        return Ok(());
    };
    for entry in listing {
        let entry = entry.map_err(failed("read", &folder))?;
        let name = entry.file_name();
        let path = match below {
            "" => name.to_string_lossy().into_owned(),
            _ => format!("{below}/{}", name.to_string_lossy()),
        };
        if entry.file_type().map_err(failed("read", &folder))?.is_dir() {
            collect(root, &path, paths)?;
        } else {
            paths.insert(path);
        }
    }
    Ok(())
}

fn warn_if_failed(result: Result<(), StoreError>) {
    if let Err(error) = result {
        tracing::warn!(%error, "what is damaged could not be set aside");
    }
}
