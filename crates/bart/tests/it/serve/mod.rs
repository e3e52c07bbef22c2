//! `bart serve` and `bart pull`: published releases, from a registry into the cache and to visitors.

mod away;
mod native;
mod running;
mod starts;
mod tampered;

use std::process::Command;

use crate::process::{bart, eventually};
use crate::registry::ScriptedRegistry;
use crate::scratch::Scratch;
use crate::served::workspace;
use crate::serving::{Serving, command};

/// The repository that the tests publish to.
const REPOSITORY: &str = "me/site";

/// A registry with an artifact that Spin itself pushed, as `v1`.
fn registry() -> ScriptedRegistry {
    let registry = ScriptedRegistry::start();
    push_fixture(&registry.host(), "simple", "v1");
    registry.forget_requests();
    registry
}

fn push_fixture(host: &str, artifact: &str, tag: &str) {
    let layout = workspace().join("crates/artifact/tests/fixtures/spin-oci");
    let scratch = Scratch::new();
    let reference = format!("{host}/{REPOSITORY}:{tag}");
    // An artifact of a layout is published under the name that it has there, or as the only one.
    scratch.copy(&layout, "layout");
    let index = std::fs::read_to_string(layout.join("index.json")).unwrap();
    let mut index: serde_json::Value = serde_json::from_str(&index).unwrap();
    let manifests = index["manifests"].as_array_mut().unwrap();
    manifests.retain(|manifest| {
        manifest["annotations"]["org.opencontainers.image.ref.name"] == artifact
    });
    assert_eq!(manifests.len(), 1, "{artifact}");
    scratch.write("layout/index.json", index.to_string());
    let pushed = bart(
        scratch.path(),
        &["push", "--from", "layout", "--quiet", &reference],
    )
    .env("HOME", scratch.path())
    .output()
    .unwrap();
    assert!(pushed.status.success(), "{pushed:?}");
}

fn repository(registry: &ScriptedRegistry) -> String {
    format!("{}/{REPOSITORY}", registry.host())
}

/// `bart serve` of the tag `v1`.
fn serve_v1(folder: &Scratch, registry: &ScriptedRegistry) -> Command {
    let repository = repository(registry);
    command(folder, &["--repository", &repository, "--build-id", "v1"])
}

fn digest_of(serving: &mut Serving) -> String {
    let line = serving.line("serving on http://");
    let (_, digest) = line.split_once("digest=").unwrap();
    digest.split(' ').next().unwrap().to_owned()
}

/// Waits until a release survives the end of the process that pulled it.
fn wait_until_sealed(folder: &Scratch, digest: &str) {
    let hex = digest.trim_start_matches("sha256:");
    let marker = format!("cache/bart/releases/{hex}/release.json");
    eventually("the release is sealed", || {
        folder.path().join(&marker).exists()
    });
}
