//! A process that is killed at any step leaves nothing that is trusted, and nothing that blocks the next start.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use artifact::store::{GcPolicy, faults};
use artifact::{Digest, Repository, Store, StoreError, StoreOptions};

use super::child;
use super::sample::{LONG, STRICT, Sample, age, below, damage, flip, names, write_blob};

/// What is in the store before, and is removed by the clean-up.
const OLD: &str = "old";

/// What is pulled.
const NEW: &str = "new";

/// A module, with its native code of an engine.
const WASM: &[u8] = b"a module";
const ENGINE: &str = "x86_64-v3-0011223344556677";
const CODE: &[u8] = b"its code, which is longer";

fn volume(folder: &Path) -> PathBuf {
    folder.join("volume")
}

fn open(folder: &Path) -> Store {
    let options = StoreOptions {
        shared: Some(folder.join("shared")),
        releases: None,
    };
    Store::open(&volume(folder), options).unwrap()
}

fn site() -> Repository {
    Repository {
        registry: "127.0.0.1:5000".to_owned(),
        name: "me/site".to_owned(),
    }
}

/// A store with something for each step of [`everything`].
fn prepare(folder: &Path) {
    let store = open(folder);
    let old = Sample::new(OLD);
    old.pull(&store).unwrap();
    write_blob(&store, b"an orphan").unwrap();
    std::mem::forget(store.writer(Digest::of(b"never finished"), None).unwrap());
    std::mem::forget(store.lease(&old.manifest).unwrap());
    age(&volume(folder));
    // A blob of both releases has rotted since.
    let damaged = old.files.values().next().unwrap();
    damage(&store.blob(&Digest::of(damaged)).unwrap().path, flip);
    let again = Sample::new("again");
    again.pull(&open(folder)).unwrap();
    let store = open(folder);
    age(&volume(folder));
    let only_new = &Sample::new(NEW).files[&(0, "content/deep/1.md".to_owned())];
    let rotten = write_blob(&store, only_new).unwrap();
    damage(&store.blob(&rotten).unwrap().path, flip);
}

/// All that a store does: a pull, a start, a clean-up.
pub(super) fn everything(folder: &Path) -> Result<(), StoreError> {
    let store = open(folder);
    let new = Sample::new(NEW);
    let lease = store.lease(&new.manifest)?;
    let release = match store.release(&new.manifest) {
        Some(release) => release,
        None => new.pull(&store)?.0,
    };
    store.remember(&site(), "1.0.0", &new.manifest)?;
    new.assert_right(&release);
    store.keep_native(ENGINE, &Digest::of(WASM), CODE)?;
    lease.touch()?;
    let policy = GcPolicy {
        max_size: None,
        max_age: Some(LONG / 2),
    };
    store.gc(policy, SystemTime::now())?;
    new.assert_right(&store.release(&new.manifest).unwrap());
    Ok(())
}

/// Whatever is trusted must be right.
fn assert_trusted_is_right(folder: &Path, point: &str) {
    let store = open(folder);
    for name in [OLD, NEW, "again"] {
        let sample = Sample::new(name);
        if let Some(release) = store.release(&sample.manifest) {
            sample.assert_right(&release);
        }
        // Those that rotted before are found when they are read.
        for bytes in sample.blobs() {
            let read = store.read(&Digest::of(bytes)).unwrap();
            assert!(read.is_none_or(|read| read == *bytes), "{point}");
        }
    }
    let resolved = store.resolved(&site(), "1.0.0");
    assert!(resolved.is_none_or(|digest| digest == Sample::new(NEW).manifest));
    let native = store.native(ENGINE, &Digest::of(WASM));
    assert!(
        !native.exists() || fs::read(&native).unwrap() == CODE,
        "{point}"
    );
    for path in below(&folder.join("shared/sha256")) {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        assert_eq!(Digest::of(&fs::read(&path).unwrap()).hex(), name, "{point}");
    }
}

#[test]
fn a_process_killed_at_any_step_leaves_a_store_that_works() {
    for point in faults::POINTS {
        let folder = tempfile::tempdir().unwrap();
        prepare(folder.path());
        let mut command = child::command("crash", folder.path());
        let output = command.env(faults::VARIABLE, point).output().unwrap();
        assert_eq!(
            output.status.signal(),
            Some(9),
            "{point} was not reached: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert_trusted_is_right(folder.path(), point);
        everything(folder.path()).unwrap();
        assert_trusted_is_right(folder.path(), point);
        let store = open(folder.path());
        let report = store.verify(&mut |_| {}).unwrap();
        assert!(report.bad_blobs.is_empty(), "{point}");
        assert!(report.bad_releases.is_empty(), "{point}");
        age(folder.path());
        store.gc(STRICT, SystemTime::now()).unwrap();
        for left in ["tmp", "leases", "releases", "blobs/sha256"] {
            assert!(
                names(&volume(folder.path()), left).is_empty(),
                "{point}: {left}"
            );
        }
        assert!(
            below(&folder.path().join("shared/tmp")).is_empty(),
            "{point}"
        );
    }
}

#[test]
fn without_a_fault_nothing_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    prepare(folder.path());
    child::succeed(&mut child::command("crash", folder.path()));
    let store = open(folder.path());
    assert_eq!(
        store.resolved(&site(), "1.0.0"),
        Some(Sample::new(NEW).manifest)
    );
    assert!(store.release(&Sample::new(OLD).manifest).is_none());
}
