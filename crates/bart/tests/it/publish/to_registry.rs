//! Pushes to registries: what is sent, what is not, and what is refused.

use crate::process::Failed;
use crate::registry::ScriptedRegistry;
use crate::registry::docker::DockerRegistry;
use crate::scratch::Scratch;

use super::{Machine, site};

/// How many requests of these begin like that.
fn count(lines: &[String], beginning: &str) -> usize {
    lines
        .iter()
        .filter(|line| line.starts_with(beginning))
        .count()
}

#[test]
fn a_push_of_the_same_content_is_one_request() {
    let registry = ScriptedRegistry::start();
    let (machine, site) = (Machine::new(), site());
    let reference = format!("{}/me/site:0.1.0", registry.host());
    let first = machine.json(site.path(), &["push", &reference]);
    assert_eq!(first["result"], "pushed");
    assert_eq!(first["uploaded"]["blobs"], 8, "{first}");
    assert_eq!(first["reused"]["blobs"], 0);

    registry.forget_requests();
    let digest = first["digest"].as_str().unwrap();
    // Annotations are no content.
    let arguments = ["push", &reference, "--annotation", "a=b"];
    assert_eq!(
        machine.text(site.path(), &arguments),
        format!("{reference} is already this content ({digest})\n")
    );
    assert_eq!(registry.lines(), ["GET /v2/me/site/manifests/0.1.0"]);
}

#[test]
fn the_line_at_the_end_names_digest_bytes_and_time() {
    let registry = ScriptedRegistry::start();
    let (machine, site) = (Machine::new(), site());
    let reference = format!("{}/me/site:0.1.0", registry.host());
    let output = machine
        .bart(site.path(), &["push", &reference])
        .output()
        .unwrap();
    let line = String::from_utf8(output.stdout).unwrap();
    let rest = line
        .strip_prefix(&format!("pushed {reference}@sha256:"))
        .unwrap();
    let (digest, rest) = rest.split_at(64);
    assert!(rest.starts_with(" (8 new blobs, 1."), "{line}");
    assert!(rest.contains(" MB; 0 reused, 0 B) in "), "{line}");
    assert!(rest.ends_with(" s\n"), "{line}");
    let again = machine.json(site.path(), &["push", &reference]);
    assert_eq!(again["digest"], format!("sha256:{digest}"));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.contains("\nuploaded files/index.html (600 B)\n"),
        "{stderr}"
    );
    assert!(
        stderr.contains("component `old`: "),
        "what takes its place is said: {stderr}"
    );
    let quiet = [&reference, "--quiet", "--force-tag"];
    site.write("static/index.html", "another");
    let output = machine
        .bart(site.path(), &[&["push"], &quiet[..]].concat())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn a_tag_with_other_content_is_refused_with_both_digests_and_moved_only_by_force() {
    let registry = ScriptedRegistry::start();
    let (machine, site) = (Machine::new(), site());
    let reference = format!("{}/me/site:0.1.0", registry.host());
    let first = machine.json(site.path(), &["push", &reference]);
    site.write("static/index.html", "another index");
    registry.forget_requests();
    let failed = Failed::run(&mut machine.bart(site.path(), &["push", &reference, "--quiet"]));
    assert_eq!(failed.code, Some(1));
    assert!(failed.error().contains(first["digest"].as_str().unwrap()));
    assert!(failed.hint().contains("--force-tag"));
    assert_eq!(registry.lines().len(), 1, "nothing was sent");

    let forced = machine.json(site.path(), &["push", &reference, "--force-tag"]);
    assert!(failed.error().contains(forced["digest"].as_str().unwrap()));
    assert_eq!(forced["moved_from"], first["digest"]);
    let lines = registry.lines();
    assert_eq!(
        count(&lines, "HEAD /v2/me/site/blobs/"),
        3,
        "what the old manifest names is known: {lines:?}"
    );
}

