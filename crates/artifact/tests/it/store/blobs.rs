//! A blob has its name only if its bytes are right.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::{fs, io};

use artifact::{Digest, StoreError};

use super::sample::{Change, damage, flip, names, store, write_blob};

#[test]
fn a_blob_is_what_was_written_and_cannot_be_changed() {
    let (_volume, store) = store();
    let digest = write_blob(&store, b"some bytes").unwrap();
    let blob = store.blob(&digest).unwrap();
    assert_eq!(blob.size, 10);
    assert_eq!(fs::read(&blob.path).unwrap(), b"some bytes");
    assert_eq!(store.read(&digest).unwrap().unwrap(), b"some bytes");
    let mode = fs::metadata(&blob.path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o444);
    assert!(
        blob.path
            .ends_with(format!("bart/blobs/sha256/{}", digest.hex()))
    );
}

#[test]
fn wrong_bytes_never_get_a_name() {
    let expected = Digest::of(b"promised");
    let cases: [(&str, Option<u64>, &[u8], &str); 5] = [
        (
            "other bytes",
            Some(8),
            b"pr0mised",
            "wrong content: expected `sha256:",
        ),
        (
            "other bytes of no known size",
            None,
            b"other",
            "wrong content: expected `sha256:",
        ),
        (
            "too few bytes",
            Some(8),
            b"promise",
            "expected 8 bytes, got 7",
        ),
        (
            "too many bytes",
            Some(8),
            b"promised!",
            "expected 8 bytes, got 9",
        ),
        ("no bytes", Some(8), b"", "expected 8 bytes, got 0"),
    ];
    for (case, size, bytes, message) in cases {
        let (volume, store) = store();
        let mut writer = store.writer(expected, size).unwrap();
        let result = writer.append(bytes).and_then(|()| writer.finish());
        let error = result.unwrap_err().to_string();
        assert!(error.contains(message), "{case}: {error}");
        assert_eq!(store.blob(&expected), None, "{case}");
        assert!(names(volume.path(), "tmp").is_empty(), "{case}");
    }
}

#[test]
fn an_error_of_a_digest_names_both() {
    let (_volume, store) = store();
    let (expected, actual) = (Digest::of(b"a"), Digest::of(b"b"));
    let mut writer = store.writer(expected, None).unwrap();
    writer.append(b"b").unwrap();
    let error = writer.finish().unwrap_err().to_string();
    assert!(error.contains(&expected.to_string()) && error.contains(&actual.to_string()));
}

#[test]
fn a_stream_that_is_too_long_is_refused_before_it_fills_the_disk() {
    let (_volume, store) = store();
    let mut writer = store.writer(Digest::of(b"short"), Some(5)).unwrap();
    let error = io::copy(&mut io::repeat(b'x'), &mut writer).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    writer.flush().unwrap();
}

#[test]
fn what_is_not_finished_leaves_nothing() {
    let (volume, store) = store();
    let mut writer = store.writer(Digest::of(b"whole"), None).unwrap();
    writer.append(b"who").unwrap();
    assert_eq!(names(volume.path(), "tmp").len(), 1);
    drop(writer);
    assert!(names(volume.path(), "tmp").is_empty());
    assert!(names(volume.path(), "blobs").is_empty());
}

#[test]
fn damaged_blobs_are_set_aside_and_fetched_again() {
    let cases: [(&str, Change); 4] = [
        ("flipped", flip),
        ("truncated", |bytes| bytes.truncate(3)),
        ("empty", Vec::clear),
        ("longer", |bytes| bytes.push(0)),
    ];
    for (case, change) in cases {
        let (volume, store) = store();
        let digest = write_blob(&store, b"good bytes").unwrap();
        damage(&store.blob(&digest).unwrap().path, change);
        assert_eq!(store.read(&digest).unwrap(), None, "{case}");
        assert_eq!(store.blob(&digest), None, "{case}");
        let aside = format!("bad-{}", digest.hex());
        assert_eq!(names(volume.path(), "tmp"), [aside], "{case}");
        write_blob(&store, b"good bytes").unwrap();
        assert_eq!(
            store.read(&digest).unwrap().unwrap(),
            b"good bytes",
            "{case}"
        );
    }
}

#[test]
fn a_blob_of_another_size_is_not_taken() {
    let (_volume, store) = store();
    let digest = write_blob(&store, b"good bytes").unwrap();
    damage(&store.blob(&digest).unwrap().path, Vec::clear);
    assert_eq!(store.fetch(&digest, Some(10)).unwrap(), None);
    assert_eq!(store.blob(&digest), None);
}

#[test]
fn the_blob_of_no_bytes_is_a_blob() {
    let (_volume, store) = store();
    let digest = write_blob(&store, b"").unwrap();
    assert_eq!(store.fetch(&digest, Some(0)).unwrap().unwrap().size, 0);
    assert_eq!(store.read(&digest).unwrap().unwrap(), b"");
}

#[test]
fn a_written_blob_replaces_a_damaged_one() {
    let (_volume, store) = store();
    let digest = write_blob(&store, b"good bytes").unwrap();
    damage(&store.blob(&digest).unwrap().path, flip);
    write_blob(&store, b"good bytes").unwrap();
    assert_eq!(store.read(&digest).unwrap().unwrap(), b"good bytes");
}

#[test]
fn a_link_in_the_place_of_a_blob_is_none() {
    let (volume, store) = store();
    let digest = write_blob(&store, b"good bytes").unwrap();
    let path = store.blob(&digest).unwrap().path;
    let elsewhere = volume.path().join("elsewhere");
    fs::rename(&path, &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
    assert_eq!(store.blob(&digest), None);
    assert!(matches!(
        store.fetch(&digest, None),
        Ok::<_, StoreError>(None)
    ));
}
