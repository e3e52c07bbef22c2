//! Blobs: bytes under their digest, named only after they were hashed.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::PathBuf;

use tempfile::NamedTempFile;

use super::error::{StoreError, failed, if_there};
use super::hashing::{Hashing, digest_of};
use super::{Store, atomic, faults, release};
use crate::descriptor::Descriptor;
use crate::digest::Digest;

/// A blob of the private store. Its name says what was written; what the disk has made of it since is checked by whoever
/// reads it through [`Store::read`] or links it into a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// The digest of its bytes.
    pub digest: Digest,
    /// Their number.
    pub size: u64,
    /// The file.
    pub path: PathBuf,
}

/// A blob that is being written. It hashes what passes and becomes a blob by [`BlobWriter::finish`] alone; dropped, it
/// leaves nothing.
pub struct BlobWriter {
    store: Store,
    expected: Digest,
    size: Option<u64>,
    file: Hashing<NamedTempFile>,
}

impl Store {
    /// The blob, if the private store has it. Nothing is read.
    #[must_use]
    pub fn blob(&self, digest: &Digest) -> Option<Blob> {
        let path = self.places().blob(digest);
        let metadata = fs::symlink_metadata(&path).ok()?;
        metadata.is_file().then_some(Blob {
            digest: *digest,
            size: metadata.len(),
            path,
        })
    }

    /// The blob, from the private store or, copied and hashed, from the shared level. `None`: pull it. One of another
    /// size than `size` is set aside. Blocks for as long as the shared level takes.
    ///
    /// # Errors
    /// The copy cannot be written. A shared level that fails or lies is a warning, once, and counts as empty.
    pub fn fetch(&self, digest: &Digest, size: Option<u64>) -> Result<Option<Blob>, StoreError> {
        match self.blob(digest) {
            Some(blob) if size.is_none_or(|size| size == blob.size) => return Ok(Some(blob)),
            Some(blob) => self.set_aside(&blob)?,
            None => {}
        }
        match self.shared() {
            Some(shared) => shared.copy_to(self, digest, size),
            None => Ok(None),
        }
    }

    /// The bytes of a blob, hashed as they are read. `None` where there is no such blob, or it had to be set aside.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read(&self, digest: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(blob) = self.blob(digest) else {
            return Ok(None);
        };
        let bytes = if_there(fs::read(&blob.path)).map_err(failed("read", &blob.path))?;
        match bytes {
            Some(bytes) if Digest::of(&bytes) == *digest => Ok(Some(bytes)),
            Some(_) => self.set_aside(&blob).map(|()| None),
            None => Ok(None),
        }
    }

    /// The bytes of a blob, for a reader that hashes them itself.
    ///
    /// # Errors
    /// The private store does not have it, or it cannot be read.
    pub fn open_blob(&self, blob: &Descriptor) -> io::Result<File> {
        let known = self
            .blob(&blob.digest)
            .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        File::open(known.path)
    }

    /// Begins to write a blob. With a `size`, in bytes, no other is taken.
    ///
    /// # Errors
    /// No file can be made.
    pub fn writer(&self, expected: Digest, size: Option<u64>) -> Result<BlobWriter, StoreError> {
        let tmp = self.places().tmp();
        let file = atomic::temporary(&tmp, "blob-").map_err(failed("write to", &tmp))?;
        faults::reach("blob.created");
        Ok(BlobWriter {
            store: self.clone(),
            expected,
            size,
            file: Hashing::new(file),
        })
    }

    /// The blob, if its bytes are right. What this process hashed before is not read again, as long as its size is the
    /// same. Wrong ones are set aside.
    pub(super) fn sound(&self, digest: &Digest) -> Result<Option<Blob>, StoreError> {
        let Some(blob) = self.blob(digest) else {
            return Ok(None);
        };
        if self.has_verified(digest, blob.size) {
            return Ok(Some(blob));
        }
        if self.is_right(&blob)? {
            self.note_verified(digest, blob.size);
            return Ok(Some(blob));
        }
        self.set_aside(&blob)?;
        Ok(None)
    }

    /// Reads a blob and compares.
    pub(super) fn is_right(&self, blob: &Blob) -> Result<bool, StoreError> {
        let hashed = if_there(File::open(&blob.path))
            .and_then(|file| file.map(digest_of).transpose())
            .map_err(failed("read", &blob.path))?;
        Ok(hashed.is_some_and(|(digest, _)| digest == blob.digest))
    }

    /// Takes a bad blob's name from it, and the markers from the releases whose trees are links to it.
    pub(super) fn set_aside(&self, blob: &Blob) -> Result<(), StoreError> {
        tracing::warn!(digest = %blob.digest, size = blob.size, "a blob of the store is damaged and was set aside");
        self.forget_verified(&blob.digest);
        let damaged = release::inode(&blob.path);
        let place = self
            .places()
            .tmp()
            .join(format!("bad-{}", blob.digest.hex()));
        if_there(atomic::rename(&blob.path, &place)).map_err(failed("set aside", &blob.path))?;
        faults::reach("blob.set-aside");
        damaged.map_or(Ok(()), |inode| release::distrust(self, &blob.digest, inode))
    }
}

impl BlobWriter {
    /// Adds bytes. The same as [`Write::write_all`], with the errors of the store.
    ///
    /// # Errors
    /// They cannot be written, or are more than there should be.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let actual = self.file.bytes() + bytes.len() as u64;
        if let Some(expected) = self.size.filter(|size| actual > *size) {
            return Err(self.wrong_size(expected, actual));
        }
        self.write_all(bytes)
            .map_err(failed("write to", &self.store.places().tmp()))
    }

    /// Names the blob after its bytes, in place of one that was there. It survives a power cut once a release that has
    /// it is sealed; until then it is hashed again before it is used.
    ///
    /// # Errors
    /// The bytes are not those that were promised, or the blob cannot be named.
    pub fn finish(self) -> Result<Blob, StoreError> {
        faults::reach("blob.written");
        let size = self.file.bytes();
        if let Some(expected) = self.size.filter(|expected| *expected != size) {
            return Err(self.wrong_size(expected, size));
        }
        let (file, actual) = self.file.finish();
        if actual != self.expected {
            let expected = self.expected;
            return Err(StoreError::WrongDigest { expected, actual });
        }
        faults::reach("blob.checked");
        let path = self.store.places().blob(&actual);
        atomic::publish(file, &path).map_err(failed("write", &path))?;
        faults::reach("blob.renamed");
        self.store.note_verified(&actual, size);
        Ok(Blob {
            digest: actual,
            size,
            path,
        })
    }

    fn wrong_size(&self, expected: u64, actual: u64) -> StoreError {
        StoreError::WrongSize {
            digest: self.expected,
            expected,
            actual,
        }
    }
}

impl Write for BlobWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let actual = self.file.bytes() + bytes.len() as u64;
        if let Some(expected) = self.size.filter(|size| actual > *size) {
            let error = self.wrong_size(expected, actual);
            return Err(io::Error::new(io::ErrorKind::InvalidData, error));
        }
        let taken = self.file.write(bytes)?;
        faults::reach("blob.torn");
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
