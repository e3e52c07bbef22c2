//! Volumes of every kind: whose they are, full ones, and such that cannot be written.

use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use artifact::store::{ContentRef, NotOurs};
use artifact::{Digest, Store, StoreError, StoreOptions};

use super::child;
use super::sample::{PLAIN, Sample, names, store, write_blob};

/// The user that owns nothing (Linux, `Documentation/admin-guide/sysctl/fs.rst`, `overflowuid`).
const NOBODY: u32 = 65534;

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[test]
fn the_private_folder_is_made_whatever_the_mode_of_the_volume() {
    for mode in [0o700, 0o755, 0o777, 0o1777] {
        let volume = tempfile::tempdir().unwrap();
        set_mode(volume.path(), mode);
        let store = Store::open(volume.path(), PLAIN).unwrap();
        assert!(store.is_writable());
        let folder = fs::metadata(volume.path().join("bart")).unwrap();
        assert_eq!(folder.permissions().mode() & 0o7777, 0o700);
        Store::open(volume.path(), PLAIN).unwrap();
    }
}

#[test]
fn a_volume_that_is_not_there_is_made() {
    let parent = tempfile::tempdir().unwrap();
    Store::open(&parent.path().join("a/b"), PLAIN).unwrap();
    assert!(parent.path().join("a/b/bart").is_dir());
}

#[test]
fn looking_for_a_store_makes_none() {
    let volume = tempfile::tempdir().unwrap();
    for folder in ["", "a/b"] {
        let found = Store::find(&volume.path().join(folder), PLAIN).unwrap();
        assert!(found.is_none());
    }
    assert_eq!(fs::read_dir(volume.path()).unwrap().count(), 0);
    Store::open(volume.path(), PLAIN).unwrap();
    assert!(Store::find(volume.path(), PLAIN).unwrap().is_some());
    set_mode(&volume.path().join("bart"), 0o755);
    let error = Store::find(volume.path(), PLAIN).unwrap_err();
    assert!(matches!(error, StoreError::NotOurs { .. }), "{error}");
}

#[test]
fn a_folder_that_others_could_have_written_is_not_used() {
    for mode in [0o777, 0o750, 0o2770, 0o704, 0o701] {
        let (volume, _) = store();
        set_mode(&volume.path().join("bart"), mode);
        let error = Store::open(volume.path(), PLAIN).unwrap_err();
        let StoreError::NotOurs { problem, .. } = &error else {
            panic!("{mode:o}: {error}");
        };
        assert_eq!(*problem, NotOurs::Mode { mode });
        assert!(error.hint().is_some());
    }
}

#[test]
fn a_link_or_a_file_in_the_place_of_the_folder_is_not_used() {
    let (elsewhere, _) = store();
    let volume = tempfile::tempdir().unwrap();
    let place = volume.path().join("bart");
    symlink(elsewhere.path().join("bart"), &place).unwrap();
    let not_a_folder = |error: StoreError| {
        matches!(
            error,
            StoreError::NotOurs {
                problem: NotOurs::NotAFolder,
                ..
            }
        )
    };
    assert!(not_a_folder(Store::open(volume.path(), PLAIN).unwrap_err()));
    fs::remove_file(&place).unwrap();
    fs::File::create(&place).unwrap();
    assert!(not_a_folder(Store::open(volume.path(), PLAIN).unwrap_err()));
}

#[test]
fn a_folder_of_another_user_is_not_used() {
    if !is_root() {
        eprintln!("skipped a_folder_of_another_user_is_not_used: only root can give a folder away");
        return;
    }
    let (volume, _) = store();
    chown(volume.path().join("bart"), Some(NOBODY), None).unwrap();
    let error = Store::open(volume.path(), PLAIN).unwrap_err();
    let StoreError::NotOurs { problem, .. } = error else {
        panic!("{error}");
    };
    let expected = NotOurs::Owner {
        owner: NOBODY,
        us: 0,
    };
    assert_eq!(problem, expected);
}

#[test]
fn a_user_without_privileges_keeps_a_store_in_a_volume_of_root() {
    if !is_root() {
        eprintln!(
            "skipped a_user_without_privileges_keeps_a_store_in_a_volume_of_root: needs root"
        );
        return;
    }
    let volume = tempfile::tempdir().unwrap();
    set_mode(volume.path(), 0o755);
    // The user may not be able to reach the program where it was built.
    let program = volume.path().join("program");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    for (folder, mode) in [("open", 0o777), ("closed", 0o755)] {
        fs::create_dir(volume.path().join(folder)).unwrap();
        set_mode(&volume.path().join(folder), mode);
    }
    let mut command = child::with_program(&program, &[], "unprivileged", volume.path());
    child::succeed(command.uid(NOBODY).gid(NOBODY).current_dir("/"));
}

/// The part of the test above that runs as that user.
pub(super) fn without_privileges(volume: &Path) {
    let store = Store::open(&volume.join("open"), PLAIN).unwrap();
    let sample = Sample::new("site");
    sample.assert_right(&sample.pull(&store).unwrap().0);
    let error = Store::open(&volume.join("closed"), PLAIN).unwrap_err();
    assert!(matches!(error, StoreError::Permission { .. }), "{error}");
    let private = volume.join("open/bart");
    set_mode(&private, 0o500);
    let store = Store::open(&volume.join("open"), PLAIN).unwrap();
    assert!(!store.is_writable());
    sample.assert_right(&store.release(&sample.manifest).unwrap());
    fs::remove_dir(private.join("refs")).unwrap_err();
    set_mode(&private, 0o700);
}

