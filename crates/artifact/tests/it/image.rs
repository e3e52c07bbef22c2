//! Images of programs: platforms, indexes, manifests and configurations, whoever wrote them.

use std::collections::BTreeMap;

use artifact::image::{Document, Entry, ImageConfig, ImageIndex, Platform};
use artifact::{Descriptor, Digest, Manifest, media_type};
use serde_json::{Value, json};

const DOCKER: &str = "application/vnd.docker.distribution.manifest.v2+json";

fn parse(value: &Value) -> Result<Document, String> {
    Document::parse(&serde_json::to_vec(value).unwrap()).map_err(|error| error.to_string())
}

fn blob(kind: &str, size: u64) -> Value {
    json!({ "mediaType": kind, "digest": Digest::of(b"").to_string(), "size": size })
}

fn manifest() -> Value {
    json!({
        "schemaVersion": 2,
        "mediaType": media_type::MANIFEST,
        "config": blob(media_type::IMAGE_CONFIG, 1),
        "layers": [blob("application/vnd.oci.image.layer.v1.tar+gzip", 1)],
    })
}

fn read(value: &Value) -> Manifest {
    match parse(value) {
        Ok(Document::Manifest(manifest)) => manifest,
        other => panic!("{other:?}"),
    }
}

#[test]
fn platforms_are_read_and_what_is_none_is_refused() {
    for (text, variant) in [("linux/amd64", None), ("linux/arm/v7", Some("v7"))] {
        let platform: Platform = text.parse().unwrap();
        assert_eq!(platform.to_string(), text);
        assert_eq!(platform.variant.as_deref(), variant);
    }
    for text in [
        "",
        "linux",
        "linux/",
        "/amd64",
        "linux//v7",
        "a/b/c/d",
        "linux/amd 64",
    ] {
        assert!(text.parse::<Platform>().is_err(), "{text}");
    }
}

#[test]
fn a_platform_without_a_variant_stands_for_all_of_them() {
    let is = |one: &str, wanted: &str| {
        let platform: Platform = one.parse().unwrap();
        platform.is(&wanted.parse().unwrap())
    };
    assert!(is("linux/arm64/v8", "linux/arm64"));
    assert!(is("linux/arm64/v8", "linux/arm64/v8"));
    assert!(!is("linux/arm64", "linux/arm64/v8"));
    assert!(!is("linux/arm64", "linux/arm"));
    assert!(!is("windows/amd64", "linux/amd64"));
}

#[test]
fn the_formats_of_docker_become_those_of_the_image_spec() {
    let docker = json!({
        "schemaVersion": 2,
        "mediaType": DOCKER,
        "config": blob("application/vnd.docker.container.image.v1+json", 1),
        "layers": [blob("application/vnd.docker.image.rootfs.diff.tar.gzip", 1)],
    });
    assert_eq!(read(&docker), read(&manifest()));
    let mut without = manifest();
    without.as_object_mut().unwrap().remove("mediaType");
    assert_eq!(read(&without), read(&manifest()));
}

#[test]
fn what_is_no_image_is_refused_with_its_reason() {
    let changed = |pointer: &str, value: Value| {
        let mut manifest = manifest();
        *manifest.pointer_mut(pointer).unwrap() = value;
        manifest
    };
    for (value, part) in [
        (json!([]), "its manifest is not of version 2"),
        (
            changed("/schemaVersion", json!(1)),
            "its manifest is not of version 2",
        ),
        (
            changed("/mediaType", json!("text/plain")),
            "it is of the type `text/plain`",
        ),
        (
            changed("/config/mediaType", json!("x")),
            "its configuration is of the type `x`",
        ),
        (
            changed("/config/size", json!(1 << 30)),
            "its configuration is too large",
        ),
        (
            changed("/config/size", json!(-1)),
            "failed to read the image's manifest",
        ),
        (
            changed("/layers/0/mediaType", json!(media_type::WASM)),
            "one of its layers is of the type `application/vnd.wasm",
        ),
        (
            changed("/layers/0/size", json!(u64::MAX)),
            "one of its layers is larger than any",
        ),
        (
            json!({ "schemaVersion": 2, "mediaType": "x", "manifests": [] }),
            "it is of the type `x`",
        ),
        (
            json!({ "schemaVersion": 2, "manifests": [{}] }),
            "failed to read the image's index",
        ),
    ] {
        let error = parse(&value).unwrap_err();
        assert!(error.contains(part), "{value}: {error}");
    }
    let error = Document::parse(&vec![b' '; 5 << 20]).unwrap_err();
    assert!(error.to_string().starts_with("image manifest too large"));
}

