//! What an image says of itself counts least: a deployment can say otherwise.

use std::process::Command;

use artifact::Digest;

use crate::publish::{Machine, site};
use crate::registry::ScriptedRegistry;
use crate::scratch::Scratch;
use crate::serving::{Serving, command};

#[test]
fn a_stamped_image_serves_its_release_and_a_deployment_may_choose_another() {
    let registry = ScriptedRegistry::start();
    let (machine, site) = (Machine::new(), site());
    let push = |tag: &str| {
        let reference = format!("{}/me/site:{tag}", registry.host());
        let pushed = machine.json(site.path(), &["push", &reference]);
        pushed["digest"].as_str().unwrap().to_owned()
    };
    let first = push("v1");
    site.write("static/index.html", "another index");
    let second = push("v2");
    let folder = Scratch::new();
    let serve = |change: fn(&mut Command) -> &mut Command| {
        let mut image = command(&folder, &[]);
        image
            .env("BART_IMAGE_BUILD_ID", "v1")
            .env(
                "BART_IMAGE_REPOSITORY",
                format!("{}/me/site", registry.host()),
            )
            .env("BART_IMAGE_DIGEST", &first);
        change(&mut image);
        Serving::start(&mut image).line("serving on http://")
    };
    assert!(serve(|image| image).contains(&first));
    // Neither is held to the digest in the image, which is that of another release.
    assert!(serve(|image| image.env("BUILD_ID", "v2")).contains(&second));
    folder.write("vars", "BUILD_ID=v2\n");
    assert!(serve(|image| image.args(["--vars-file", "vars"])).contains(&second));
    // The same release is.
    let same = serve(|image| image.env("BART_BUILD_ID", "v1"));
    assert!(same.contains(&first), "{same}");
}

#[test]
fn the_digest_in_an_image_is_the_only_one_that_its_release_may_have() {
    let registry = ScriptedRegistry::start();
    let (machine, site) = (Machine::new(), site());
    let reference = format!("{}/me/site:v1", registry.host());
    machine.json(site.path(), &["push", &reference]);
    let folder = Scratch::new();
    let mut image = command(&folder, &["--quiet"]);
    image
        .env("BART_IMAGE_BUILD_ID", "v1")
        .env(
            "BART_IMAGE_REPOSITORY",
            format!("{}/me/site", registry.host()),
        )
        .env("BART_IMAGE_DIGEST", Digest::of(b"another").to_string());
    let failed = crate::process::Failed::run(&mut image);
    assert_eq!(failed.code, Some(20), "{}", failed.stderr);
}
