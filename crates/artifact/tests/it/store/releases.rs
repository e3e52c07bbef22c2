//! A release is there when it is whole, and not before.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use artifact::store::ContentRef;
use artifact::{Digest, Store, StoreError, StoreOptions};

use super::sample::{Change, Sample, below, damage, flip, names, store, write_blob};

#[test]
fn a_release_is_a_tree_of_links_with_its_marker_written_last() {
    let (volume, store) = store();
    let sample = Sample::new("site");
    let (release, pulled) = sample.pull(&store).unwrap();
    assert_eq!(pulled, sample.files.len());
    sample.assert_right(&release);
    sample.assert_right(&store.release(&sample.manifest).unwrap());
    for ((component, path), bytes) in &sample.files {
        let file = fs::metadata(release.mount(*component).unwrap().join(path)).unwrap();
        let blob = fs::metadata(store.blob(&Digest::of(bytes)).unwrap().path).unwrap();
        assert_eq!(file.ino(), blob.ino(), "{path}");
    }
    assert_eq!(release.mount(2), None);
    assert_eq!(release.read("nothing").unwrap(), None);
    assert!(names(volume.path(), "tmp").is_empty());
    let (_, pulled) = sample.pull(&store).unwrap();
    assert_eq!(pulled, 0);
}

#[test]
fn a_placed_release_can_be_run_but_is_not_found_before_it_is_sealed() {
    let (_volume, store) = store();
    let sample = Sample::new("site");
    for bytes in sample.blobs() {
        write_blob(&store, bytes).unwrap();
    }
    let placed = sample.describe(&store).place().unwrap();
    sample.assert_right(placed.release());
    assert!(store.release(&sample.manifest).is_none());
    let sealed = placed.seal().unwrap();
    sample.assert_right(&sealed);
    assert!(store.release(&sample.manifest).is_some());
}

#[test]
fn two_builders_of_one_release_each_have_a_tree_and_one_marker_counts() {
    let (_volume, store) = store();
    let sample = Sample::new("site");
    for bytes in sample.blobs() {
        write_blob(&store, bytes).unwrap();
    }
    let one = sample.describe(&store).place().unwrap();
    let other = sample.describe(&store).place().unwrap();
    let (one, other) = (one.seal().unwrap(), other.seal().unwrap());
    assert_ne!(one.mount(0), other.mount(0));
    sample.assert_right(&one);
    sample.assert_right(&other);
    assert_eq!(
        store.release(&sample.manifest).unwrap().mount(0),
        one.mount(0)
    );
}

#[test]
fn what_is_missing_is_named_all_at_once_and_nothing_is_left() {
    let (volume, store) = store();
    let sample = Sample::new("site");
    let builder = sample.describe(&store);
    let mut expected: Vec<Digest> = sample.blobs().map(|bytes| Digest::of(bytes)).collect();
    expected.sort();
    expected.dedup();
    assert!(builder.missing().iter().eq(&expected));
    let Err(StoreError::Missing { digests }) = builder.place() else {
        panic!("blobs are missing");
    };
    assert_eq!(digests, expected);
    assert!(names(volume.path(), "tmp").is_empty());
    assert!(names(volume.path(), "releases").is_empty());
}

#[test]
fn damaged_blobs_are_never_linked_into_a_release() {
    let cases: [(&str, Change); 3] = [
        ("flipped", flip),
        ("truncated", |bytes| bytes.truncate(3)),
        ("empty", Vec::clear),
    ];
    for (case, change) in cases {
        let (volume, writer) = store();
        let sample = Sample::new("site");
        for bytes in sample.blobs() {
            write_blob(&writer, bytes).unwrap();
        }
        let (_, bytes) = sample.files.first_key_value().unwrap();
        let digest = Digest::of(bytes);
        damage(&writer.blob(&digest).unwrap().path, change);
        // Another process, which has not hashed them itself.
        let reader = Store::open(volume.path(), super::sample::PLAIN).unwrap();
        let Err(StoreError::Missing { digests }) = sample.describe(&reader).place() else {
            panic!("{case}: a damaged blob was linked");
        };
        assert_eq!(digests, [digest], "{case}");
        let (release, pulled) = sample.pull(&reader).unwrap();
        assert_eq!(pulled, 1, "{case}");
        sample.assert_right(&release);
    }
}