fn entry(platform: &str, bytes: &[u8]) -> Entry {
    Entry {
        manifest: Descriptor::of(media_type::MANIFEST, bytes),
        platform: Some(platform.parse().unwrap()),
    }
}

#[test]
fn an_index_has_one_order_and_its_notes_do_not_make_it_another_image() {
    let entries = || vec![entry("linux/arm64", b"1"), entry("linux/amd64", b"2")];
    let index = ImageIndex::new(entries(), BTreeMap::new());
    let reversed = ImageIndex::new(entries().into_iter().rev().collect(), BTreeMap::new());
    assert_eq!(index.to_bytes(), reversed.to_bytes());
    let note = [("a".to_owned(), "b".to_owned())];
    let noted = ImageIndex::new(entries(), BTreeMap::from(note));
    assert!(noted.is_same_image(&index));
    for others in [
        vec![entry("linux/amd64", b"2")],
        vec![entry("linux/arm64", b"2"), entry("linux/amd64", b"1")],
        vec![entry("linux/arm64", b"1"), entry("linux/amd64", b"3")],
    ] {
        assert!(!index.is_same_image(&ImageIndex::new(others, BTreeMap::new())));
    }
    match Document::parse(&index.to_bytes()) {
        Ok(Document::Index(read)) => assert_eq!(read, index),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_stands_beside_the_images_of_an_index_is_none() {
    let mut other = entry("linux/amd64", b"3");
    other.manifest.media_type = media_type::INDEX.to_owned();
    let mut anywhere = entry("linux/amd64", b"4");
    anywhere.platform = None;
    let entries = vec![
        entry("linux/amd64", b"1"),
        entry("unknown/unknown", b"2"),
        other,
        anywhere,
    ];
    let index = ImageIndex::new(entries, BTreeMap::new());
    let found: Vec<Digest> = index.images().map(|entry| entry.manifest.digest).collect();
    assert_eq!(found, [Digest::of(b"4"), Digest::of(b"1")]);
}

fn config(value: &Value) -> ImageConfig {
    let bytes = serde_json::to_vec(value).unwrap();
    ImageConfig::parse(&bytes, &read(&manifest())).unwrap()
}

#[test]
fn a_configuration_is_changed_only_where_it_is_asked_to() {
    let mut config = config(&json!({
        "architecture": "arm64",
        "os": "linux",
        "variant": "v8",
        "author": "somebody",
        "config": { "Env": ["A=1", "AB=2", "A"], "Labels": null, "Cmd": ["serve"] },
        "rootfs": { "type": "layers", "diff_ids": ["x"] },
    }));
    assert_eq!(config.platform().to_string(), "linux/arm64/v8");
    assert_eq!((config.created(), config.label("l")), (None, None));
    config.add_history("nothing, as there is no history");
    config.set_variable("A", Some("3"));
    config.set_variable("B", None);
    config.set_label("l", Some("1"));
    config.set_label("m", None);
    config.set_created("2026-01-01T00:00:00Z");
    assert_eq!(config.label("l"), Some("1"));
    let written: Value = serde_json::from_slice(&config.to_bytes()).unwrap();
    assert_eq!(
        written,
        json!({
            "architecture": "arm64",
            "os": "linux",
            "variant": "v8",
            "author": "somebody",
            "created": "2026-01-01T00:00:00Z",
            "config": { "Env": ["AB=2", "A=3"], "Labels": { "l": "1" }, "Cmd": ["serve"] },
            "rootfs": { "type": "layers", "diff_ids": ["x"] },
        })
    );
}

#[test]
fn a_configuration_without_a_process_or_with_a_history_is_one_too() {
    let mut config = config(&json!({
        "architecture": "amd64",
        "os": "linux",
        "config": null,
        "history": [{ "created_by": "a" }],
        "rootfs": { "type": "layers", "diff_ids": ["x"] },
    }));
    config.set_variable("A", Some("1"));
    config.set_created("2026-01-01T00:00:00Z");
    config.add_history("b");
    let written: Value = serde_json::from_slice(&config.to_bytes()).unwrap();
    assert_eq!(written["config"]["Env"], json!(["A=1"]));
    assert_eq!(
        written["history"][1],
        json!({ "created": "2026-01-01T00:00:00Z", "created_by": "b", "empty_layer": true })
    );
    let manifest = read(&manifest());
    let other = json!({ "architecture": "a", "os": "b", "rootfs": { "diff_ids": [] } });
    let error = ImageConfig::parse(&serde_json::to_vec(&other).unwrap(), &manifest).unwrap_err();
    assert_eq!(
        error.to_string(),
        "not an image: its configuration has 0 layers, its manifest 1"
    );
}
