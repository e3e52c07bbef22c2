//! The shared level: a place to fetch blobs from, as a mirror is. Nothing in it is trusted, and nothing of it is linked.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use rustix::fs::OFlags;

use super::blob::Blob;
use super::error::{StoreError, failed};
use super::hashing::Hashing;
use super::{Store, atomic, faults, places};
use crate::digest::Digest;

/// `<folder>/sha256/<hex>`, and `<folder>/tmp/` for what is being added.
#[derive(Debug)]
pub(super) struct Shared {
    folder: PathBuf,
    /// Those that turned out to be wrong, which may be replaced.
    wrong: Mutex<HashSet<Digest>>,
    warned: AtomicBool,
}

impl Store {
    /// Adds a blob of the private store to the shared level, unless it is there. Without a shared level, or without the
    /// blob, there is nothing to do. Blocks for as long as the shared level takes, so it is done after serving began.
    ///
    /// # Errors
    /// The blob cannot be read or is damaged, or the shared level cannot be written.
    pub fn share(&self, digest: &Digest) -> Result<(), StoreError> {
        match (self.shared(), self.blob(digest)) {
            (Some(shared), Some(blob)) => shared.add(&blob),
            _ => Ok(()),
        }
    }
}

impl Shared {
    pub(super) fn new(folder: PathBuf) -> Shared {
        Shared {
            folder,
            wrong: Mutex::default(),
            warned: AtomicBool::new(false),
        }
    }

    pub(super) fn tmp(&self) -> PathBuf {
        self.folder.join("tmp")
    }

    /// Copies a blob into the private store, hashed on the way. `None` where it is not here, or not right.
    pub(super) fn copy_to(
        &self,
        store: &Store,
        digest: &Digest,
        size: Option<u64>,
    ) -> Result<Option<Blob>, StoreError> {
        let path = places::blob(&self.folder, digest);
        let (file, length) = match open(&path) {
            Ok(opened) => opened,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Ok(self.doubt(digest, &path, &error.to_string())),
        };
        if size.is_some_and(|size| size != length) {
            return Ok(self.doubt(digest, &path, "wrong size"));
        }
        let mut writer = store.writer(*digest, Some(length))?;
        let copied = copy(file, |bytes| writer.append(bytes));
        match copied.and_then(|()| writer.finish().map_err(Fault::Store)) {
            Ok(blob) => Ok(Some(blob)),
            Err(Fault::Read(error)) => Ok(self.doubt(digest, &path, &error.to_string())),
            Err(Fault::Store(
                error @ (StoreError::WrongDigest { .. } | StoreError::WrongSize { .. }),
            )) => Ok(self.doubt(digest, &path, &error.to_string())),
            Err(Fault::Store(error)) => Err(error),
        }
    }

    fn add(&self, blob: &Blob) -> Result<(), StoreError> {
        let target = places::blob(&self.folder, &blob.digest);
        let there = fs::symlink_metadata(&target)
            .is_ok_and(|metadata| metadata.is_file() && metadata.len() == blob.size);
        if there && !self.is_wrong(&blob.digest) {
            return Ok(());
        }
        let file = File::open(&blob.path).map_err(failed("read", &blob.path))?;
        let tmp = self.tmp();
        let temporary = atomic::temporary(&tmp, "blob-").map_err(failed("write to", &tmp))?;
        faults::reach("shared.created");
        let mut sink = Hashing::new(temporary);
        io::copy(&mut &file, &mut sink).map_err(failed("write to", &tmp))?;
        let (temporary, actual) = sink.finish();
        if actual != blob.digest {
            let expected = blob.digest;
            return Err(StoreError::WrongDigest { expected, actual });
        }
        atomic::publish(temporary, &target).map_err(failed("write", &target))?;
        faults::reach("shared.renamed");
        self.wrong().remove(&blob.digest);
        Ok(())
    }

    /// Warns the first time: a shared level that fails does so for every blob.
    fn doubt(&self, digest: &Digest, path: &Path, reason: &str) -> Option<Blob> {
        self.wrong().insert(*digest);
        if !self.warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(path = %path.display(), reason, "a blob of the shared level cannot be used");
        }
        None
    }

    fn is_wrong(&self, digest: &Digest) -> bool {
        self.wrong().contains(digest)
    }

    fn wrong(&self) -> std::sync::MutexGuard<'_, HashSet<Digest>> {
        self.wrong.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Which side of a copy failed.
enum Fault {
    Read(io::Error),
    Store(StoreError),
}

/// Opens a regular file, and says its length. Others may write here, so the name may be a link or a pipe.
fn open(path: &Path) -> io::Result<(File, u64)> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("not a file"));
    }
    Ok((file, metadata.len()))
}

/// How much is copied at once, in bytes.
const CHUNK: usize = 128 << 10;

fn copy(
    mut source: impl io::Read,
    mut write: impl FnMut(&[u8]) -> Result<(), StoreError>,
) -> Result<(), Fault> {
    let mut chunk = vec![0; CHUNK];
    loop {
        match source.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(count) => write(&chunk[..count]).map_err(Fault::Store)?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Fault::Read(error)),
        }
    }
}
