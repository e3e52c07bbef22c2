//! Builds the tree of a release: hard links to blobs, and copies where the file system refuses those.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::blob::Blob;
use super::builder::ContentRef;
use super::error::{StoreError, failed};
use super::hashing::Hashing;
use super::index::IndexedFile;
use super::{Store, atomic};
use crate::digest::Digest;

/// A tree that nobody sees yet.
pub(super) struct Tree<'a> {
    store: &'a Store,
    root: &'a Path,
    folders: HashSet<PathBuf>,
    /// Until the file system says that it never will.
    linkable: bool,
    copied: usize,
}

impl<'a> Tree<'a> {
    /// A tree in the empty folder `root`.
    pub(super) fn new(store: &'a Store, root: &'a Path) -> Tree<'a> {
        Tree {
            store,
            root,
            folders: HashSet::from([root.to_owned()]),
            linkable: true,
            copied: 0,
        }
    }

    /// How many files could not be linked.
    pub(super) fn copied(&self) -> usize {
        self.copied
    }

    /// Adds a file. `None` where its blob is not in the store, or was damaged.
    pub(super) fn add(
        &mut self,
        path: &str,
        content: &ContentRef,
    ) -> Result<Option<IndexedFile>, StoreError> {
        let target = self.root.join(path);
        if let Some(parent) = target.parent() {
            self.folder(parent)?;
        }
        let (digest, size) = match content {
            ContentRef::Inline(bytes) => {
                atomic::write_new(&target, bytes).map_err(failed("write", &target))?;
                (Digest::of(bytes), bytes.len() as u64)
            }
            ContentRef::Blob(digest) => match self.store.sound(digest)? {
                Some(blob) if self.place(&blob, &target)? => (blob.digest, blob.size),
                _ => return Ok(None),
            },
        };
        Ok(Some(IndexedFile {
            path: path.to_owned(),
            digest,
            size,
            blob: matches!(content, ContentRef::Blob(_)),
        }))
    }

    /// Whether the blob was still there, and right where it was copied.
    fn place(&mut self, blob: &Blob, target: &Path) -> Result<bool, StoreError> {
        if self.linkable {
            match fs::hard_link(&blob.path, target) {
                Ok(()) => return Ok(true),
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
                Err(error) => match linkable_after(&error) {
                    Some(linkable) => self.linkable = linkable,
                    None => return Err(failed("link to", target)(error)),
                },
            }
        }
        self.copied += 1;
        self.copy(blob, target)
    }

    fn copy(&self, blob: &Blob, target: &Path) -> Result<bool, StoreError> {
        let mut source = match File::open(&blob.path) {
            Ok(source) => source,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(failed("read", &blob.path)(error)),
        };
        let file = atomic::create_new(target).map_err(failed("write", target))?;
        let mut sink = Hashing::new(file);
        io::copy(&mut source, &mut sink).map_err(failed("copy to", target))?;
        if sink.finish().1 == blob.digest {
            return Ok(true);
        }
        self.store.set_aside(blob)?;
        Ok(false)
    }

    fn folder(&mut self, folder: &Path) -> Result<(), StoreError> {
        if self.folders.contains(folder) {
            return Ok(());
        }
        fs::create_dir_all(folder).map_err(failed("make", folder))?;
        self.folders.insert(folder.to_owned());
        Ok(())
    }
}

/// Whether links are worth another try after one was refused for a reason that a copy avoids: another file system, too
/// many links of this file, no permission for it, or no links at all.
fn linkable_after(error: &io::Error) -> Option<bool> {
    match error.kind() {
        ErrorKind::CrossesDevices | ErrorKind::Unsupported => Some(false),
        ErrorKind::PermissionDenied | ErrorKind::TooManyLinks => Some(true),
        _ => None,
    }
}
