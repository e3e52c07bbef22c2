//! Manifests: read and written as Spin does, and compared.

use artifact::{Digest, Manifest, annotation, media_type};
use serde_json::{Value, json};

use crate::fixture;

fn simple() -> (Manifest, Vec<u8>) {
    let layout = fixture::layout();
    layout.manifest(&layout.named("simple").unwrap()).unwrap()
}

/// The manifest of `simple`, changed.
fn changed(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut manifest: Value = serde_json::from_slice(&simple().1).unwrap();
    change(&mut manifest);
    manifest.to_string().into_bytes()
}

#[test]
fn what_spin_wrote_is_written_again_byte_for_byte() {
    let layout = fixture::layout();
    for name in ["simple", "archive", "old"] {
        let (manifest, bytes) = layout.manifest(&layout.named(name).unwrap()).unwrap();
        assert_eq!(
            String::from_utf8(manifest.to_bytes()),
            String::from_utf8(bytes)
        );
    }
}

#[test]
fn a_manifest_may_say_its_own_media_type() {
    let bytes = changed(|manifest| manifest["mediaType"] = json!(media_type::MANIFEST));
    assert!(Manifest::parse(&bytes).is_ok());
}

#[test]
fn what_is_no_spin_artifact_is_refused_with_the_reason() {
    let docker = "application/vnd.docker.container.image.v1+json";
    for (bytes, reason) in [
        (
            b"{}".to_vec(),
            "not a Spin artifact: it is no image manifest of version 2",
        ),
        (
            b"<html>".to_vec(),
            "failed to read the manifest: expected value",
        ),
        (
            vec![b' '; (4 << 20) + 1],
            "manifest too large: 4194305 bytes, more than 4 MiB",
        ),
        (
            br#"{"schemaVersion":2,"manifests":[]}"#.to_vec(),
            "not a Spin artifact: it is an index of several images",
        ),
        (
            changed(|it| it["mediaType"] = json!("text/\u{1b}plain")),
            r"not a Spin artifact: it is of the type `text/\u{1b}plain`",
        ),
        (
            changed(|it| it["config"]["mediaType"] = json!(docker)),
            "not a Spin artifact: its configuration is of the type `application/vnd.docker.",
        ),
        (
            changed(|it| it["layers"] = json!([])),
            "not a Spin artifact: it has no locked app",
        ),
        (
            changed(|it| it["layers"] = json!(7)),
            "failed to read the manifest: invalid type",
        ),
        (
            changed(|it| it["layers"][0]["size"] = json!(-1)),
            "has -1 bytes: no blob has",
        ),
        (
            changed(|it| it["layers"][0]["size"] = json!(1.5)),
            "has 1.5 bytes: no blob has",
        ),
        (
            changed(|it| it["layers"][0]["size"] = json!(1_u64 << 50)),
            "has 1125899906842624 bytes: no blob has",
        ),
        (
            changed(|it| it["config"]["size"] = json!(u64::MAX)),
            "has 18446744073709551615 bytes: no blob has",
        ),
        (
            changed(|it| it["layers"][7]["size"] = json!(1 << 30)),
            "has 1073741824 bytes: no blob has",
        ),
        (
            changed(|it| it["layers"][0]["digest"] = json!("md5:0")),
            "`md5:0` is not a digest",
        ),
    ] {
        let error = format!(
            "{:#}",
            anyhow::Error::new(Manifest::parse(&bytes).unwrap_err())
        );
        assert!(error.contains(reason), "{error}");
    }
}

#[test]
fn releases_are_the_same_whatever_their_annotations() {
    let (one, _) = simple();
    let mut other = one.clone();
    other.annotations.insert(
        annotation::CREATED.to_owned(),
        "2001-01-01T00:00:00Z".to_owned(),
    );
    assert!(one.is_same_release(&other));
    let changes: [fn(&mut Manifest); 4] = [
        |manifest| manifest.config.digest = Digest::of(b"other"),
        |manifest| manifest.layers[0].size += 1,
        |manifest| manifest.layers[1].media_type = media_type::ARCHIVE.to_owned(),
        |manifest| drop(manifest.layers.remove(1)),
    ];
    for change in changes {
        let mut other = one.clone();
        change(&mut other);
        assert!(!one.is_same_release(&other), "{other:?}");
    }
}
