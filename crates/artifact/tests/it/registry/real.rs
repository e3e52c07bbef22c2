//! The client against Debian's `docker-registry`.

use std::collections::{BTreeMap, BTreeSet};

use artifact::registry::{Progress, Push, Source, Tally, Upload};
use artifact::{Descriptor, Digest, Reference};
use bytes::Bytes;

use super::client;
use crate::scripted::docker::DockerRegistry;

const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &[u8] = b"{\"architecture\":\"wasm\",\"os\":\"Wasip1\"}";

/// A small artifact with one layer.
fn artifact(reference: Reference, layer: &[u8]) -> Push {
    let config = Descriptor::of("application/vnd.oci.image.config.v1+json", CONFIG);
    let descriptor = Descriptor::of("application/vnd.wasm.content.layer.v1+data", layer);
    let manifest = serde_json::json!({
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": config,
        "layers": [descriptor],
    });
    let upload = |descriptor: Descriptor, bytes: &[u8]| Upload {
        descriptor,
        source: Source::Memory(Bytes::copy_from_slice(bytes)),
    };
    Push {
        reference,
        blobs: vec![upload(config, CONFIG), upload(descriptor, layer)],
        known: BTreeSet::new(),
        mount_from: BTreeMap::new(),
        images: Vec::new(),
        media_type: OCI_MANIFEST.to_owned(),
        manifest: Bytes::from(manifest.to_string()),
        force_tag: false,
    }
}

fn blobs(pushed: Tally) -> u64 {
    pushed.blobs
}

#[tokio::test]
async fn an_artifact_goes_to_a_real_registry_and_back() {
    let test = "an_artifact_goes_to_a_real_registry_and_back";
    let Some(registry) = DockerRegistry::start_or_skip(test) else {
        return;
    };
    let reference =
        |name: &str| -> Reference { format!("{}/{name}", registry.host()).parse().unwrap() };
    let client = client();
    let silent = Progress::silent();
    let large = vec![7; 3 << 20];
    let push = artifact(reference("me/site:1"), &large);

    let first = client.push(&push, |_| false, &silent).await.unwrap();
    assert_eq!((blobs(first.uploaded), blobs(first.reused)), (2, 0));
    let again = client.push(&push, |_| false, &silent).await.unwrap();
    assert_eq!((blobs(again.uploaded), blobs(again.reused)), (0, 2));
    assert_eq!(again.digest, first.digest);

    let (digest, bytes) = client.manifest(&push.reference).await.unwrap();
    assert_eq!((digest, bytes), (first.digest, push.manifest.to_vec()));
    assert_eq!(client.resolve(&push.reference).await.unwrap(), first.digest);
    let layer = &push.blobs[1].descriptor;
    let repository = &push.reference.repository;
    assert_eq!(client.blob_bytes(repository, layer).await.unwrap(), large);
    assert!(client.exists(repository, layer.digest).await.unwrap());
    assert!(
        !client
            .exists(repository, Digest::of(b"another"))
            .await
            .unwrap()
    );
    assert_eq!(
        client.referrers(repository, first.digest).await.unwrap(),
        []
    );

    let mut elsewhere = artifact(reference("me/other:1"), &large);
    elsewhere.mount_from = [CONFIG, large.as_slice()]
        .map(|blob| (Digest::of(blob), "me/site".to_owned()))
        .into();
    let mounted = client.push(&elsewhere, |_| false, &silent).await.unwrap();
    assert_eq!((blobs(mounted.mounted), blobs(mounted.uploaded)), (2, 0));

    let mut other = artifact(push.reference.clone(), b"other content");
    let error = client.push(&other, |_| false, &silent).await.unwrap_err();
    assert!(super::text(&error).contains("the tag has other content"));
    assert_eq!(client.resolve(&push.reference).await.unwrap(), first.digest);
    other.force_tag = true;
    let forced = client.push(&other, |_| false, &silent).await.unwrap();
    assert_eq!(
        client.resolve(&push.reference).await.unwrap(),
        forced.digest
    );

    // What it believes to know is not there: the registry says so, and gets it.
    let mut mistaken = artifact(reference("me/third:1"), b"a third");
    mistaken.known = mistaken
        .blobs
        .iter()
        .map(|blob| blob.descriptor.digest)
        .collect();
    let mistaken = client.push(&mistaken, |_| false, &silent).await.unwrap();
    assert_eq!(blobs(mistaken.uploaded), 2);
}
