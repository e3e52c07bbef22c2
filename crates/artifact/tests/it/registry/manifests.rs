//! Manifests, tags, and what refers to them.

use artifact::{Descriptor, Digest};

use super::{client, reference, repository, text};
use crate::scripted::{Answer, ScriptedRegistry};

const MANIFEST: &[u8] = b"{\"schemaVersion\":2}";

fn registry() -> ScriptedRegistry {
    let registry = ScriptedRegistry::start();
    registry.put_manifest("me/site", "1", MANIFEST);
    registry
}

#[tokio::test]
async fn a_tag_is_resolved_with_one_request_and_a_digest_with_none() {
    let registry = registry();
    let tagged = reference(&registry.host());
    let digest = client().resolve(&tagged).await.unwrap();
    assert_eq!(digest, Digest::of(MANIFEST));
    assert_eq!(registry.lines(), ["HEAD /v2/me/site/manifests/1"]);

    let pinned = tagged.repository.at(artifact::Target::Digest(digest));
    assert_eq!(client().resolve(&pinned).await.unwrap(), digest);
    assert_eq!(registry.lines().len(), 1);
}

#[tokio::test]
async fn a_registry_whose_head_says_nothing_is_asked_for_the_manifest() {
    for head in [Answer::status(200), Answer::status(405)] {
        let registry = registry();
        registry.fail("HEAD", "/manifests/", 1, head);
        let digest = client()
            .resolve(&reference(&registry.host()))
            .await
            .unwrap();
        assert_eq!(digest, Digest::of(MANIFEST));
        let lines = [
            "HEAD /v2/me/site/manifests/1",
            "GET /v2/me/site/manifests/1",
        ];
        assert_eq!(registry.lines(), lines);
    }
}

#[tokio::test]
async fn a_manifest_comes_with_its_digest_in_one_request() {
    let registry = registry();
    let (digest, bytes) = client()
        .manifest(&reference(&registry.host()))
        .await
        .unwrap();
    assert_eq!((digest, bytes.as_slice()), (Digest::of(MANIFEST), MANIFEST));
    assert_eq!(registry.lines(), ["GET /v2/me/site/manifests/1"]);
    let accept = registry.requests()[0].header("accept").unwrap().to_owned();
    assert!(accept.contains("application/vnd.oci.image.manifest.v1+json"));
}

#[tokio::test]
async fn a_manifest_of_another_digest_is_refused() {
    let registry = registry();
    registry.fail("GET", "/manifests/", 1, Answer::status(200).body("other"));
    let pinned = repository(&registry.host()).at(artifact::Target::Digest(Digest::of(MANIFEST)));
    let error = client().manifest(&pinned).await.unwrap_err();
    let message = format!(
        "sent bytes of the digest `{}`, not `{}`",
        Digest::of(b"other"),
        Digest::of(MANIFEST)
    );
    assert!(text(&error).ends_with(&message), "{}", text(&error));
}

/// A list of referrers with one entry.
fn list(descriptor: &Descriptor) -> String {
    let descriptor = serde_json::to_string(descriptor).unwrap();
    let entry = descriptor.replacen('{', r#"{"artifactType":"a/signature","#, 1);
    format!(r#"{{"schemaVersion":2,"manifests":[{entry}]}}"#)
}

#[tokio::test]
async fn referrers_are_listed_page_by_page() {
    let registry = registry();
    let (first, second) = (Descriptor::of("m", b"1"), Descriptor::of("m", b"2"));
    let (first_page, second_page) = (list(&first), list(&second));
    registry.script(move |request| {
        let page = match request.path.split_once("/referrers/")?.1.split_once('?') {
            None => Answer::status(200)
                .with("Link", &format!("<{}?page=2>; rel=\"next\"", request.path))
                .body(first_page.clone()),
            Some((_, "page=2")) => Answer::status(200).body(second_page.clone()),
            Some(_) => return None,
        };
        Some(page)
    });
    let found = client()
        .referrers(&repository(&registry.host()), Digest::of(MANIFEST))
        .await
        .unwrap();
    let found: Vec<_> = found
        .into_iter()
        .map(|referrer| (referrer.descriptor, referrer.artifact_type.unwrap()))
        .collect();
    let kind = "a/signature".to_owned();
    assert_eq!(found, [(first, kind.clone()), (second, kind)]);
}

#[tokio::test]
async fn a_registry_without_referrers_is_asked_for_their_tag() {
    let registry = registry();
    let digest = Digest::of(MANIFEST);
    let repository = repository(&registry.host());
    assert_eq!(client().referrers(&repository, digest).await.unwrap(), []);

    let signature = Descriptor::of("m", b"1");
    let tag = format!("sha256-{}", digest.hex());
    registry.put_manifest("me/site", &tag, list(&signature).as_bytes());
    let found = client().referrers(&repository, digest).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].descriptor, signature);
}
