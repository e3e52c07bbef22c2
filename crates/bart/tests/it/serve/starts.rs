//! Releases that start: what was published is what is served.

use std::process::Command;

use super::{digest_of, push_fixture, registry, repository, serve_v1, wait_until_sealed};
use crate::process::{Failed, bart};
use crate::registry::ScriptedRegistry;
use crate::registry::docker::DockerRegistry;
use crate::scratch::Scratch;
use crate::served::{self, workspace};
use crate::serving::{Serving, command};

#[test]
fn what_spin_pushed_is_served_and_the_second_start_downloads_nothing() {
    for artifact in ["simple", "archive", "old"] {
        let registry = ScriptedRegistry::start();
        push_fixture(&registry.host(), artifact, "v1");
        let folder = Scratch::new();
        let mut serving = Serving::start(&mut serve_v1(&folder, &registry));
        let digest = digest_of(&mut serving);
        for (path, status, part) in [
            ("/", 200, "hello"),
            ("/index.txt", 200, "Line 1 of the index"),
            ("/with%20space.txt", 200, "hello"),
            ("/na%C3%AFve-%E6%97%A5%E6%9C%AC%E8%AA%9E.txt", 200, "Ω"),
            ("/second/only-second.txt", 200, "hello"),
            ("/second/shared/short.txt", 404, "no such file"),
            ("/teapot", 418, "short and stout"),
        ] {
            let response = serving.get(path);
            assert_eq!(response.status, status, "{artifact} {path}");
            assert!(response.text().contains(part), "{artifact} {path}");
        }
        wait_until_sealed(&folder, &digest);
        drop(serving);
        registry.forget_requests();
        let again = Serving::ready(&mut serve_v1(&folder, &registry));
        assert!(again.get("/index.txt").text().contains("Line 1"));
        let requests = registry.lines();
        assert!(
            requests.iter().all(|line| line.contains("/manifests/v1")),
            "{requests:?}"
        );
    }
}

#[test]
fn a_pushed_site_is_served_as_bart_up_serves_it_byte_for_byte() {
    let Some(registry) = DockerRegistry::start_or_skip("a pushed site is served") else {
        return;
    };
    let manifest = workspace().join("spin.toml");
    let folder = Scratch::new();
    let repository = format!("{}/docs", registry.host());
    let reference = format!("{repository}:0.1.0");
    let site = manifest.to_str().unwrap();
    let pushed = bart(
        folder.path(),
        &["push", &reference, "--site", site, "--quiet"],
    )
    .env("HOME", folder.path())
    .output()
    .unwrap();
    assert!(pushed.status.success(), "{pushed:?}");
    let mut serve = command(&folder, &["--repository", &repository]);
    let serving = Serving::ready(serve.env("BUILD_ID", "0.1.0"));
    let up = served::serve(&manifest, &[]);
    for path in [
        "/",
        "/start",
        "/pages",
        "/tags",
        "/news",
        "/atom",
        "/sitemap",
        "/robots.txt",
        "/static/style.css",
        "/static/logo.svg",
        "/nothing",
    ] {
        let one = serving.get(path);
        let other = up.get(path);
        assert_eq!(one.status, other.status, "{path}");
        for name in ["etag", "content-type", "cache-control", "vary"] {
            assert_eq!(one.header(name), other.header(name), "{path} {name}");
        }
        assert_eq!(one.text(), other.text(), "{path}");
    }
}

#[test]
fn which_release_is_said_by_flags_then_variables_then_files() {
    let registry = registry();
    let repository = repository(&registry);
    let folder = Scratch::new();
    folder.write(
        "vars",
        format!("# of the image\nBUILD_ID=v1\nBART_REPOSITORY=\"{repository}\"\n"),
    );
    let served = |command: &mut Command| {
        let mut serving = Serving::start(command);
        serving.line("serving on http://")
    };
    let from_file = served(&mut command(&folder, &["--vars-file", "vars"]));
    assert!(from_file.contains("build_id=v1"), "{from_file}");
    // A variable counts more than a file, a flag more than a variable.
    let mut by_variable = command(&folder, &["--vars-file", "vars", "--quiet"]);
    let failed = Failed::run(by_variable.env("BUILD_ID", "v2"));
    assert_eq!(failed.code, Some(15), "{}", failed.stderr);
    assert!(failed.error().contains(":v2`"), "{}", failed.stderr);
    let mut by_flag = command(&folder, &["--vars-file", "vars", "--build-id", "v1"]);
    served(by_flag.env("BUILD_ID", "v2").env("BART_BUILD_ID", "v3"));
}

#[test]
fn what_does_not_say_which_release_is_a_mistake() {
    let folder = Scratch::new();
    folder.write("vars", "BUILD_ID\n");
    let digest = format!("sha256:{}", "1".repeat(64));
    let other = format!("sha256:{}", "2".repeat(64));
    let with = |arguments: &[&str]| Failed::run(command(&folder, arguments).arg("--quiet"));
    for (arguments, error) in [
        (
            &["--repository", "ghcr.io/me/site"][..],
            "there is no BUILD_ID",
        ),
        (&["--build-id", "1.0"][..], "there is no repository"),
        (
            &["--build-id", "a/b", "--repository", "ghcr.io/me/site"][..],
            "`a/b` is not a reference",
        ),
        (
            &["--build-id", "1", "--repository", "ghcr.io/me/site:1"][..],
            "a repository has no tag",
        ),
        (
            &["--build-id", "1", "--repository", "site"][..],
            "does not begin with a registry",
        ),
        (
            &[
                "--build-id",
                &digest,
                "--digest",
                &other,
                "--repository",
                "ghcr.io/a/b",
            ][..],
            "only `sha256:2222",
        ),
        (
            &["--vars-file", "vars"][..],
            "vars:1: there is no `=` in it",
        ),
        (&["--ready-path", "nope"][..], "a path begins with `/`"),
        (&["--vars-file", "none"][..], "failed to read `none`"),
    ] {
        let failed = with(arguments);
        assert_eq!(failed.code, Some(2), "{arguments:?}: {}", failed.stderr);
        assert!(failed.error().contains(error), "{}", failed.stderr);
    }
}

#[test]
fn a_release_is_pulled_once() {
    let registry = registry();
    let folder = Scratch::new();
    let reference = format!("{}:v1", repository(&registry));
    let pull = || {
        let output = bart(
            folder.path(),
            &["pull", &reference, "--cache-dir", "cache", "--json"],
        )
        .output()
        .unwrap();
        assert!(output.status.success(), "{output:?}");
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        json
    };
    let first = pull();
    assert!(
        first["downloaded"]["blobs"].as_u64().unwrap() > 5,
        "{first}"
    );
    let second = pull();
    assert_eq!(second["downloaded"]["blobs"], 0, "{second}");
    assert_eq!(second["digest"], first["digest"]);
}
