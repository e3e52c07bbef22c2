//! Clean-up: removes what neither a lease, nor a recent release, nor the policy keeps.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::blob::Blob;
use super::error::{StoreError, failed, if_there};
use super::lease::Leases;
use super::list::{Usage, usages};
use super::scan::{Entry, Found, age};
use super::{Store, atomic, faults, refs, scan};
use crate::digest::Digest;

/// What is younger stays, whatever the policy: it may belong to a pull that runs, or to a release about to start.
pub const GRACE: Duration = Duration::from_secs(60 * 60);

/// What may go.
#[derive(Clone, Copy, Debug)]
pub struct GcPolicy {
    /// Remove releases, those used longest ago first, until all that is kept has at most this many bytes.
    pub max_size: Option<u64>,
    /// Remove releases that were not used for this long.
    pub max_age: Option<Duration>,
}

/// What a clean-up removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GcReport {
    /// Releases.
    pub releases: Vec<Digest>,
    /// Trees of releases that were never finished, or were damaged.
    pub trees: usize,
    /// Blobs that no release needs.
    pub blobs: usize,
    /// The bytes of those.
    pub blob_bytes: u64,
    /// Unfinished and damaged files and folders of `tmp/`.
    pub temporary: usize,
    /// Refs whose release is gone.
    pub refs: usize,
}

/// What a clean-up would remove, besides what is damaged or was never finished.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GcPlan {
    /// Releases.
    pub releases: Vec<Digest>,
    /// Blobs that no other release needs.
    pub blobs: usize,
    /// The bytes of those.
    pub blob_bytes: u64,
}

/// What became of a release that was to be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// It is gone. Its blobs stay until the next clean-up.
    Removed,
    /// It is being run, and stays.
    Leased,
    /// There is no such release.
    NotThere,
}

impl Store {
    /// Cleans up. `now` is compared with the times of files.
    ///
    /// # Errors
    /// A folder cannot be read, or something cannot be removed; what was removed until then is gone.
    pub fn gc(&self, policy: GcPolicy, now: SystemTime) -> Result<GcReport, StoreError> {
        let mut report = GcReport::default();
        end_leases(self, now)?;
        let leases = Leases::read(self)?;
        let found = scan::releases(self)?;
        let victims = choose(&usages(self, &found)?, &leases, policy, now);
        faults::reach("gc.chosen");
        let mut kept = HashSet::new();
        for found in &found {
            report.trees += remove_strays(found, &leases, now)?;
            let goes =
                victims.contains(&found.manifest) && remove(self, found, now)? == Removal::Removed;
            if goes {
                report.releases.push(found.manifest);
            } else {
                kept.extend(blobs_of(found));
            }
        }
        remove_blobs(self, &kept, now, &mut report)?;
        report.refs = remove_refs(self, now)?;
        report.temporary = remove_temporary(self, now)?;
        Ok(report)
    }

    /// Says what [`Store::gc`] would do now, and does nothing.
    ///
    /// # Errors
    /// A folder cannot be read.
    pub fn plan_gc(&self, policy: GcPolicy, now: SystemTime) -> Result<GcPlan, StoreError> {
        let leases = Leases::read(self)?;
        let found = scan::releases(self)?;
        let victims = choose(&usages(self, &found)?, &leases, policy, now);
        let (goes, stays): (Vec<&Found>, Vec<&Found>) =
            (found.iter()).partition(|found| victims.contains(&found.manifest));
        let kept = stays.into_iter().flat_map(blobs_of).collect();
        let blobs = unneeded(self, &kept, now)?;
        Ok(GcPlan {
            releases: goes.into_iter().map(|found| found.manifest).collect(),
            blobs: blobs.len(),
            blob_bytes: blobs.iter().map(|blob| blob.size).sum(),
        })
    }

    /// Removes one release, unless it is being run.
    ///
    /// # Errors
    /// It cannot be removed.
    pub fn remove_release(
        &self,
        manifest: &Digest,
        now: SystemTime,
    ) -> Result<Removal, StoreError> {
        if Leases::read(self)?.hold(manifest, now) {
            return Ok(Removal::Leased);
        }
        remove(self, &scan::release(self, manifest)?, now)
    }
}

/// Which releases go.
fn choose(usages: &[Usage], leases: &Leases, policy: GcPolicy, now: SystemTime) -> HashSet<Digest> {
    let mut oldest_first: Vec<&Usage> = usages.iter().collect();
    oldest_first.sort_by_key(|usage| (usage.used, usage.manifest));
    let mut users: HashMap<Digest, usize> = HashMap::new();
    let mut total = 0;
    for usage in usages {
        total += usage.own;
        for (digest, size) in &usage.blobs {
            let users = users.entry(*digest).or_default();
            total += if *users == 0 { *size } else { 0 };
            *users += 1;
        }
    }
    let mut victims = HashSet::new();
    for usage in oldest_first {
        let unused = age(usage.used, now);
        if unused < GRACE || leases.hold(&usage.manifest, now) {
            continue;
        }
        let too_old = policy.max_age.is_some_and(|limit| unused > limit);
        let too_much = policy.max_size.is_some_and(|limit| total > limit);
        if !too_old && !too_much {
            continue;
        }
        victims.insert(usage.manifest);
        total -= usage.own;
        for (digest, size) in &usage.blobs {
            let users = users.entry(*digest).or_default();
            *users -= 1;
            total -= if *users == 0 { *size } else { 0 };
        }
    }
    victims
}