#[test]
fn a_damaged_blob_takes_the_trust_from_the_releases_that_link_to_it() {
    let (volume, store) = store();
    let (one, other) = (Sample::new("one"), Sample::new("other"));
    one.pull(&store).unwrap();
    other.pull(&store).unwrap();
    let only_of_one = &one.files[&(0, "content/deep/1.md".to_owned())];
    damage(&store.blob(&Digest::of(only_of_one)).unwrap().path, flip);
    let fresh = Store::open(volume.path(), super::sample::PLAIN).unwrap();
    assert_eq!(fresh.read(&Digest::of(only_of_one)).unwrap(), None);
    assert!(fresh.release(&one.manifest).is_none());
    assert!(fresh.release(&other.manifest).is_some());
    let (release, pulled) = one.pull(&fresh).unwrap();
    assert_eq!(pulled, 1);
    one.assert_right(&release);
}

#[test]
fn markers_that_cannot_be_trusted_are_none() {
    type Change = fn(&str) -> String;
    let cases: [(&str, Change); 6] = [
        ("empty", |_| String::new()),
        ("torn", |text| text[..text.len() / 2].to_owned()),
        ("of another format", |text| {
            text.replace("\"version\":1", "\"version\":2")
        }),
        ("of another release", |text| {
            text.replacen("\"manifest\":\"sha256:", "\"manifest\":\"sha256:00", 1)
        }),
        ("of a tree that is gone", |text| {
            text.replacen("tree-", "tree-x", 1)
        }),
        ("of a tree elsewhere", |text| {
            text.replacen("tree-", "../tree-", 1)
        }),
    ];
    for (case, change) in cases {
        let (volume, store) = store();
        let sample = Sample::new("site");
        sample.pull(&store).unwrap();
        let folder = volume
            .path()
            .join("bart/releases")
            .join(sample.manifest.hex());
        damage(&folder.join("release.json"), |bytes| {
            *bytes = change(std::str::from_utf8(bytes).unwrap()).into_bytes();
        });
        assert!(store.release(&sample.manifest).is_none(), "{case}");
        let (release, pulled) = sample.pull(&store).unwrap();
        assert_eq!(pulled, 0, "{case}");
        sample.assert_right(&release);
    }
}

#[test]
fn a_damaged_locked_app_is_an_error() {
    let (_volume, store) = store();
    let (release, _) = Sample::new("site").pull(&store).unwrap();
    damage(&release.named("app.json").unwrap().0, flip);
    let error = release.read("app.json").unwrap_err();
    assert!(matches!(error, StoreError::WrongDigest { .. }), "{error}");
}

#[test]
fn paths_that_leave_the_mount_are_refused() {
    let (_volume, store) = store();
    let mut builder = store.begin_release(Digest::of(b"hostile"));
    let content = || ContentRef::Inline(b"x".to_vec());
    let long = "x".repeat(256);
    for path in [
        "", "/", "..", "../a", "a/../b", "a/..", ".", "./a", "a//b", "//a", "a/", "a\0b", &long,
    ] {
        let error = builder.file(0, path, content()).unwrap_err();
        assert!(matches!(error, StoreError::Path { .. }), "{path}");
    }
    for name in ["", "a/b", "..", "mounts", "index.json", "/a"] {
        assert!(builder.put(name, content()).is_err(), "{name}");
    }
    for path in ["a", "/b", "..c", "d/.e", "f\\..\\g"] {
        builder.file(0, path, content()).unwrap();
    }
    assert!(builder.place().is_ok());
}

