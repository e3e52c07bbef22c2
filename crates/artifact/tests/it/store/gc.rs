//! A clean-up takes what nobody needs, and nothing else.

use std::fs::{self, File};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

use artifact::store::{GRACE, GcPolicy, LEASE_LIFE, Removal, faults};
use artifact::{Digest, Repository};
use rustix::fs::{CWD, FileType, Mode, OFlags, mknodat};
use tempfile::TempDir;

use super::child;
use super::sample::{LONG, STRICT, Sample, age, age_by, names, store, write_blob};

#[test]
fn what_is_recent_stays_whatever_the_policy() {
    let (_volume, store) = store();
    let sample = Sample::new("site");
    sample.pull(&store).unwrap();
    let orphan = write_blob(&store, b"an orphan").unwrap();
    let report = store.gc(STRICT, SystemTime::now()).unwrap();
    assert_eq!(report, artifact::store::GcReport::default());
    sample.assert_right(&store.release(&sample.manifest).unwrap());
    assert!(store.blob(&orphan).is_some());
}

#[test]
fn what_nobody_needs_goes() {
    let (volume, store) = store();
    let (old, new) = (Sample::new("old"), Sample::new("new"));
    let site = Repository {
        registry: "ghcr.io".to_owned(),
        name: "me/site".to_owned(),
    };
    for (sample, tag) in [(&old, "1.0.0"), (&new, "2.0.0")] {
        sample.pull(&store).unwrap();
        store.remember(&site, tag, &sample.manifest).unwrap();
    }
    write_blob(&store, b"an orphan").unwrap();
    std::mem::forget(store.writer(Digest::of(b"never finished"), None).unwrap());
    std::mem::forget(store.lease(&old.manifest).unwrap());
    age(volume.path());
    let _lease = store.lease(&new.manifest).unwrap();
    let policy = GcPolicy {
        max_size: None,
        max_age: Some(Duration::from_secs(60)),
    };
    let before = store.list(SystemTime::now()).unwrap();
    let plan = store.plan_gc(policy, SystemTime::now()).unwrap();
    assert_eq!(store.list(SystemTime::now()).unwrap(), before);
    let report = store.gc(policy, SystemTime::now()).unwrap();
    assert_eq!(report.releases, [old.manifest]);
    // Its own three pages, and the orphan.
    assert_eq!((report.blobs, report.temporary, report.refs), (4, 1, 1));
    assert_eq!(
        (plan.releases, plan.blobs, plan.blob_bytes),
        (report.releases, report.blobs, report.blob_bytes)
    );
    assert!(store.release(&old.manifest).is_none());
    assert_eq!(names(volume.path(), "releases"), [new.manifest.hex()]);
    assert_eq!(store.resolved(&site, "1.0.0"), None);
    assert_eq!(store.resolved(&site, "2.0.0"), Some(new.manifest));
    assert_eq!(names(volume.path(), "leases").len(), 1);
    assert!(names(volume.path(), "tmp").is_empty());
    assert_eq!(new.pull(&store).unwrap().1, 0);
}

#[test]
fn the_releases_used_longest_ago_go_until_the_rest_fits() {
    let (volume, store) = store();
    let samples = ["first", "second", "third"].map(Sample::new);
    for (sample, days) in samples.iter().zip([9, 8, 7]) {
        sample.pull(&store).unwrap();
        let release = volume
            .path()
            .join("bart/releases")
            .join(sample.manifest.hex());
        age_by(&release, days * LONG);
    }
    age(&volume.path().join("bart/blobs"));
    let now = SystemTime::now();
    let listing = store.list(now).unwrap();
    let own = |listing: &artifact::store::Listing| -> u64 {
        let of = |one: &artifact::store::ListedRelease| one.bytes - one.shared;
        listing.releases.iter().map(of).max().unwrap()
    };
    let all = listing.blobs.bytes + 1000;
    let cases = [(all, 0), (all - own(&listing), 1), (0, 3)];
    for (max_size, gone) in cases {
        let policy = GcPolicy {
            max_size: Some(max_size),
            max_age: None,
        };
        store.gc(policy, now).unwrap();
        for (number, sample) in samples.iter().enumerate() {
            let there = store.release(&sample.manifest).is_some();
            assert_eq!(there, number >= gone, "{max_size} {number}");
        }
    }
    assert!(names(volume.path(), "blobs/sha256").is_empty());
}

#[test]
fn a_lease_holds_while_it_is_touched() {
    let (volume, store) = store();
    let sample = Sample::new("site");
    let lease = store.lease(&sample.manifest).unwrap();
    let (release, _) = sample.pull(&store).unwrap();
    age(volume.path());
    lease.touch().unwrap();
    let marker = volume
        .path()
        .join("bart/releases")
        .join(sample.manifest.hex());
    age(&marker);
    let now = SystemTime::now();
    assert!(store.gc(STRICT, now).unwrap().releases.is_empty());
    assert_eq!(
        store.remove_release(&sample.manifest, now).unwrap(),
        Removal::Leased
    );
    sample.assert_right(&release);
    let late = now + LEASE_LIFE.max(GRACE) + Duration::from_secs(1);
    assert_eq!(store.gc(STRICT, late).unwrap().releases, [sample.manifest]);
}

#[test]
fn a_lease_that_was_touched_too_late_is_made_again() {
    let (volume, store) = store();
    let lease = store.lease(&Digest::of(b"release")).unwrap();
    age(volume.path());
    store.gc(STRICT, SystemTime::now()).unwrap();
    assert!(names(volume.path(), "leases").is_empty());
    lease.touch().unwrap();
    assert_eq!(names(volume.path(), "leases").len(), 1);
    drop(lease);
    assert!(names(volume.path(), "leases").is_empty());
}

