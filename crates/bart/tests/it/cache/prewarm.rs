//! `bart cache prewarm`, with the scripted registry.

use std::path::Path;
use std::{env, fs};

use artifact::Digest;
use serde_json::{Value, json};

use super::Cache;
use crate::registry::ScriptedRegistry;

/// A layout that Spin wrote, below the folder of the package.
const LAYOUT: &str = "../artifact/tests/fixtures/spin-oci";

/// A registry that has the artifact `simple` of the layout as `site:1`, and its digest.
fn registry() -> (ScriptedRegistry, Digest) {
    let registry = ScriptedRegistry::start();
    // At run time, since two checkouts may share one target folder.
    let package = env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs this");
    let layout = Path::new(&package).join(LAYOUT);
    for blob in fs::read_dir(layout.join("blobs/sha256")).unwrap() {
        registry.put_blob("site", &fs::read(blob.unwrap().path()).unwrap());
    }
    let index: Value =
        serde_json::from_slice(&fs::read(layout.join("index.json")).unwrap()).unwrap();
    let manifests = index["manifests"].as_array().unwrap();
    let simple = manifests
        .iter()
        .find(|manifest| manifest["annotations"]["org.opencontainers.image.ref.name"] == "simple")
        .unwrap();
    let digest: Digest = simple["digest"].as_str().unwrap().parse().unwrap();
    let manifest = fs::read(layout.join("blobs/sha256").join(digest.hex())).unwrap();
    registry.put_manifest("site", "1", &manifest);
    (registry, digest)
}

#[test]
fn a_prewarmed_release_is_there_and_is_not_fetched_again() {
    let (registry, digest) = registry();
    let cache = Cache::new();
    let tag = format!("{}/site:1", registry.host());
    let pinned = format!("{}/site@{digest}", registry.host());
    let first = cache.json(&["prewarm", &tag, &pinned]);
    let [by_tag, by_digest] = &first["releases"].as_array().unwrap()[..] else {
        panic!("{first}");
    };
    assert_eq!(
        (&by_tag["reference"], &by_tag["digest"]),
        (&json!(tag), &json!(digest))
    );
    assert_eq!(by_digest["reference"], pinned);
    assert!(by_tag["downloaded"]["blobs"].as_u64().unwrap() > 0);
    assert_eq!(by_digest["downloaded"], json!({ "blobs": 0, "bytes": 0 }));
    assert!(cache.has(&digest));
    let listed = &cache.json(&["ls"])["releases"][0];
    assert_eq!(listed["references"], json!([tag]));
    assert_eq!(listed["bytes"], by_tag["bytes"]);
    assert_eq!(listed["leases"], 0);

    registry.forget_requests();
    let text = cache.text(&["prewarm", &tag]);
    let expected = format!("{tag} is {}: ", &digest.hex()[..12]);
    assert!(text.starts_with(&expected), "{text}");
    assert!(text.contains("of which 0 blobs (0 B) came in"), "{text}");
    assert_eq!(registry.lines().len(), 1, "{:?}", registry.lines());
}

#[test]
fn what_the_registry_does_not_have_cannot_be_prewarmed() {
    let (registry, digest) = registry();
    let cache = Cache::new();
    let here = format!("{}/site:1", registry.host());
    let missing = format!("{}/site:2", registry.host());
    let output = cache.run(&["prewarm", &here, &missing]);
    assert_eq!(output.status.code(), Some(15));
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(stdout.starts_with(&format!("{here} is ")), "{stdout}");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("site"), "{stderr}");
    assert!(cache.has(&digest));
    assert_eq!(cache.failed(&["prewarm", "site"]).code, Some(2));
}
