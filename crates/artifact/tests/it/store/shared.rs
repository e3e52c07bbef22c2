//! A shared level is fetched from, and never trusted.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use artifact::{Digest, Store, StoreError, StoreOptions};
use tempfile::TempDir;

use super::sample::{Change, PLAIN, Sample, below, damage, flip, names, write_blob};

/// Two stores on one shared level.
struct Level {
    folder: TempDir,
    volumes: [TempDir; 2],
}

impl Level {
    fn new() -> Level {
        Level {
            folder: tempfile::tempdir().unwrap(),
            volumes: [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()],
        }
    }

    fn store(&self, number: usize) -> Store {
        let options = StoreOptions {
            shared: Some(self.folder.path().to_owned()),
            releases: None,
        };
        Store::open(self.volumes[number].path(), options).unwrap()
    }

    fn blob(&self, digest: &Digest) -> PathBuf {
        self.folder.path().join("sha256").join(digest.hex())
    }
}

#[test]
fn what_one_store_pulled_another_copies() {
    let level = Level::new();
    let (one, other) = (level.store(0), level.store(1));
    let sample = Sample::new("site");
    assert_eq!(sample.pull(&one).unwrap().1, sample.files.len());
    let (release, pulled) = sample.pull(&other).unwrap();
    assert_eq!(pulled, 0);
    sample.assert_right(&release);
    let inode = |path: &Path| fs::metadata(path).unwrap().ino();
    for bytes in sample.blobs() {
        let digest = Digest::of(bytes);
        let copy = other.blob(&digest).unwrap().path;
        assert_ne!(inode(&copy), inode(&level.blob(&digest)));
        assert_eq!(
            fs::metadata(&copy).unwrap().nlink(),
            2 + u64::from(is_twice(&sample, bytes))
        );
    }
    assert!(below(&level.folder.path().join("tmp")).is_empty());
}

/// Whether two paths of the sample have the same content.
fn is_twice(sample: &Sample, bytes: &[u8]) -> bool {
    sample.blobs().filter(|other| *other == bytes).count() > 1
}

#[test]
fn bytes_that_are_wrong_are_not_taken_and_are_replaced() {
    let cases: [(&str, Change); 4] = [
        ("tampered with", flip),
        ("torn", |bytes| bytes.truncate(4)),
        ("empty", Vec::clear),
        ("longer", |bytes| bytes.push(0)),
    ];
    for (case, change) in cases {
        for size in [Some(10), None] {
            let level = Level::new();
            let (one, other) = (level.store(0), level.store(1));
            let digest = write_blob(&one, b"good bytes").unwrap();
            one.share(&digest).unwrap();
            damage(&level.blob(&digest), change);
            assert_eq!(other.fetch(&digest, size).unwrap(), None, "{case}");
            assert!(names(level.volumes[1].path(), "tmp").is_empty(), "{case}");
            write_blob(&other, b"good bytes").unwrap();
            other.share(&digest).unwrap();
            assert_eq!(
                fs::read(level.blob(&digest)).unwrap(),
                b"good bytes",
                "{case}"
            );
        }
    }
}

#[test]
fn a_folder_a_link_or_a_pipe_in_the_place_of_a_blob_is_not_taken() {
    let level = Level::new();
    let store = level.store(0);
    let digest = Digest::of(b"good bytes");
    let place = level.blob(&digest);
    fs::create_dir_all(&place).unwrap();
    assert_eq!(store.fetch(&digest, None).unwrap(), None);
    fs::remove_dir(&place).unwrap();
    let elsewhere = level.folder.path().join("elsewhere");
    fs::File::create(&elsewhere)
        .unwrap()
        .write_all(b"good bytes")
        .unwrap();
    std::os::unix::fs::symlink(&elsewhere, &place).unwrap();
    assert_eq!(store.fetch(&digest, Some(10)).unwrap(), None);
    fs::remove_file(&place).unwrap();
    let mode = rustix::fs::Mode::from_raw_mode(0o644);
    rustix::fs::mknodat(rustix::fs::CWD, &place, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    // Opened as a file, a pipe without a writer would block for ever.
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || sender.send(store.fetch(&digest, Some(10)).unwrap()));
    assert_eq!(receiver.recv().unwrap(), None);
}

#[test]
fn a_shared_level_that_cannot_be_written_can_be_read() {
    let level = Level::new();
    let digest = write_blob(&level.store(0), b"good bytes").unwrap();
    level.store(0).share(&digest).unwrap();
    let other = Digest::of(b"other bytes");
    let set_mode = |mode| {
        for folder in ["tmp", "sha256", ""] {
            let folder = level.folder.path().join(folder);
            fs::set_permissions(folder, fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    set_mode(0o555);
    let store = level.store(1);
    assert_eq!(store.fetch(&digest, Some(10)).unwrap().unwrap().size, 10);
    write_blob(&store, b"other bytes").unwrap();
    match store.share(&other) {
        Err(error) => assert!(matches!(error, StoreError::Permission { .. }), "{error}"),
        Ok(()) => eprintln!(
            "skipped a part of a_shared_level_that_cannot_be_written_can_be_read: root may write anywhere"
        ),
    }
    assert_eq!(store.read(&other).unwrap().unwrap(), b"other bytes");
    set_mode(0o755);
}

#[test]
fn a_shared_level_that_is_not_there_is_an_empty_one() {
    let volume = tempfile::tempdir().unwrap();
    let options = StoreOptions {
        shared: Some(volume.path().join("nowhere")),
        releases: None,
    };
    let store = Store::open(volume.path(), options).unwrap();
    assert_eq!(store.fetch(&Digest::of(b"x"), None).unwrap(), None);
}

#[test]
fn a_damaged_blob_is_never_shared() {
    let level = Level::new();
    let store = level.store(0);
    let digest = write_blob(&store, b"good bytes").unwrap();
    damage(&store.blob(&digest).unwrap().path, flip);
    let error = store.share(&digest).unwrap_err();
    assert!(matches!(error, StoreError::WrongDigest { .. }), "{error}");
    assert!(!level.blob(&digest).exists());
}

#[test]
fn the_blobs_of_one_store_are_a_shared_level_for_another() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let prewarmed = Store::open(one.path(), PLAIN).unwrap();
    let sample = Sample::new("site");
    sample.pull(&prewarmed).unwrap();
    let options = StoreOptions {
        shared: Some(prewarmed.blobs()),
        releases: None,
    };
    let store = Store::open(other.path(), options).unwrap();
    let (release, pulled) = sample.pull(&store).unwrap();
    assert_eq!(pulled, 0);
    sample.assert_right(&release);
}