#[test]
fn a_release_is_removed_by_name_unless_it_runs() {
    let (_volume, store) = store();
    let sample = Sample::new("site");
    let now = SystemTime::now();
    assert_eq!(
        store.remove_release(&sample.manifest, now).unwrap(),
        Removal::NotThere
    );
    sample.pull(&store).unwrap();
    let lease = store.lease(&sample.manifest).unwrap();
    assert_eq!(
        store.remove_release(&sample.manifest, now).unwrap(),
        Removal::Leased
    );
    drop(lease);
    assert_eq!(
        store.remove_release(&sample.manifest, now).unwrap(),
        Removal::Removed
    );
    assert!(store.release(&sample.manifest).is_none());
}

#[test]
fn a_listing_says_what_is_there() {
    let (_volume, store) = store();
    let (one, other) = (Sample::new("one"), Sample::new("other"));
    one.pull(&store).unwrap();
    let _lease = store.lease(&one.manifest).unwrap();
    let site = Repository {
        registry: "ghcr.io".to_owned(),
        name: "me/site".to_owned(),
    };
    store.remember(&site, "1.0.0", &one.manifest).unwrap();
    let now = SystemTime::now();
    let alone = store.list(now).unwrap();
    assert_eq!(alone.releases[0].shared, 0);
    assert_eq!(alone.releases[0].references, ["ghcr.io/me/site:1.0.0"]);
    assert_eq!(alone.releases[0].leases, 1);
    assert_eq!(alone.releases[0].files, one.files.len() + 2);
    let sizes = one.blobs().map(|bytes| bytes.len() as u64);
    assert_eq!(alone.blobs.bytes, sizes.sum::<u64>());
    other.pull(&store).unwrap();
    let both = store.list(now).unwrap();
    assert_eq!(both.releases.len(), 2);
    // Three pages are everybody's, and the logo and the empty file too.
    assert_eq!(both.blobs.files, one.files.len() + 3);
    let common: u64 = (one
        .files
        .iter()
        .filter(|(path, _)| other.files.get(path) == one.files.get(path)))
    .map(|(_, bytes)| bytes.len() as u64)
    .sum();
    assert!(both.releases.iter().all(|release| release.shared == common));
    assert_eq!(both.temporary.files, 0);
}

/// A clean-up in a process of its own that is held at a fault point.
struct Held {
    pipe: PathBuf,
    process: JoinHandle<Output>,
    _folder: TempDir,
}

impl Held {
    fn at(point: &str, volume: &Path) -> Held {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let mode = Mode::from_raw_mode(0o600);
        mknodat(CWD, &pipe, FileType::Fifo, mode, 0).unwrap();
        let fault = format!("{point}={}", pipe.display());
        let mut command = child::command("gc", volume);
        let child = command.env(faults::VARIABLE, fault).spawn().unwrap();
        let end = pipe.clone();
        let process = thread::spawn(move || {
            let output = child.wait_with_output().unwrap();
            // Whoever waits for a point that was not reached goes on, and reads nothing.
            let flags = OFlags::NONBLOCK.bits().cast_signed();
            let _ = File::options().write(true).custom_flags(flags).open(end);
            output
        });
        let reached = fs::read_to_string(&pipe).unwrap();
        assert_eq!(reached, point, "it was not reached");
        Held {
            pipe,
            process,
            _folder: folder,
        }
    }

    /// Lets it run to its end.
    fn go_on(self) {
        File::options().write(true).open(&self.pipe).unwrap();
        let output = self.process.join().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{text}");
    }
}

#[test]
fn a_clean_up_and_a_start_at_the_same_time_harm_neither() {
    for (point, found) in [
        ("gc.chosen", true),
        ("gc.marker-removed", false),
        ("gc.rechecked", false),
        ("gc.tree-removed", false),
        ("gc.blob-removed", false),
    ] {
        let (volume, store) = store();
        let sample = Sample::new("site");
        sample.pull(&store).unwrap();
        age(volume.path());
        let clean_up = Held::at(point, volume.path());
        let lease = store.lease(&sample.manifest).unwrap();
        let release = store.release(&sample.manifest);
        assert_eq!(release.is_some(), found, "{point}");
        let release = release.unwrap_or_else(|| sample.pull(&store).unwrap().0);
        sample.assert_right(&release);
        clean_up.go_on();
        sample.assert_right(&release);
        sample.assert_right(&store.release(&sample.manifest).unwrap());
        age(volume.path());
        lease.touch().unwrap();
        store.gc(STRICT, SystemTime::now()).unwrap();
        sample.assert_right(&store.release(&sample.manifest).unwrap());
        assert!(names(volume.path(), "tmp").is_empty(), "{point}");
    }
}

#[test]
fn a_tree_without_a_marker_stays_while_it_may_be_sealed() {
    let (volume, store) = store();
    let sample = Sample::new("site");
    for bytes in sample.blobs() {
        write_blob(&store, bytes).unwrap();
    }
    let lease = store.lease(&sample.manifest).unwrap();
    let placed = sample.describe(&store).place().unwrap();
    age(volume.path());
    lease.touch().unwrap();
    let now = SystemTime::now();
    assert_eq!(store.gc(STRICT, now).unwrap().trees, 0);
    sample.assert_right(placed.release());
    drop((lease, placed));
    assert_eq!(store.gc(STRICT, now).unwrap().trees, 1);
    assert!(
        fs::read_dir(volume.path().join("bart/releases"))
            .unwrap()
            .next()
            .is_none()
    );
}
