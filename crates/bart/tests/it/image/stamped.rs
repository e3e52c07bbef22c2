//! What an image of a release is, and what making it costs.

use serde_json::json;

use super::shim::{DOCKER, Shim, bytes, digest};
use super::{Workshop, count};
use crate::exchange::Connection;
use crate::registry::ScriptedRegistry;
use crate::registry::docker::DockerRegistry;

#[test]
fn each_platform_gets_a_configuration_of_its_own_and_keeps_its_layers() {
    let workshop = Workshop::new();
    let image = workshop.image(&[]);
    assert_eq!(image["result"], "pushed");
    assert_eq!(image["content"]["digest"], *workshop.content);
    let index = workshop.document("me/image", "manifests", "1.2.3");
    let annotations = &index["annotations"];
    assert_eq!(annotations["org.opencontainers.image.version"], "1.2.3");
    assert_eq!(annotations["org.opencontainers.image.revision"], "abc");
    assert_eq!(
        annotations["org.opencontainers.image.base.digest"],
        digest(&bytes(&workshop.shim.index))
    );
    let repository = format!("{}/me/site", workshop.registry.host());
    for (at, architecture) in ["amd64", "arm64"].into_iter().enumerate() {
        let entry = &index["manifests"][at];
        assert_eq!(
            entry["platform"],
            json!({ "os": "linux", "architecture": architecture }),
            "platforms have an order"
        );
        let manifest = entry["digest"].as_str().unwrap();
        assert_eq!(image["platforms"][at]["digest"], manifest);
        let manifest = workshop.document("me/image", "manifests", manifest);
        // The shim has arm64 first.
        assert_eq!(
            manifest["layers"],
            workshop.shim.manifests[1 - at]["layers"]
        );
        let config = manifest["config"]["digest"].as_str().unwrap();
        let config = workshop.document("me/image", "blobs", config);
        assert_eq!(
            config["config"]["Env"],
            json!([
                "PATH=/",
                "BART_IMAGE_BUILD_ID=1.2.3",
                format!("BART_IMAGE_REPOSITORY={repository}"),
                format!("BART_IMAGE_DIGEST={}", workshop.content),
            ])
        );
        let labels = &config["config"]["Labels"];
        assert_eq!(labels["bart.build-id"], "1.2.3");
        assert_eq!(labels["bart.repository"], repository);
        assert_eq!(labels["bart.digest"], *workshop.content);
        assert_eq!(labels["org.opencontainers.image.version"], "1.2.3");
        assert_eq!(labels["org.opencontainers.image.title"], "bart");
        assert_eq!(config["created"], "2026-01-02T03:04:05Z");
        assert_eq!(config["config"]["User"], "65532:65532");
        assert_eq!(config["config"]["Entrypoint"], json!(["/bart"]));
        assert_eq!(config["something.else"], 1, "what bart does not know stays");
        assert_eq!(config["history"].as_array().unwrap().len(), 3);
        assert_eq!(config["history"][2]["empty_layer"], true);
    }
}

#[test]
fn layers_are_mounted_and_only_configurations_are_sent() {
    let workshop = Workshop::new();
    let image = workshop.image(&[]);
    assert_eq!(image["uploaded"]["blobs"], 2);
    assert_eq!(image["mounted"]["blobs"], 3, "{image}");
    let lines = workshop.registry.lines();
    assert_eq!(count(&lines, "PUT /v2/me/image/blobs/"), 2, "{lines:?}");
    assert_eq!(count(&lines, "GET /v2/me/shim/blobs/"), 2, "{lines:?}");
    let manifests: Vec<&String> = lines
        .iter()
        .filter(|line| line.starts_with("PUT /v2/me/image/manifests/"))
        .collect();
    assert_eq!(manifests.len(), 3);
    assert!(
        manifests[2].ends_with("/1.2.3"),
        "the tag is the last: {lines:?}"
    );
}

#[test]
fn in_the_repository_of_the_shim_no_layer_is_even_asked_for() {
    let workshop = Workshop::new();
    let to = format!("{}/me/shim:1.2.3", workshop.registry.host());
    let image = workshop.image(&["--push", &to]);
    assert_eq!(image["reused"]["blobs"], 3, "{image}");
    let lines = workshop.registry.lines();
    assert_eq!(count(&lines, "HEAD /v2/me/shim/blobs/"), 2, "{lines:?}");
}

#[test]
fn another_registry_gets_the_layers_from_the_first() {
    let workshop = Workshop::new();
    let elsewhere = ScriptedRegistry::start();
    let to = format!("{}/me/image:1.2.3", elsewhere.host());
    let image = workshop.image(&["--push", &to]);
    assert_eq!(image["uploaded"]["blobs"], 5, "{image}");
    assert_eq!(image["mounted"]["blobs"], 0);
    let layer = digest(b"bart for arm64");
    let path = format!("/v2/me/image/blobs/{layer}");
    let response = Connection::open(elsewhere.address()).get(&path);
    assert_eq!(response.body, b"bart for arm64");
}

#[test]
fn a_registry_that_mounts_nothing_gets_the_layers_sent() {
    let workshop = Workshop::new();
    workshop.registry.script(|request| {
        let mounts = request.method == "POST" && request.path.contains("from=");
        mounts.then(|| crate::registry::Answer::error(403, "DENIED", "not yours"))
    });
    let image = workshop.image(&[]);
    assert_eq!(image["uploaded"]["blobs"], 5, "{image}");
}

