//! Leases: files that say who runs which release, for as long as they are touched.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::fs::{AtFlags, CWD, Timespec, Timestamps, UTIME_NOW, utimensat};

use super::error::{StoreError, failed, if_there};
use super::{Store, atomic, faults, names, scan};
use crate::digest::Digest;

/// How long a lease holds after it was touched. Touch it several times in that time.
pub const LEASE_LIFE: Duration = Duration::from_secs(10 * 60);

/// The promise that a release stays while this process runs it. Dropping it ends it; of a process that was killed it ends
/// [`LEASE_LIFE`] after the last touch.
#[derive(Debug)]
pub struct Lease {
    store: Store,
    manifest: Digest,
    path: PathBuf,
}

impl Store {
    /// Takes a lease on a release that is there or is about to be. First take the lease, then look for the release: in
    /// the other order it may go in between. It counts as used now.
    ///
    /// # Errors
    /// No file can be made. Of a store that is read-only a release can be run without a lease, at the risk that a clean-up
    /// elsewhere removes it.
    pub fn lease(&self, manifest: &Digest) -> Result<Lease, StoreError> {
        let folder = self.home().leases();
        let path = atomic::temporary(&folder, &format!("{}.", manifest.hex()))
            .and_then(|file| file.into_temp_path().keep().map_err(|error| error.error))
            .map_err(failed("write to", &folder))?;
        faults::reach("lease.created");
        let lease = Lease {
            store: self.clone(),
            manifest: *manifest,
            path,
        };
        lease.mark_used();
        Ok(lease)
    }
}

impl Lease {
    /// The release.
    #[must_use]
    pub fn manifest(&self) -> Digest {
        self.manifest
    }

    /// Says that the release is still run. A lease that was taken away since this came too late is made again.
    ///
    /// # Errors
    /// The file can be neither touched nor made.
    pub fn touch(&self) -> Result<(), StoreError> {
        let touched = if_there(touch(&self.path)).map_err(failed("touch", &self.path))?;
        if touched.is_none() {
            OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(false)
                .open(&self.path)
                .map_err(failed("write", &self.path))?;
        }
        faults::reach("lease.touched");
        self.mark_used();
        Ok(())
    }

    /// The age of a release is that of its marker.
    fn mark_used(&self) {
        // Without a marker there is nothing yet whose age matters, and an age that is too high costs a pull at most.
        let _ = touch(&self.store.home().marker(&self.manifest));
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.mark_used();
        // Left behind, it ends by its age.
        let _ = fs::remove_file(&self.path);
    }
}

/// The leases of a store, by release.
#[derive(Debug, Default)]
pub(super) struct Leases {
    by_release: HashMap<Digest, Vec<LeaseFile>>,
}

/// A lease of any process.
#[derive(Debug)]
pub(super) struct LeaseFile {
    pub(super) path: PathBuf,
    pub(super) touched: SystemTime,
}

impl Leases {
    /// All leases, those that have ended too.
    pub(super) fn read(store: &Store) -> Result<Leases, StoreError> {
        let mut leases = Leases::default();
        for entry in scan::entries(&store.home().leases())? {
            let Some(manifest) = Path::new(&entry.name).file_stem().and_then(names::digest) else {
                continue;
            };
            let file = LeaseFile {
                path: entry.path,
                touched: entry.modified,
            };
            leases.by_release.entry(manifest).or_default().push(file);
        }
        Ok(leases)
    }

    /// Those of one release.
    pub(super) fn of(&self, manifest: &Digest) -> &[LeaseFile] {
        self.by_release.get(manifest).map_or(&[], Vec::as_slice)
    }

    /// Whether a release has one that holds.
    pub(super) fn hold(&self, manifest: &Digest, now: SystemTime) -> bool {
        self.of(manifest).iter().any(|lease| lease.holds(now))
    }

    /// Every one.
    pub(super) fn iter(&self) -> impl Iterator<Item = &LeaseFile> {
        self.by_release.values().flatten()
    }
}

impl LeaseFile {
    pub(super) fn holds(&self, now: SystemTime) -> bool {
        scan::age(self.touched, now) < LEASE_LIFE
    }
}

/// Sets a file's times by the clock of its file system, which on a network is the one that all its users share.
fn touch(path: &Path) -> std::io::Result<()> {
    let now = Timespec {
        tv_sec: 0,
        tv_nsec: UTIME_NOW,
    };
    let times = Timestamps {
        last_access: now,
        last_modification: now,
    };
    Ok(utimensat(CWD, path, &times, AtFlags::empty())?)
}
