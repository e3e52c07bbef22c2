//! Native code of modules: what engines compiled, by their keys. The store keeps the bytes; whether they can be run is for the engine to say.

use std::collections::HashSet;
use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::error::{StoreError, failed, if_there};
use super::gc::{GRACE, blobs_of};
use super::list::Room;
use super::scan::{self, age};
use super::{Store, atomic, names};
use crate::digest::Digest;

/// What follows the digest in a file's name.
pub(super) const EXTENSION: &str = "cwasm";

/// A file of native code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NativeFile {
    /// Where it is.
    pub path: PathBuf,
    /// The key of its engine, as a name of a folder.
    pub engine_key: String,
    /// The digest of the Wasm.
    pub wasm: Digest,
    /// Its length in bytes.
    pub size: u64,
    written: SystemTime,
}

/// Which native code a clean-up leaves.
#[derive(Clone, Copy, Debug)]
pub struct NativePolicy<'a> {
    /// Code of other engines goes.
    pub engine_key: &'a str,
    /// Wasm that is needed, whatever the releases say.
    pub needed: &'a [Digest],
    /// Releases that do not count, since they go too.
    pub gone: &'a [Digest],
}

impl Store {
    /// The private folder. Nobody but this user and root can write what is in it.
    #[must_use]
    pub fn root(&self) -> &Path {
        self.places().root()
    }

    /// The folder of all native code.
    #[must_use]
    pub fn natives(&self) -> PathBuf {
        self.places().natives()
    }

    /// Where the native code of a module belongs, compiled by an engine whose settings `engine_key` stands for.
    #[must_use]
    pub fn native(&self, engine_key: &str, wasm: &Digest) -> PathBuf {
        self.places().native(engine_key, wasm)
    }

    /// Keeps the native code of a module, in place of what was there.
    ///
    /// # Errors
    /// It cannot be written. What was there stays.
    pub fn keep_native(
        &self,
        engine_key: &str,
        wasm: &Digest,
        code: &[u8],
    ) -> Result<(), StoreError> {
        let path = self.native(engine_key, wasm);
        let folder = path.parent().unwrap_or(&path);
        // Whatever the umask: nobody runs code from where others could write it.
        let mut private = DirBuilder::new();
        private.recursive(true).mode(0o700);
        private.create(folder).map_err(failed("make", folder))?;
        atomic::write(&self.places().tmp(), &path, code, "native.written")
            .map_err(failed("write", &path))
    }

    /// All native code, by engine key and digest.
    ///
    /// # Errors
    /// A folder cannot be read.
    pub fn native_files(&self) -> Result<Vec<NativeFile>, StoreError> {
        let mut files = Vec::new();
        for folder in scan::entries(&self.places().natives())? {
            if !folder.metadata.is_dir() {
                continue;
            }
            for entry in scan::entries(&folder.path)? {
                let name = Path::new(&entry.name);
                let is_code = name.extension().is_some_and(|given| given == EXTENSION);
                let Some(wasm) = name.file_stem().and_then(names::digest) else {
                    continue;
                };
                if is_code {
                    files.push(NativeFile {
                        engine_key: folder.name.to_string_lossy().into_owned(),
                        wasm,
                        size: entry.metadata.len(),
                        written: entry.modified,
                        path: entry.path,
                    });
                }
            }
        }
        Ok(files)
    }

    /// The native code that neither a release nor the policy needs, and that has been there for a while.
    ///
    /// # Errors
    /// A folder cannot be read.
    pub fn unneeded_native(
        &self,
        policy: NativePolicy<'_>,
        now: SystemTime,
    ) -> Result<Vec<NativeFile>, StoreError> {
        let mut needed: HashSet<Digest> = policy.needed.iter().copied().collect();
        for found in scan::releases(self)? {
            if !policy.gone.contains(&found.manifest) {
                needed.extend(blobs_of(&found));
            }
        }
        let key = names::file_name(policy.engine_key);
        let mut files = self.native_files()?;
        files.retain(|file| {
            let is_needed = file.engine_key == key && needed.contains(&file.wasm);
            !is_needed && age(file.written, now) >= GRACE
        });
        Ok(files)
    }

    /// Removes native code. Who has mapped it keeps it.
    ///
    /// # Errors
    /// A file cannot be removed.
    pub fn remove_native(&self, files: &[NativeFile]) -> Result<Room, StoreError> {
        let mut room = Room::default();
        for file in files {
            let removed = if_there(fs::remove_file(&file.path));
            if removed.map_err(failed("remove", &file.path))?.is_some() {
                room.files += 1;
                room.bytes += file.size;
            }
            if let Some(folder) = file.path.parent() {
                // Only if it is empty now.
                let _ = fs::remove_dir(folder);
            }
        }
        Ok(room)
    }
}