/// Runs a part of a test in a mount namespace of its own, after a shell script that mounts things at `$FOLDER`. Says
/// whether that is possible here.
fn in_namespace(test: &str, script: &str, part: &str, folder: &Path) -> bool {
    let flags = if is_root() {
        "--mount"
    } else {
        "--mount --map-root-user"
    };
    let enter = format!("exec unshare {flags} sh -euc \"$@\"");
    let mut probe = Command::new("sh");
    probe.args(["-c", &enter, "sh", "mount -t tmpfs tmpfs /mnt"]);
    let possible = probe.stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !possible.is_ok_and(|status| status.success()) {
        eprintln!("skipped {test}: no mount namespace with `unshare` here");
        return false;
    }
    let program = std::env::current_exe().unwrap();
    let script = format!("{script}\nexec \"$0\" \"$@\"");
    let arguments = ["-c", &enter, "sh", &script].map(OsStr::new);
    let arguments: Vec<&OsStr> = arguments.into_iter().chain([program.as_os_str()]).collect();
    let mut command = child::with_program("sh", &arguments, part, folder);
    child::succeed(command.env("FOLDER", folder));
    true
}

#[test]
fn on_a_full_disk_nothing_short_is_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let script = "mount -t tmpfs -o size=1m tmpfs \"$FOLDER\"";
    in_namespace(
        "on_a_full_disk_nothing_short_is_trusted",
        script,
        "full",
        folder.path(),
    );
}

/// The part of the test above that runs on a disk of 1 MiB.
pub(super) fn on_a_full_disk(folder: &Path) {
    let store = Store::open(folder, PLAIN).unwrap();
    let sample = Sample::new("site");
    sample.pull(&store).unwrap();
    let large: Vec<u8> = (0..4 << 20)
        .map(|number: u32| number.to_le_bytes()[1])
        .collect();
    let error = write_blob(&store, &large).unwrap_err();
    assert!(matches!(error, StoreError::Full { .. }), "{error}");
    assert!(error.hint().is_some());
    assert_eq!(store.blob(&Digest::of(&large)), None);
    assert!(names(folder, "tmp").is_empty());
    let manifest = Digest::of(b"large");
    let mut builder = store.begin_release(manifest);
    builder
        .file(0, "large", ContentRef::Inline(large.clone()))
        .unwrap();
    let error = builder.commit().unwrap_err();
    assert!(matches!(error, StoreError::Full { .. }), "{error}");
    assert!(store.release(&manifest).is_none());
    assert!(names(folder, "tmp").is_empty());
    sample.assert_right(&store.release(&sample.manifest).unwrap());
    // From a shared level too, and once there is room again it goes on.
    let elsewhere = tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap();
    let other = Store::open(elsewhere.path(), PLAIN).unwrap();
    write_blob(&other, &large).unwrap();
    let options = StoreOptions {
        shared: Some(other.blobs()),
        releases: None,
    };
    let store = Store::open(folder, options).unwrap();
    let error = store.fetch(&Digest::of(&large), None).unwrap_err();
    assert!(matches!(error, StoreError::Full { .. }), "{error}");
    let report = store.verify(&mut |_| {}).unwrap();
    assert!(report.bad_blobs.is_empty() && report.bad_releases.is_empty());
    write_blob(&store, &large[..1000]).unwrap();
}

#[test]
fn a_store_that_is_read_only_can_be_run() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("warm"), PLAIN).unwrap();
    Sample::new("site").pull(&store).unwrap();
    fs::create_dir(folder.path().join("cold")).unwrap();
    let script = "mount --bind \"$FOLDER\" \"$FOLDER\"\nmount -o remount,bind,ro \"$FOLDER\"";
    in_namespace(
        "a_store_that_is_read_only_can_be_run",
        script,
        "read-only",
        folder.path(),
    );
}

/// The part of the test above that runs on a read-only volume.
pub(super) fn on_a_read_only_volume(folder: &Path) {
    let error = Store::open(&folder.join("cold"), PLAIN).unwrap_err();
    assert!(matches!(error, StoreError::ReadOnly { .. }), "{error}");
    let store = Store::open(&folder.join("warm"), PLAIN).unwrap();
    assert!(!store.is_writable());
    let sample = Sample::new("site");
    sample.assert_right(&store.release(&sample.manifest).unwrap());
    let read_only = |error: StoreError| matches!(error, StoreError::ReadOnly { .. });
    assert!(read_only(store.lease(&sample.manifest).unwrap_err()));
    assert!(read_only(write_blob(&store, b"more").unwrap_err()));
    assert!(read_only(
        Sample::new("other").describe(&store).place().unwrap_err()
    ));
    let report = store.verify(&mut |_| {}).unwrap();
    assert!(report.bad_blobs.is_empty() && report.bad_releases.is_empty());
    // What is not there as a release can be built elsewhere from its blobs.
    let elsewhere = tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap();
    let options = StoreOptions {
        shared: Some(store.blobs()),
        releases: None,
    };
    let store = Store::open(elsewhere.path(), options).unwrap();
    let (release, pulled) = sample.pull_without_sharing(&store).unwrap();
    assert_eq!(pulled, 0);
    sample.assert_right(&release);
}
