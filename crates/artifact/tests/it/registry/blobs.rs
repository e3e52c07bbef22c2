//! Blobs, whole and in pieces.

use artifact::Descriptor;
use artifact::registry::{Fault, Registry};
use futures::TryStreamExt;

use super::{client, options, repository, text};
use crate::scripted::{Answer, ScriptedRegistry};

const BLOB: &[u8] = b"the bytes of a page";

fn registry() -> ScriptedRegistry {
    let registry = ScriptedRegistry::start();
    registry.put_blob("me/site", BLOB);
    registry
}

/// An answer that announces the blob and sends its first bytes only.
fn first_bytes(count: usize) -> Answer {
    let mut answer =
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", BLOB.len()).into_bytes();
    answer.extend_from_slice(&BLOB[..count]);
    Answer::Raw(answer)
}

#[tokio::test]
async fn a_blob_comes_whole_in_one_request() {
    let registry = registry();
    let descriptor = Descriptor::of("x", BLOB);
    let repository = repository(&registry.host());
    let bytes = client().blob_bytes(&repository, &descriptor).await.unwrap();
    assert_eq!(bytes, BLOB);
    assert_eq!(registry.lines().len(), 1);

    let stream = client()
        .blob(&repository, &descriptor)
        .unwrap()
        .into_stream();
    let chunks: Vec<_> = stream.try_collect().await.unwrap();
    assert_eq!(chunks.concat(), BLOB);
}

#[tokio::test]
async fn an_empty_blob_is_a_blob() {
    let registry = registry();
    registry.put_blob("me/site", b"");
    let descriptor = Descriptor::of("x", b"");
    let bytes = client()
        .blob_bytes(&repository(&registry.host()), &descriptor)
        .await;
    assert_eq!(bytes.unwrap(), b"");
}

#[tokio::test]
async fn a_broken_download_goes_on_where_it_broke() {
    for count in [0, 1, 9, BLOB.len() - 1] {
        let registry = registry();
        registry.fail("GET", "/blobs/", 1, first_bytes(count));
        let bytes = client()
            .blob_bytes(&repository(&registry.host()), &Descriptor::of("x", BLOB))
            .await
            .unwrap();
        assert_eq!(bytes, BLOB);
        let range = (count > 0).then(|| format!("bytes={count}-"));
        assert_eq!(registry.requests()[1].header("range"), range.as_deref());
    }
}

#[tokio::test]
async fn a_registry_without_ranges_sends_all_again() {
    let registry = registry();
    registry.fail("GET", "/blobs/", 1, Answer::status(200).body(BLOB));
    registry.fail("GET", "/blobs/", 1, first_bytes(9));
    let bytes = client()
        .blob_bytes(&repository(&registry.host()), &Descriptor::of("x", BLOB))
        .await
        .unwrap();
    assert_eq!(bytes, BLOB);
    assert_eq!(registry.lines().len(), 2);
}

#[tokio::test]
async fn the_part_of_another_place_is_refused() {
    let registry = registry();
    let part = Answer::status(206)
        .with("Content-Range", "bytes 8-18/19")
        .body(&BLOB[8..]);
    registry.fail("GET", "/blobs/", 1, part);
    registry.fail("GET", "/blobs/", 1, first_bytes(9));
    let error = client()
        .blob_bytes(&repository(&registry.host()), &Descriptor::of("x", BLOB))
        .await
        .unwrap_err();
    assert!(text(&error).ends_with("it is not the part of the blob that was asked for"));
}

#[tokio::test]
async fn bytes_that_do_not_fit_the_descriptor_are_refused() {
    let right = Descriptor::of("x", BLOB);
    let too_small = Descriptor {
        size: 18,
        ..right.clone()
    };
    let too_large = Descriptor {
        size: 20,
        ..right.clone()
    };
    let registry = registry();
    let mut other = BLOB.to_vec();
    other[0] ^= 1;
    let sent = Answer::status(200).body(other);
    for (descriptor, answer, message) in [
        (
            &too_small,
            None,
            "sent more than the 18 bytes that the manifest announces",
        ),
        (&too_large, None, "sent 19 of 20 bytes"),
        (&right, Some(sent), "sent bytes of the digest `sha256:"),
    ] {
        if let Some(answer) = answer {
            registry.fail("GET", "/blobs/", 1, answer);
        }
        // Without ranges: asking for what follows the end is an error of its own.
        registry.script(|request| {
            (request.header("range").is_some()).then(|| Answer::status(200).body(BLOB))
        });
        let error = client()
            .blob_bytes(&repository(&registry.host()), descriptor)
            .await
            .unwrap_err();
        assert!(text(&error).contains(message), "{}", text(&error));
    }
}

#[tokio::test]
async fn a_registry_that_sends_byte_by_byte_is_given_up() {
    let registry = registry();
    registry.script(|_| Some(first_bytes(1)));
    let (options, pauses) = options();
    let error = Registry::new(options)
        .unwrap()
        .blob_bytes(&repository(&registry.host()), &Descriptor::of("x", BLOB))
        .await
        .unwrap_err();
    assert!(
        matches!(
            error.fault,
            Fault::CutShort {
                received: 1,
                expected: 19,
                ..
            }
        ),
        "{}",
        text(&error)
    );
    assert_eq!(pauses.lock().unwrap().len(), 3);
}