#[test]
fn a_file_cannot_be_the_folder_of_another() {
    let (volume, store) = store();
    let mut builder = store.begin_release(Digest::of(b"clash"));
    for path in ["a", "a-b", "a/b"] {
        builder
            .file(0, path, ContentRef::Inline(Vec::new()))
            .unwrap();
    }
    let error = builder.place().unwrap_err();
    assert!(matches!(error, StoreError::Path { .. }), "{error}");
    assert!(names(volume.path(), "tmp").is_empty());
}

#[test]
fn of_two_files_with_one_path_the_later_wins() {
    let (_volume, store) = store();
    let mut builder = store.begin_release(Digest::of(b"twice"));
    for text in ["earlier", "later"] {
        let content = ContentRef::Inline(text.as_bytes().to_vec());
        builder.file(0, "same", content).unwrap();
    }
    let release = builder.commit().unwrap();
    assert_eq!(
        fs::read(release.mount(0).unwrap().join("same")).unwrap(),
        b"later"
    );
}

#[test]
fn a_release_on_another_file_system_has_copies() {
    let (here, there) = (tempfile::tempdir().unwrap(), Path::new("/dev/shm"));
    let device = |path: &Path| fs::metadata(path).map(|metadata| metadata.dev()).ok();
    if device(there).is_none() || device(there) == device(here.path()) {
        eprintln!("skipped a_release_on_another_file_system_has_copies: `/dev/shm` is none");
        return;
    }
    let there = tempfile::tempdir_in(there).unwrap();
    let options = StoreOptions {
        shared: None,
        releases: Some(there.path().to_owned()),
    };
    let store = Store::open(here.path(), options).unwrap();
    let sample = Sample::new("site");
    for bytes in sample.blobs() {
        write_blob(&store, bytes).unwrap();
    }
    let placed = sample.describe(&store).place().unwrap();
    assert_eq!(placed.copied(), sample.files.len());
    let release = placed.seal().unwrap();
    assert!(release.mount(0).unwrap().starts_with(there.path()));
    sample.assert_right(&store.release(&sample.manifest).unwrap());
    let report = store.verify(&mut |_| {}).unwrap();
    assert!(report.bad_blobs.is_empty() && report.bad_releases.is_empty());
}

#[test]
fn a_blob_with_as_many_links_as_the_file_system_allows_is_copied() {
    /// More than ext4 (65,000) allows.
    const MANY: usize = 70_000;
    let (volume, store) = store();
    let digest = write_blob(&store, b"popular").unwrap();
    let blob = store.blob(&digest).unwrap();
    let links = volume.path().join("links");
    fs::create_dir(&links).unwrap();
    let refusal = (0..MANY)
        .map(|number| fs::hard_link(&blob.path, links.join(number.to_string())))
        .find_map(Result::err);
    let Some(refusal) = refusal else {
        eprintln!(
            "skipped a_blob_with_as_many_links_as_the_file_system_allows_is_copied: there is no limit here"
        );
        return;
    };
    assert_eq!(refusal.kind(), ErrorKind::TooManyLinks);
    let mut builder = store.begin_release(Digest::of(b"release"));
    builder
        .file(0, "popular", ContentRef::Blob(digest))
        .unwrap();
    let placed = builder.place().unwrap();
    assert_eq!(placed.copied(), 1);
    let file = placed.release().mount(0).unwrap().join("popular");
    assert_eq!(fs::read(file).unwrap(), b"popular");
}

#[test]
fn nothing_in_a_release_can_be_written_by_accident() {
    let (volume, store) = store();
    Sample::new("site").pull(&store).unwrap();
    for path in below(&volume.path().join("bart/releases")) {
        let metadata = fs::metadata(&path).unwrap();
        assert!(
            metadata.is_dir() || metadata.mode() & 0o222 == 0,
            "{}",
            path.display()
        );
    }
}
