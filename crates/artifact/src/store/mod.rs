//! The store: a private, content-addressed folder of blobs and releases that is right after every crash.
//!
//! ```text
//! <volume>/bart/                   0700, made and checked by bart
//!   blobs/sha256/<hex>             hashed while written, then renamed; 0444, never changed
//!   native/<engine key>/<hex>.cwasm
//!   releases/<manifest hex>/
//!     <tree>/                      complete before it comes here; never changed
//!       mounts/<component>/...     the files of a component: hard links to blobs
//!       index.json, <name> ...     every file with its digest; the locked app and such
//!     release.json                 the marker: which tree counts; written last, after one `syncfs`
//!   refs/<registry>/<repo>/<tag>   the digest a tag last resolved to
//!   leases/<manifest hex>.<id>     touched by the process that runs the release
//!   tmp/                           what is not finished, or was set aside; never trusted
//! <shared>/sha256/<hex>            optional: copied from and hashed, never linked, never trusted
//! ```
//!
//! Any number of processes may use one store, without locks:
//! - a name appears by a rename, over bytes that are complete. Two that write the same write the same bytes;
//! - each process that builds a release builds a tree of its own, and the marker names one of them, so nobody waits for or
//!   adopts what another has left behind;
//! - who runs a release first takes a [`Lease`] and then looks for it. [`Store::gc`] takes the marker away first and then looks
//!   for leases again, so one of the two sees the other, and a tree that was seen is never deleted or moved.
//!
//! A blob whose release was never sealed may be torn by a power cut. So a blob is hashed before it is linked into a
//! release unless this process has hashed it already.

mod atomic;
mod blob;
mod builder;
mod error;
pub mod faults;
mod gc;
mod hashing;
mod index;
mod lease;
mod list;
mod names;
mod native;
mod places;
mod private;
mod refs;
mod release;
mod scan;
mod shared;
mod tree;
mod verify;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::digest::Digest;

use places::Places;
use shared::Shared;

pub use blob::{Blob, BlobWriter};
pub use builder::{ContentRef, PlacedRelease, ReleaseBuilder};
pub use error::{NotOurs, StoreError};
pub use gc::{GRACE, GcPlan, GcPolicy, GcReport, Removal};
pub use lease::{LEASE_LIFE, Lease};
pub use list::{ListedRelease, Listing, Room};
pub use native::{NativeFile, NativePolicy};
pub use release::StoredRelease;
pub use verify::{VerifyProgress, VerifyReport};

/// What else a store uses beside its volume.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// A folder to fetch blobs from, and to add to where that is allowed. It may belong to anybody. [`Store::blobs`] of
    /// another store, of a read-only one too, is such a folder.
    pub shared: Option<PathBuf>,
    /// A volume for releases and leases, where they are to be on another file system than the blobs, such as in memory.
    /// Their files are copies then.
    pub releases: Option<PathBuf>,
}

/// A store. Clones are the same store.
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    places: Places,
    /// Where the releases are.
    home: Places,
    shared: Option<Shared>,
    /// What this process has hashed, with its size in bytes.
    verified: Mutex<HashMap<Digest, u64>>,
}

impl Store {
    /// Opens the store in `volume`, any folder, in which it makes a private one. What a crash has left is not looked for.
    ///
    /// # Errors
    /// [`StoreError::NotOurs`] where the private folder could have been written by others. [`StoreError::ReadOnly`],
    /// [`StoreError::Full`] or [`StoreError::Permission`] where it is not there and cannot be made; a caller may then use a volume
    /// in memory.
    pub fn open(volume: &Path, options: StoreOptions) -> Result<Store, StoreError> {
        let places = Places::in_volume(volume);
        private::open(places.root())?;
        let home = match options.releases {
            Some(volume) => {
                let home = Places::in_volume(&volume);
                private::open(home.root())?;
                home
            }
            None => places.clone(),
        };
        Ok(Store {
            inner: Arc::new(Inner {
                places,
                home,
                shared: options.shared.map(Shared::new),
                verified: Mutex::default(),
            }),
        })
    }

    /// The store in `volume`, if there is one. Nothing is made there.
    ///
    /// # Errors
    /// As for [`Store::open`].
    pub fn find(volume: &Path, options: StoreOptions) -> Result<Option<Store>, StoreError> {
        if private::is_there(Places::in_volume(volume).root())? {
            Store::open(volume, options).map(Some)
        } else {
            Ok(None)
        }
    }

    /// Whether blobs and releases can be added. What a store that cannot has may still be run.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        private::is_writable(self.inner.places.root())
            && private::is_writable(self.inner.home.root())
    }

    /// The folder of the blobs, as a shared level for another store.
    #[must_use]
    pub fn blobs(&self) -> PathBuf {
        self.inner.places.blobs()
    }

    /// Where blobs and refs are.
    fn places(&self) -> &Places {
        &self.inner.places
    }

    /// Where releases and leases are, with a `tmp/` on the same file system.
    fn home(&self) -> &Places {
        &self.inner.home
    }

    fn shared(&self) -> Option<&Shared> {
        self.inner.shared.as_ref()
    }

    fn has_verified(&self, digest: &Digest, size: u64) -> bool {
        self.verified().get(digest) == Some(&size)
    }

    fn note_verified(&self, digest: &Digest, size: u64) {
        self.verified().insert(*digest, size);
    }

    fn forget_verified(&self, digest: &Digest) {
        self.verified().remove(digest);
    }

    fn verified(&self) -> MutexGuard<'_, HashMap<Digest, u64>> {
        self.inner
            .verified
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
