//! Releases that can be run: a marker, and the tree that it names.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::error::{StoreError, failed, if_there};
use super::index::{INDEX, Index, MOUNTS, Marker};
use super::{Store, scan};
use crate::digest::Digest;

/// A complete release. Its paths hold for as long as a [`super::Lease`] does.
#[derive(Clone, Debug)]
pub struct StoredRelease {
    tree: PathBuf,
    marker: Marker,
}

impl Store {
    /// The release, if it is complete and survived every crash since. Take a [`Store::lease`] first. Only its marker is
    /// read: the rest was synced before that was written, and is checked by [`Store::verify`].
    #[must_use]
    pub fn release(&self, manifest: &Digest) -> Option<StoredRelease> {
        let path = self.home().marker(manifest);
        let bytes = match if_there(fs::read(&path)) {
            Ok(bytes) => bytes?,
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "the marker of a release cannot be read");
                return None;
            }
        };
        let marker = Marker::parse(&bytes, manifest)?;
        let release = StoredRelease::new(self.home().release(manifest).join(&marker.tree), marker);
        release.tree.is_dir().then_some(release)
    }
}

impl StoredRelease {
    pub(super) fn new(tree: PathBuf, marker: Marker) -> StoredRelease {
        StoredRelease { tree, marker }
    }

    /// The digest of its manifest.
    #[must_use]
    pub fn manifest(&self) -> Digest {
        self.marker.manifest
    }

    /// The folder with the files of a component, by its place in the locked app. `None` where it has none.
    #[must_use]
    pub fn mount(&self, component: usize) -> Option<PathBuf> {
        self.marker
            .mounts
            .contains(&component)
            .then(|| self.tree.join(MOUNTS).join(component.to_string()))
    }

    /// A file beside the mounts, with its digest.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<(PathBuf, Digest)> {
        let digest = self.marker.named.get(name)?;
        Some((self.tree.join(name), *digest))
    }

    /// The bytes of a file beside the mounts, hashed. `None` where there is no such file.
    ///
    /// # Errors
    /// It cannot be read, or is damaged.
    pub fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let Some((path, expected)) = self.named(name) else {
            return Ok(None);
        };
        let bytes = fs::read(&path).map_err(failed("read", &path))?;
        let actual = Digest::of(&bytes);
        if actual != expected {
            return Err(StoreError::WrongDigest { expected, actual });
        }
        Ok(Some(bytes))
    }

    /// How many files it has.
    #[must_use]
    pub fn files(&self) -> usize {
        self.marker.files
    }

    /// The bytes of all its files.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.marker.bytes
    }

    pub(super) fn tree(&self) -> &Path {
        &self.tree
    }

    pub(super) fn marker(&self) -> &Marker {
        &self.marker
    }

    /// What the tree has to contain. `None` where that is damaged.
    pub(super) fn index(&self) -> Option<Index> {
        let bytes = fs::read(self.tree.join(INDEX)).ok()?;
        let index: Index = serde_json::from_slice(&bytes).ok()?;
        (Digest::of(&bytes) == self.marker.index).then_some(index)
    }
}

/// A file's identity: its file system, and its number in it.
pub(super) type Inode = (u64, u64);

/// The identity of a file that is there.
pub(super) fn inode(path: &Path) -> Option<Inode> {
    let metadata = fs::symlink_metadata(path).ok()?;
    metadata.is_file().then(|| (metadata.dev(), metadata.ino()))
}

/// Takes the marker from every release that has `inode`, the damaged file of a blob, in its tree. Who runs such a release
/// keeps its tree.
pub(super) fn distrust(store: &Store, digest: &Digest, damaged: Inode) -> Result<(), StoreError> {
    for found in scan::releases(store)? {
        let Some((release, _)) = found.release else {
            continue;
        };
        let index = release.index().unwrap_or_default();
        let has_it = index.files.iter().any(|file| {
            file.digest == *digest && inode(&release.tree.join(&file.path)) == Some(damaged)
        });
        if has_it {
            unmark(store, &found.manifest)?;
        }
    }
    Ok(())
}

/// Takes the marker from a release, so that nobody trusts it any more.
pub(super) fn unmark(store: &Store, manifest: &Digest) -> Result<(), StoreError> {
    tracing::warn!(release = %manifest, "a release of the store is damaged and will be made again");
    let path = store.home().marker(manifest);
    if_there(fs::remove_file(&path)).map_err(failed("remove", &path))?;
    Ok(())
}
