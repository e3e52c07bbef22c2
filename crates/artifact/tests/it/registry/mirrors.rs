//! Mirrors: asked in their order, trusted with nothing.

use artifact::registry::{CredentialPlaces, Credentials, Registry};
use artifact::{Descriptor, Digest};

use super::{options, reference, text};
use crate::scripted::{Answer, ScriptedRegistry};

const BLOB: &[u8] = b"the bytes of a page";
const MANIFEST: &[u8] = b"{}";

/// A client of mirrors, with a password for whatever the user names.
fn client(mirrors: &[String]) -> Registry {
    let (mut options, _) = options();
    options.mirrors = mirrors
        .iter()
        .map(|mirror| mirror.parse().unwrap())
        .collect();
    let mut places = CredentialPlaces::none();
    let password = artifact::registry::credentials::Secret::new("hunter2");
    places.given = Some(("me".to_owned(), password, None));
    options.credentials = Credentials::read(places).unwrap();
    Registry::new(options).unwrap()
}

fn filled() -> ScriptedRegistry {
    let registry = ScriptedRegistry::start();
    registry.put_blob("me/site", BLOB);
    registry.put_manifest("me/site", "1", MANIFEST);
    registry
}

#[tokio::test]
async fn mirrors_are_asked_in_their_order_before_the_registry() {
    let (lacking, broken, origin) = (ScriptedRegistry::start(), filled(), filled());
    broken.script(|_| Some(Answer::status(503)));
    let nobody = "127.0.0.1:1".to_owned();
    let other = format!("elsewhere.test={}", filled().host());
    let client = client(&[lacking.host(), other, broken.host(), nobody]);
    let reference = reference(&origin.host());

    assert_eq!(
        client.resolve(&reference).await.unwrap(),
        Digest::of(MANIFEST)
    );
    let (_, manifest) = client.manifest(&reference).await.unwrap();
    assert_eq!(manifest, MANIFEST);
    let blob = client
        .blob_bytes(&reference.repository, &Descriptor::of("x", BLOB))
        .await;
    assert_eq!(blob.unwrap(), BLOB);
    for registry in [&lacking, &broken, &origin] {
        assert_eq!(registry.lines().len(), 3, "{:?}", registry.lines());
    }
}

#[tokio::test]
async fn what_a_mirror_has_is_not_asked_of_the_registry() {
    let (mirror, origin) = (ScriptedRegistry::start(), filled());
    mirror.put_manifest("proxy/me/site", "1", MANIFEST);
    let client = client(&[format!("{}={}/proxy", origin.host(), mirror.host())]);
    let digest = client.resolve(&reference(&origin.host())).await.unwrap();
    assert_eq!(digest, Digest::of(MANIFEST));
    assert_eq!(mirror.lines(), ["HEAD /v2/proxy/me/site/manifests/1"]);
    assert!(origin.lines().is_empty());
}

#[tokio::test]
async fn a_mirror_gets_no_credentials_of_the_registry() {
    let (mirror, origin) = (filled(), filled());
    for registry in [&mirror, &origin] {
        registry.script(|request| {
            let challenge = Answer::status(401).with("WWW-Authenticate", "Basic");
            request
                .header("authorization")
                .is_none()
                .then_some(challenge)
        });
    }
    let client = client(&[mirror.host()]);
    client.resolve(&reference(&origin.host())).await.unwrap();
    let shown = |registry: &ScriptedRegistry| {
        registry
            .requests()
            .iter()
            .filter(|request| request.header("authorization").is_some())
            .count()
    };
    assert_eq!((shown(&mirror), shown(&origin)), (0, 1));
}

#[tokio::test]
async fn what_a_mirror_spoils_is_fetched_from_the_registry() {
    let origin = filled();
    for body in [
        b"the bytes of a PAGE".as_slice(),
        b"far more than the bytes of a page",
        b"less",
    ] {
        let mirror = ScriptedRegistry::start();
        mirror.script(move |_| Some(Answer::status(200).body(body)));
        let client = client(&[mirror.host()]);
        let repository = reference(&origin.host()).repository;
        let blob = client
            .blob_bytes(&repository, &Descriptor::of("x", BLOB))
            .await;
        // What follows the four bytes of the last mirror is asked of the registry, and is no part of the blob with them.
        assert_eq!(blob.map_err(|error| text(&error)), Ok(BLOB.to_vec()));
    }
}