/// Removes a release whose trees were listed before. The marker goes first. Who took a lease before that is seen now, and
/// keeps the release; who takes one later finds no marker, and builds a tree that is not in the list.
fn remove(store: &Store, found: &Found, now: SystemTime) -> Result<Removal, StoreError> {
    let marker = store.home().marker(&found.manifest);
    let name = format!("marker-{}-{}", found.manifest.hex(), std::process::id());
    let taken = store.home().tmp().join(name);
    if if_there(atomic::rename(&marker, &taken))
        .map_err(failed("remove", &marker))?
        .is_none()
    {
        return Ok(Removal::NotThere);
    }
    faults::reach("gc.marker-removed");
    if Leases::read(store)?.hold(&found.manifest, now) {
        put_back(&taken, &marker)?;
        return Ok(Removal::Leased);
    }
    // A power cut must not bring the marker back without its tree.
    File::open(&found.folder)
        .and_then(|folder| folder.sync_all())
        .map_err(failed("sync", &found.folder))?;
    faults::reach("gc.rechecked");
    for tree in &found.trees {
        remove_all(tree)?;
    }
    faults::reach("gc.tree-removed");
    if_there(fs::remove_file(&taken)).map_err(failed("remove", &taken))?;
    // It stays while another process has a new tree in it.
    let _ = fs::remove_dir(&found.folder);
    Ok(Removal::Removed)
}

/// A marker that another process has written meanwhile stays: its tree is complete too.
fn put_back(taken: &Path, marker: &Path) -> Result<(), StoreError> {
    match fs::hard_link(taken, marker) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            if_there(fs::rename(taken, marker)).map_err(failed("write", marker))?;
        }
        _ => {
            if_there(fs::remove_file(taken)).map_err(failed("remove", taken))?;
        }
    }
    Ok(())
}

/// Trees that no marker names, unless somebody may be about to seal or still run one.
fn remove_strays(found: &Found, leases: &Leases, now: SystemTime) -> Result<usize, StoreError> {
    if leases.hold(&found.manifest, now) {
        return Ok(0);
    }
    let named = found.release.as_ref().map(|(release, _)| release.tree());
    let mut removed = 0;
    for tree in &found.trees {
        if named != Some(tree.path.as_path()) && age(tree.modified, now) >= GRACE {
            remove_all(tree)?;
            removed += 1;
        }
    }
    if named.is_none() {
        // Only if it is empty now.
        let _ = fs::remove_dir(&found.folder);
    }
    Ok(removed)
}

/// What a release that was found needs; of one that is not complete nothing.
pub(super) fn blobs_of(found: &Found) -> impl Iterator<Item = Digest> + use<> {
    let index = found
        .release
        .as_ref()
        .and_then(|(release, _)| release.index());
    let files = index.unwrap_or_default().files;
    files.into_iter().map(|file| file.digest)
}

/// The blobs that are not kept and have been there for a while.
fn unneeded(
    store: &Store,
    kept: &HashSet<Digest>,
    now: SystemTime,
) -> Result<Vec<Blob>, StoreError> {
    let blobs = scan::blobs(store)?.into_iter();
    Ok(blobs
        .filter(|(blob, came)| !kept.contains(&blob.digest) && age(*came, now) >= GRACE)
        .map(|(blob, _)| blob)
        .collect())
}

/// A builder that finds one of its blobs gone says so, and it is fetched again; what is linked already stays.
fn remove_blobs(
    store: &Store,
    kept: &HashSet<Digest>,
    now: SystemTime,
    report: &mut GcReport,
) -> Result<(), StoreError> {
    for blob in unneeded(store, kept, now)? {
        if_there(fs::remove_file(&blob.path)).map_err(failed("remove", &blob.path))?;
        faults::reach("gc.blob-removed");
        report.blobs += 1;
        report.blob_bytes += blob.size;
    }
    Ok(())
}

fn remove_refs(store: &Store, now: SystemTime) -> Result<usize, StoreError> {
    let mut removed = 0;
    for reference in refs::all(store)? {
        let known =
            (reference.content.as_ref()).is_some_and(|(digest, _)| store.release(digest).is_some());
        if known || age(reference.written, now) < GRACE {
            continue;
        }
        if_there(fs::remove_file(&reference.path)).map_err(failed("remove", &reference.path))?;
        removed += 1;
    }
    Ok(removed)
}

/// What is left in `tmp/`, and in that of the shared level as far as this user may.
fn remove_temporary(store: &Store, now: SystemTime) -> Result<usize, StoreError> {
    let mut removed = 0;
    let folders = HashSet::from([store.places().tmp(), store.home().tmp()]);
    for entry in folders.iter().map(|folder| scan::entries(folder)) {
        for entry in entry? {
            if age(entry.modified, now) >= GRACE {
                remove_all(&entry)?;
                faults::reach("gc.tmp-removed");
                removed += 1;
            }
        }
    }
    if let Some(shared) = store.shared() {
        for entry in scan::entries(&shared.tmp()).unwrap_or_default() {
            if age(entry.modified, now) >= GRACE {
                let _ = remove_all(&entry);
            }
        }
    }
    Ok(removed)
}

/// Removes the files of leases that ended long ago.
fn end_leases(store: &Store, now: SystemTime) -> Result<(), StoreError> {
    for lease in Leases::read(store)?.iter() {
        if age(lease.touched, now) >= GRACE {
            if_there(fs::remove_file(&lease.path)).map_err(failed("remove", &lease.path))?;
            faults::reach("gc.lease-removed");
        }
    }
    Ok(())
}

fn remove_all(entry: &Entry) -> Result<(), StoreError> {
    let removed = if entry.metadata.is_dir() {
        fs::remove_dir_all(&entry.path)
    } else {
        fs::remove_file(&entry.path)
    };
    if_there(removed)
        .map(drop)
        .map_err(failed("remove", &entry.path))
}
