//! Artifacts in folders: written, published from there, and refused where they are damaged or something else.

use std::fs;

use artifact::Digest;
use artifact::layout::Layout;

use super::{Machine, site};
use crate::process::Failed;
use crate::registry::ScriptedRegistry;
use crate::scratch::Scratch;

#[test]
fn what_is_written_to_a_layout_is_published_from_it_as_it_is() {
    let registry = ScriptedRegistry::start();
    let (machine, site) = (Machine::new(), site());
    let reference = |tag: &str| format!("{}/me/site:{tag}", registry.host());
    let pushed = machine.json(site.path(), &["push", &reference("0.1.0")]);
    let written = machine.json(
        site.path(),
        &["push", &reference("0.1.0"), "--output", "layout"],
    );
    assert_eq!(written["result"], "written");
    assert_eq!(written["digest"], pushed["digest"]);
    assert_eq!(written["uploaded"], pushed["uploaded"]);
    // A tag alone is a name too.
    machine.json(site.path(), &["push", "0.2.0", "--output", "layout"]);
    let names = Layout::open(&site.path().join("layout"))
        .unwrap()
        .artifacts()
        .unwrap();
    let names: Vec<_> = names
        .into_iter()
        .filter_map(|artifact| artifact.name)
        .collect();
    assert_eq!(names, ["0.1.0", "0.2.0"]);

    let elsewhere = ScriptedRegistry::start();
    let reference = format!("{}/me/site:0.2.0", elsewhere.host());
    let carried = Scratch::new();
    carried.copy(&site.path().join("layout"), "usb");
    let from = machine.json(carried.path(), &["push", &reference, "--from", "usb"]);
    assert_eq!(from["digest"], pushed["digest"]);
    assert_eq!(from["uploaded"], pushed["uploaded"]);
    let again = machine.json(carried.path(), &["push", &reference, "--from", "usb"]);
    assert_eq!(again["result"], "unchanged");
}

#[test]
fn the_only_artifact_of_a_layout_needs_no_name() {
    let registry = ScriptedRegistry::start();
    let (machine, site) = (Machine::new(), site());
    machine.json(site.path(), &["push", "0.1.0", "--output", "layout"]);
    let reference = format!("{}/me/site:preview", registry.host());
    machine.json(site.path(), &["push", &reference, "--from", "layout"]);
    machine.json(site.path(), &["push", "0.2.0", "--output", "layout"]);
    let failed =
        Failed::run(&mut machine.bart(site.path(), &["push", &reference, "--from", "layout"]));
    assert_eq!(failed.code, Some(2));
    assert!(
        failed.error().ends_with("it holds `0.1.0`, `0.2.0`"),
        "{}",
        failed.error()
    );
}

#[test]
fn a_layout_that_is_damaged_or_something_else_is_refused_before_anything_is_sent() {
    let registry = ScriptedRegistry::start();
    let (machine, site) = (Machine::new(), site());
    machine.json(site.path(), &["push", "1", "--output", "layout"]);
    let layout = Layout::open(&site.path().join("layout")).unwrap();
    let artifact = layout.only().unwrap();
    let (manifest, bytes) = layout.manifest(&artifact).unwrap();
    let component = layout.blob_path(&manifest.layers[0].digest);
    let reference = format!("{}/me/site:1", registry.host());
    let refused = |arguments: &[&str]| {
        let arguments = [&["push", &reference, "--from"], arguments].concat();
        let failed = Failed::run(&mut machine.bart(site.path(), &arguments));
        assert_eq!(registry.lines().len(), 0);
        (failed.code, failed.error().to_owned())
    };

    let mut flipped = fs::read(&component).unwrap();
    flipped[100] ^= 1;
    site.write("flipped", &flipped);
    fs::rename(site.path().join("flipped"), &component).unwrap();
    let (code, error) = refused(&["layout"]);
    assert_eq!(code, Some(1));
    assert!(
        error.starts_with("failed to read `layout/blobs/sha256/"),
        "{error}"
    );

    fs::remove_file(&component).unwrap();
    let (code, error) = refused(&["layout"]);
    assert_eq!(code, Some(1));
    assert!(error.contains("No such file"), "{error}");

    let text = String::from_utf8(bytes).unwrap();
    let image = text.replace(
        "application/vnd.fermyon.spin.application.v1+config",
        "application/octet-stream",
    );
    let digest = Digest::of(image.as_bytes());
    site.write(&format!("layout/blobs/sha256/{}", digest.hex()), &image);
    let index = fs::read_to_string(site.path().join("layout/index.json")).unwrap();
    let index = index
        .replace(&artifact.manifest.digest.hex(), &digest.hex())
        .replace(
            &artifact.manifest.size.to_string(),
            &image.len().to_string(),
        );
    site.write("layout/index.json", index);
    assert_eq!(
        refused(&["layout"]),
        (
            Some(22),
            "not a Spin artifact: it has no locked app".to_owned()
        )
    );

    assert_eq!(
        refused(&["static"]),
        (
            Some(2),
            "`static` is not an OCI image layout of version 1".to_owned()
        )
    );
}

#[test]
fn arguments_that_do_not_go_together_are_refused() {
    let (machine, site) = (Machine::new(), site());
    let digest = Digest::of(b"").to_string();
    let by_digest = format!("registry.test/me/site@{digest}");
    for arguments in [
        &["push"][..],
        &["push", "site:1"],
        &["push", "registry.test/me/site"],
        &["push", &by_digest],
        &["push", &digest, "--output", "layout"],
        &["push", "..", "--output", "layout"],
        &[
            "push",
            "registry.test/me/site:1",
            "--output",
            "layout",
            "--dry-run",
        ],
        &[
            "push",
            "registry.test/me/site:1",
            "--from",
            "layout",
            "--output",
            "other",
        ],
        &[
            "push",
            "registry.test/me/site:1",
            "--from",
            "layout",
            "--annotation",
            "a=b",
        ],
        &["push", "registry.test/me/site:1", "--annotation", "a"],
        &["push", "registry.test/me/site:1", "--site", "nowhere"],
    ] {
        let failed = Failed::run(&mut machine.bart(site.path(), arguments));
        assert_eq!(failed.code, Some(2), "{arguments:?}: {}", failed.stderr);
    }
}