#[test]
fn the_same_release_is_the_same_image_whoever_makes_it() {
    let workshop = Workshop::new();
    let first = workshop.image(&[]);
    let other = format!("{}/me/other:1.2.3", workshop.registry.host());
    let second = workshop.image(&["--push", &other]);
    assert_eq!(first["digest"], second["digest"]);

    workshop.registry.forget_requests();
    let again = workshop.image(&[]);
    assert_eq!(again["result"], "unchanged");
    assert_eq!(again["digest"], first["digest"]);
    let lines = workshop.registry.lines();
    assert_eq!(count(&lines, "PUT "), 0, "{lines:?}");
    assert_eq!(count(&lines, "POST "), 0, "{lines:?}");
}

#[test]
fn a_tag_with_another_image_is_refused_with_both_digests_and_moved_only_by_force() {
    let workshop = Workshop::new();
    let first = workshop.image(&["--platform", "linux/amd64"]);
    let (code, error, hint) = workshop.fails(&[]);
    assert_eq!(code, Some(1));
    assert!(error.contains(first["digest"].as_str().unwrap()), "{error}");
    assert!(hint.contains("--force-tag"), "{hint}");
    let forced = workshop.image(&["--force-tag"]);
    assert!(
        error.contains(forced["digest"].as_str().unwrap()),
        "{error}"
    );
    assert_eq!(forced["moved_from"], first["digest"]);
}

#[test]
fn platforms_can_be_chosen_and_attestations_are_left_behind() {
    let workshop = Workshop::new();
    let shim = Shim::of(&DOCKER, &["unknown", "arm64", "amd64", "s390x"]);
    shim.put(&workshop.registry, "me/shim", "base");
    let all = workshop.image(&[]);
    let names = |image: &serde_json::Value| -> Vec<String> {
        let platforms = image["platforms"].as_array().unwrap().iter();
        platforms
            .map(|one| one["platform"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names(&all), ["linux/amd64", "linux/arm64", "linux/s390x"]);
    let two = workshop.image(&["--force-tag", "--platform", "linux/s390x,linux/amd64"]);
    assert_eq!(names(&two), ["linux/amd64", "linux/s390x"]);
    let index = workshop.document("me/image", "manifests", "1.2.3");
    assert_eq!(
        index["mediaType"],
        "application/vnd.oci.image.index.v1+json"
    );
    let manifest = index["manifests"][0]["digest"].as_str().unwrap();
    let manifest = workshop.document("me/image", "manifests", manifest);
    assert_eq!(
        manifest["layers"][0]["mediaType"], "application/vnd.oci.image.layer.v1.tar+gzip",
        "docker's formats become those of the image-spec"
    );
}

#[test]
fn a_base_for_one_platform_needs_no_index() {
    let workshop = Workshop::new();
    let single = bytes(&workshop.shim.manifests[1]);
    workshop.registry.put_manifest("me/shim", "single", &single);
    let base = format!("{}/me/shim:single", workshop.registry.host());
    let image = workshop.image(&["--base", &base]);
    assert_eq!(image["platforms"].as_array().unwrap().len(), 1);
    assert_eq!(image["platforms"][0]["platform"], "linux/amd64");
}

#[test]
fn an_image_can_be_stamped_again_for_another_release_of_its_repository() {
    let workshop = Workshop::new();
    let first = workshop.image(&[]);
    let host = workshop.registry.host();
    let content = format!("{host}/me/site:2.0.0");
    workshop
        .folder
        .write("static/index.html", "the second release");
    workshop
        .machine
        .json(workshop.folder.path(), &["push", &content]);
    let base = format!("{host}/me/image:1.2.3");
    let to = format!("{host}/me/image:2.0.0");
    let arguments = [
        "image",
        "--base",
        &base,
        "--build-id",
        "2.0.0",
        "--push",
        &to,
    ];
    let second = workshop.machine.json(workshop.folder.path(), &arguments);
    assert_eq!(second["content"]["repository"], format!("{host}/me/site"));
    assert_ne!(second["content"]["digest"], first["content"]["digest"]);
}

#[test]
fn a_real_registry_takes_an_image_and_gives_it_back() {
    let Some(registry) = DockerRegistry::start_or_skip("an image in a real registry") else {
        return;
    };
    let workshop = Workshop::new();
    let content = format!("{}/me/site:1.2.3", registry.host());
    workshop
        .machine
        .json(workshop.folder.path(), &["push", &content]);
    let repository = format!("{}/me/site", registry.host());
    let to = |name: &str| format!("{}/me/{name}:1.2.3", registry.host());
    let stamp = |base: &str, to: &str| {
        let further = ["--base", base, "--repository", &repository, "--push", to];
        workshop.image(&further)
    };
    // From one registry to another, and then within it.
    let shim = format!("{}/me/shim:base", workshop.registry.host());
    let first = stamp(&shim, &to("image"));
    assert_eq!(first["uploaded"]["blobs"], 5, "{first}");
    let second = stamp(&to("image"), &to("copy"));
    assert_eq!(second["mounted"]["blobs"], 3, "{second}");
    assert_eq!(stamp(&to("image"), &to("copy"))["result"], "unchanged");
}
