//! Registries that were tampered with, and tags that moved.

use super::{REPOSITORY, digest_of, push_fixture, registry, serve_v1, wait_until_sealed};
use crate::process::{Failed, bart};
use crate::registry::{Answer, ScriptedRegistry};
use crate::scratch::Scratch;
use crate::served::workspace;
use crate::serving::Serving;

#[test]
fn a_release_with_another_digest_than_the_pinned_one_is_refused() {
    let registry = registry();
    let folder = Scratch::new();
    let pin = format!("sha256:{}", "0".repeat(64));
    let failed = Failed::run(serve_v1(&folder, &registry).args(["--quiet", "--digest", &pin]));
    assert_eq!(failed.code, Some(20));
    let error = failed.error();
    assert!(error.contains(&format!("not `{pin}`")), "{error}");
    assert!(failed.hint().contains("moved the tag"), "{}", failed.hint());
}

#[test]
fn a_tag_that_moved_is_told_and_never_swaps_what_is_pinned() {
    let registry = registry();
    let folder = Scratch::new();
    let mut serving = Serving::start(&mut serve_v1(&folder, &registry));
    let digest = digest_of(&mut serving);
    wait_until_sealed(&folder, &digest);
    drop(serving);
    push_fixture_over(&registry, "archive");
    let mut pinned = serve_v1(&folder, &registry);
    let mut pinned = Serving::start(pinned.args(["--digest", &digest]));
    assert_eq!(digest_of(&mut pinned), digest);
    pinned.line("somebody moved the tag");
    let metrics = pinned.ask("/metrics").text();
    assert!(metrics.contains("bart_tag_moved 1"), "{metrics}");
    drop(pinned);
    // Without a pin too: what the tag named before is served, at every start, until somebody decides.
    for _ in 0..2 {
        let mut free = Serving::start(&mut serve_v1(&folder, &registry));
        assert_eq!(digest_of(&mut free), digest);
        let line = free.line("somebody moved the tag");
        assert!(line.contains("bart cache rm"), "{line}");
        let metrics = free.ask("/metrics").text();
        assert!(metrics.contains("bart_tag_moved 1"), "{metrics}");
    }
}

/// Moves the tag `v1` to another artifact.
fn push_fixture_over(registry: &ScriptedRegistry, artifact: &str) {
    let other = ScriptedRegistry::start();
    push_fixture(&other.host(), artifact, "v1");
    for request in other.requests() {
        if request.method == "PUT" && request.path.contains("/manifests/") {
            registry.put_manifest(REPOSITORY, "v1", &request.body);
        } else if matches!(request.method.as_str(), "PUT" | "POST" | "PATCH")
            && !request.body.is_empty()
        {
            registry.put_blob(REPOSITORY, &request.body);
        }
    }
}

#[test]
fn what_a_registry_tampered_with_is_never_served() {
    for (artifact, code, error) in [
        ("path-dotdot", 22, "it leads upwards"),
        (
            "content-not-its-digest",
            20,
            "wrong content: expected `sha256:",
        ),
        (
            "wasm-not-its-digest",
            20,
            "wrong content: expected `sha256:",
        ),
        ("locked-app-missing", 22, "it has no locked app"),
        ("locked-app-twice", 22, "locked app"),
    ] {
        let folder = Scratch::new();
        let registry = hostile(artifact);
        let mut serve = serve_v1(&folder, &registry);
        let failed = Failed::run(serve.arg("--quiet"));
        assert_eq!(failed.code, Some(code), "{artifact}: {}", failed.stderr);
        assert!(
            failed.error().contains(error),
            "{artifact}: {}",
            failed.stderr
        );
        let releases = folder.path().join("cache/bart/releases");
        let left = std::fs::read_dir(releases).into_iter().flatten().flatten();
        let complete = left.filter(|release| release.path().join("release.json").exists());
        assert_eq!(complete.count(), 0, "{artifact}");
    }
}

/// A registry that sends a hostile artifact of the fixtures as it is.
fn hostile(artifact: &str) -> ScriptedRegistry {
    let layout = workspace().join("crates/artifact/tests/fixtures/spin-oci");
    let index = std::fs::read_to_string(layout.join("index.json")).unwrap();
    let index: serde_json::Value = serde_json::from_str(&index).unwrap();
    let manifest = index["manifests"]
        .as_array()
        .unwrap()
        .iter()
        .find(|manifest| manifest["annotations"]["org.opencontainers.image.ref.name"] == artifact)
        .unwrap_or_else(|| panic!("there is no `{artifact}`"));
    let blob = move |digest: &str| {
        let name = digest.trim_start_matches("sha256:");
        std::fs::read(layout.join("blobs/sha256").join(name))
    };
    let registry = ScriptedRegistry::start();
    let bytes = blob(manifest["digest"].as_str().unwrap()).unwrap();
    registry.put_manifest(REPOSITORY, "v1", &bytes);
    registry.script(move |request| {
        let (_, digest) = request.path.split_once("/blobs/")?;
        Some(match blob(digest) {
            Ok(bytes) => Answer::status(200).body(bytes),
            Err(_) => Answer::status(404),
        })
    });
    registry
}

#[test]
fn a_release_that_the_disk_damaged_is_fetched_again() {
    let registry = registry();
    let folder = Scratch::new();
    let start = || {
        let mut serving = Serving::start(&mut serve_v1(&folder, &registry));
        let digest = digest_of(&mut serving);
        assert_eq!(serving.get("/index.txt").status, 200);
        wait_until_sealed(&folder, &digest);
        serving.log()
    };
    start();
    let applications = files(&folder, |path| path.ends_with("/app.json"));
    assert_eq!(applications.len(), 1);
    folder.write(&applications[0], "{}");
    let log = start();
    assert!(log.contains("fetching the release again"), "{log}");
    assert!(!start().contains("again"));
}

#[test]
fn a_pack_that_the_disk_damaged_is_fetched_again() {
    let registry = ScriptedRegistry::start();
    push_fixture(&registry.host(), "archive", "v1");
    let folder = Scratch::new();
    let reference = format!("{}/{REPOSITORY}:v1", registry.host());
    let pull = || {
        let mut pull = bart(folder.path(), &["pull", &reference, "--cache-dir", "cache"]);
        let output = pull.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    pull();
    std::fs::remove_dir_all(folder.path().join("cache/bart/releases")).unwrap();
    // What a torn pull may leave: packs that are no longer right, and nothing of what was in them.
    for blob in files(&folder, |path| path.contains("/blobs/")) {
        let mut bytes = std::fs::read(folder.path().join(&blob)).unwrap();
        if bytes.starts_with(&[0x1f, 0x8b]) {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            folder.write(&blob, bytes);
        } else {
            std::fs::remove_file(folder.path().join(&blob)).unwrap();
        }
    }
    let log = pull();
    assert!(log.contains("fetching what was damaged again"), "{log}");
}

/// The files of a cache whose paths are meant.
fn files(folder: &Scratch, is_meant: impl Fn(&str) -> bool) -> Vec<String> {
    let mut folders = vec!["cache".to_owned()];
    let mut found = Vec::new();
    while let Some(inside) = folders.pop() {
        for entry in std::fs::read_dir(folder.path().join(&inside)).unwrap() {
            let entry = entry.unwrap();
            let path = format!("{inside}/{}", entry.file_name().to_str().unwrap());
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else if is_meant(&path) {
                found.push(path);
            }
        }
    }
    found
}