#[test]
fn a_new_tag_takes_only_what_its_repository_lacks() {
    let registry = ScriptedRegistry::start();
    let (machine, site) = (Machine::new(), site());
    let reference = |tag: &str| format!("{}/me/site:{tag}", registry.host());
    machine.json(site.path(), &["push", &reference("0.1.0")]);
    site.write("static/index.html", "another index".repeat(20));
    registry.forget_requests();
    let second = machine.json(site.path(), &["push", &reference("0.2.0")]);
    // The page, the index of files, the locked app and the configuration.
    assert_eq!(second["uploaded"]["blobs"], 4, "{second}");
    assert_eq!(second["reused"]["blobs"], 4);
    let lines = registry.lines();
    assert_eq!(count(&lines, "HEAD /v2/me/site/blobs/"), 4, "{lines:?}");
    assert_eq!(count(&lines, "POST "), 4, "{lines:?}");

    // Somebody who does not know what was pushed before has to ask.
    registry.forget_requests();
    let third = Machine::new().json(site.path(), &["push", &reference("0.3.0")]);
    assert_eq!(third["uploaded"]["blobs"], 0);
    assert_eq!(count(&registry.lines(), "HEAD /v2/me/site/blobs/"), 8);
}

#[test]
fn what_was_deleted_from_the_registry_meanwhile_is_sent_again() {
    let registry = ScriptedRegistry::start();
    let (machine, site) = (Machine::new(), site());
    let reference = |host: &str, tag: &str| format!("{host}/me/site:{tag}");
    machine.json(
        site.path(),
        &["push", &reference(&registry.host(), "0.1.0")],
    );
    registry.fail(
        "PUT",
        "/manifests/",
        1,
        crate::registry::Answer::error(404, "MANIFEST_BLOB_UNKNOWN", "gone"),
    );
    let second = machine.json(
        site.path(),
        &["push", &reference(&registry.host(), "0.2.0")],
    );
    assert_eq!(second["result"], "pushed");
}

#[test]
fn another_repository_of_the_registry_gives_its_blobs() {
    let registry = ScriptedRegistry::start();
    let (machine, site) = (Machine::new(), site());
    let reference = |name: &str| format!("{}/{name}:1", registry.host());
    let first = machine.json(site.path(), &["push", &reference("me/site")]);
    let second = machine.json(site.path(), &["push", &reference("me/copy")]);
    assert_eq!(second["mounted"], first["uploaded"]);
    assert_eq!(second["uploaded"]["bytes"], 0);

    // A repository that this account may not see costs nothing but the question.
    registry.script(|request| {
        let mounts = request.method == "POST" && request.path.contains("from=");
        mounts.then(|| crate::registry::Answer::error(403, "DENIED", "not yours"))
    });
    let third = machine.json(site.path(), &["push", &reference("other/site")]);
    assert_eq!(third["uploaded"], first["uploaded"]);
}

#[test]
fn a_cache_that_cannot_be_used_only_makes_a_push_longer() {
    let registry = ScriptedRegistry::start();
    let (machine, site) = (Machine::new(), site());
    let file = Scratch::new();
    file.write("cache", "a file");
    let reference = format!("{}/me/site:1", registry.host());
    let mut command = machine.bart(site.path(), &["push", &reference, "--json"]);
    let output = command
        .env("BART_CACHE_DIR", file.path().join("cache"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn a_real_registry_takes_sites_of_files_and_of_packs_and_gives_them_back() {
    let Some(registry) = DockerRegistry::start_or_skip("a push to a real registry") else {
        return;
    };
    let (machine, site) = (Machine::new(), site());
    let reference = |tag: &str| format!("{}/me/site:{tag}", registry.host());
    let first = machine.json(site.path(), &["push", &reference("0.1.0")]);
    assert_eq!(first["uploaded"]["blobs"], 8);
    for index in 0..450 {
        site.write(
            &format!("static/pages/{index}.html"),
            format!("page {index}\n").repeat(30),
        );
    }
    let second = machine.json(site.path(), &["push", &reference("0.2.0")]);
    let picture = machine.json(site.path(), &["inspect", &reference("0.2.0")]);
    assert_eq!(picture["digest"], second["digest"]);
    assert!(
        picture["packs"].as_u64().unwrap() > 200,
        "{}",
        picture["packs"]
    );

    site.write("static/pages/7.html", "another page 7\n".repeat(30));
    let third = machine.json(site.path(), &["push", &reference("0.3.0")]);
    // A pack, the index of files, the locked app and the configuration.
    assert_eq!(third["uploaded"]["blobs"], 4, "{third}");
    let unchanged = machine.json(site.path(), &["push", &reference("0.3.0")]);
    assert_eq!(unchanged["result"], "unchanged");
    assert_eq!(unchanged["digest"], third["digest"]);
}
