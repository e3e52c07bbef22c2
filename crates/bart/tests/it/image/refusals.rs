//! Images that are not made, each with its reason.

use artifact::Digest;

use super::shim::{OCI, Shim, bytes};
use super::{Workshop, count};

#[test]
fn no_image_exists_before_its_content() {
    let workshop = Workshop::new();
    let (code, error, hint) = workshop.fails(&["--build-id", "9.9.9"]);
    assert_eq!(code, Some(15), "{error}");
    assert!(error.contains("/me/site:9.9.9`"), "{error}");
    assert!(hint.contains("bart push"), "{hint}");
    let lines = workshop.registry.lines();
    assert_eq!(count(&lines, "PUT "), 0, "{lines:?}");
    let image = workshop.image(&["--build-id", "9.9.9", "--allow-missing-content"]);
    assert_eq!(image["content"]["digest"], serde_json::Value::Null);
}

#[test]
fn the_content_must_be_what_was_asked_for() {
    let workshop = Workshop::new();
    let content = workshop.content.as_str();
    let pinned = workshop.image(&["--digest", content]);
    assert_eq!(pinned["content"]["digest"], content);
    let other = Digest::of(b"").to_string();
    let (code, error, _) = workshop.fails(&["--digest", &other]);
    assert_eq!(
        code,
        Some(15),
        "there is no content of this digest: {error}"
    );

    // A tag that is missing is no reason, a tag that is something else is one.
    let named = workshop.image(&["--digest", content, "--build-id", "unknown", "--force-tag"]);
    assert_eq!(named["content"]["digest"], content);
    let host = workshop.registry.host();
    workshop.folder.write("static/index.html", "other content");
    let moved = workshop.machine.json(
        workshop.folder.path(),
        &["push", &format!("{host}/me/site:1.2.3"), "--force-tag"],
    );
    let (code, error, _) = workshop.fails(&["--digest", content]);
    assert_eq!(code, Some(20), "{error}");
    assert!(error.contains(content), "{error}");
    assert!(error.contains(moved["digest"].as_str().unwrap()), "{error}");
}

#[test]
fn what_is_no_base_is_refused_with_its_reason() {
    let workshop = Workshop::new();
    let host = workshop.registry.host();
    let put = |tag: &str, change: &dyn Fn(&mut serde_json::Value)| {
        let mut manifest = workshop.shim.manifests[0].clone();
        change(&mut manifest);
        workshop
            .registry
            .put_manifest("me/shim", tag, &bytes(&manifest));
    };
    put("wasm", &|it| {
        it["layers"][0]["mediaType"] = "application/wasm".into();
    });
    put("config", &|it| {
        it["config"]["mediaType"] = "text/plain".into();
    });
    put("old", &|it| it["schemaVersion"] = 1.into());
    put("fewer", &|it| {
        drop(it["layers"].as_array_mut().unwrap().pop());
    });
    Shim::of(&OCI, &["amd64", "amd64"]).put(&workshop.registry, "me/shim", "twice");
    Shim::of(&OCI, &["unknown"]).put(&workshop.registry, "me/shim", "none");
    for (base, code, part) in [
        (
            "me/shim:wasm",
            22,
            "one of its layers is of the type `application/wasm`",
        ),
        (
            "me/shim:config",
            22,
            "its configuration is of the type `text/plain`",
        ),
        ("me/shim:old", 22, "its manifest is not of version 2"),
        (
            "me/shim:fewer",
            22,
            "its configuration has 2 layers, its manifest 1",
        ),
        ("me/shim:twice", 2, "more than one image for `linux/amd64`"),
        ("me/shim:none", 2, "the base has no image"),
        ("me/shim:missing", 15, "me/shim:missing"),
    ] {
        let base = format!("{host}/{base}");
        let (actual, error, _) = workshop.fails(&["--base", &base]);
        assert_eq!(actual, Some(code), "{base}: {error}");
        assert!(error.contains(part), "{base}: {error}");
    }
    // A release is no shim.
    let (code, error, _) = workshop.fails(&["--base", &format!("{host}/me/site:1.2.3")]);
    assert_eq!(code, Some(22), "{error}");
    // And a shim is no release.
    let arguments = [
        "--repository",
        &format!("{host}/me/shim"),
        "--build-id",
        "base",
    ];
    let (code, error, _) = workshop.fails(&arguments);
    assert_eq!(code, Some(22), "{error}");
}

#[test]
fn a_platform_that_the_base_lacks_is_named_with_those_that_it_has() {
    let workshop = Workshop::new();
    let (code, error, hint) = workshop.fails(&["--platform", "linux/s390x"]);
    assert_eq!(code, Some(2));
    assert_eq!(error, "the base has no image for `linux/s390x`");
    assert_eq!(hint, "it has those for linux/arm64, linux/amd64");
}

#[test]
fn arguments_that_do_not_go_together_are_refused() {
    let workshop = Workshop::new();
    let digest = Digest::of(b"").to_string();
    let other = Digest::of(b"other").to_string();
    let by_digest = format!("registry.test/me/image@{digest}");
    for further in [
        &["--platform", "linux"][..],
        &["--platform", "linux/"],
        &["--base", "nowhere"],
        &["--push", "image:1"],
        &["--push", &by_digest],
        &["--build-id", &digest, "--digest", &other],
        &["--build-id", &digest, "--output", "layout"],
        &["--push", "registry.test/me/image:1", "--output", "layout"],
        &["--output", "layout", "--force-tag"],
    ] {
        let arguments = workshop.arguments(further);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut command = workshop.machine.bart(workshop.folder.path(), &arguments);
        let failed = crate::process::Failed::run(&mut command);
        assert_eq!(failed.code, Some(2), "{further:?}: {}", failed.stderr);
    }
    let base = format!("{}/me/shim:base", workshop.registry.host());
    let to = format!("{}/me/image:1", workshop.registry.host());
    let arguments = ["image", "--base", &base, "--build-id", "1", "--push", &to];
    let mut command = workshop.machine.bart(workshop.folder.path(), &arguments);
    let failed = crate::process::Failed::run(&mut command);
    assert_eq!(failed.code, Some(2), "the shim is for no repository");
    assert!(failed.hint().contains("--repository"), "{}", failed.stderr);
}
