//! Pushes: what is sent, what is not, and what stops them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::sync::{Arc, Mutex};

use artifact::registry::{
    Event, Placed, Progress, Push, Registry, RegistryError, Source, TagState, Tally, Upload,
};
use artifact::{Descriptor, Digest};
use bytes::Bytes;

use super::{client, options, reference, text};
use crate::scripted::{Answer, ScriptedRegistry};

const PAGE: &[u8] = b"a page";
const COMPONENT: &[u8] = b"a component";
const MEDIA_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";

fn upload(bytes: &'static [u8]) -> Upload {
    Upload {
        descriptor: Descriptor::of("x", bytes),
        source: Source::Memory(Bytes::from_static(bytes)),
    }
}

fn push(registry: &ScriptedRegistry) -> Push {
    Push {
        reference: reference(&registry.host()),
        blobs: vec![upload(PAGE), upload(COMPONENT), upload(PAGE)],
        known: BTreeSet::new(),
        mount_from: BTreeMap::new(),
        images: Vec::new(),
        media_type: MEDIA_TYPE.to_owned(),
        manifest: Bytes::from_static(b"{\"ours\":1}"),
        force_tag: false,
    }
}

fn tally(blobs: &[&[u8]]) -> Tally {
    Tally {
        blobs: blobs.len() as u64,
        bytes: blobs.iter().map(|blob| blob.len() as u64).sum(),
    }
}

/// What is the same only when it has the same digest.
fn never(_: &[u8]) -> bool {
    false
}

/// The events of a push.
fn observer() -> (Progress, Arc<Mutex<Vec<Event>>>) {
    let events = Arc::<Mutex<Vec<Event>>>::default();
    let seen = Arc::clone(&events);
    (
        Progress::new(move |event| seen.lock().unwrap().push(event)),
        events,
    )
}

#[tokio::test]
async fn a_first_push_sends_every_blob_once_and_the_manifest_last() {
    let registry = ScriptedRegistry::start();
    let (progress, events) = observer();
    let push = push(&registry);
    let pushed = client().push(&push, never, &progress).await.unwrap();
    assert_eq!(pushed.digest, Digest::of(&push.manifest));
    assert_eq!(pushed.before, TagState::Absent);
    assert_eq!(pushed.uploaded, tally(&[PAGE, COMPONENT]));
    assert_eq!((pushed.reused, pushed.mounted), (tally(&[]), tally(&[])));

    let lines = registry.lines();
    assert_eq!(lines.first().unwrap(), "GET /v2/me/site/manifests/1");
    let last = [
        "PUT /v2/me/site/manifests/1",
        "HEAD /v2/me/site/manifests/1",
    ];
    assert_eq!(lines[lines.len() - 2..], last);
    for (method, count) in [("GET", 1), ("HEAD", 3), ("POST", 2), ("PUT", 3)] {
        let of_method = lines
            .iter()
            .filter(|line| line.starts_with(&format!("{method} ")));
        assert_eq!(of_method.count(), count, "{method}: {lines:?}");
    }
    let events = events.lock().unwrap();
    for blob in [PAGE, COMPONENT] {
        let digest = Digest::of(blob);
        let done = Event::BlobDone {
            digest,
            how: Placed::Uploaded,
        };
        let bytes = Event::Bytes {
            digest,
            count: blob.len() as u64,
        };
        for event in [Event::BlobStarted(Descriptor::of("x", blob)), bytes, done] {
            assert_eq!(
                events.iter().filter(|seen| **seen == event).count(),
                1,
                "{event:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_push_of_what_is_there_is_one_request() {
    let registry = ScriptedRegistry::start();
    let push = push(&registry);
    client()
        .push(&push, never, &Progress::silent())
        .await
        .unwrap();
    registry.forget_requests();
    let again = client()
        .push(&push, never, &Progress::silent())
        .await
        .unwrap();
    assert_eq!(again.digest, Digest::of(&push.manifest));
    assert_eq!(again.reused, tally(&[PAGE, COMPONENT]));
    assert_eq!(registry.lines(), ["GET /v2/me/site/manifests/1"]);

    // The same content under other annotations.
    let mut annotated = push.clone();
    annotated.manifest = Bytes::from_static(b"{\"ours\":2}");
    let same = |bytes: &[u8]| bytes == &*push.manifest;
    let again = client()
        .push(&annotated, same, &Progress::silent())
        .await
        .unwrap();
    assert_eq!(again.digest, Digest::of(&push.manifest));
    assert_eq!(registry.lines().len(), 2);
}

#[tokio::test]
async fn a_tag_with_other_content_is_moved_only_by_force() {
    let registry = ScriptedRegistry::start();
    registry.put_manifest("me/site", "1", b"{\"theirs\":1}");
    let mut push = push(&registry);
    let error = client()
        .push(&push, never, &Progress::silent())
        .await
        .unwrap_err();
    let message = format!(
        "failed to push `{}`: the tag has other content: it is `{}`, this would be `{}`",
        push.reference,
        Digest::of(b"{\"theirs\":1}"),
        Digest::of(&push.manifest)
    );
    assert_eq!(text(&error), message);
    assert!(error.hint().unwrap().contains("--force-tag"));
    assert_eq!(registry.lines().len(), 1, "nothing was sent");

    push.force_tag = true;
    let pushed = client()
        .push(&push, never, &Progress::silent())
        .await
        .unwrap();
    let digest = Digest::of(b"{\"theirs\":1}");
    assert_eq!(pushed.before, TagState::Other { digest });
    let now = client().resolve(&push.reference).await.unwrap();
    assert_eq!(now, Digest::of(&push.manifest));
}

#[tokio::test]
async fn a_push_of_somebody_else_at_the_same_time_is_noticed() {
    let registry = ScriptedRegistry::start();
    let push = push(&registry);
    // Their manifest has the tag as soon as ours had it.
    registry.fail(
        "HEAD",
        "/manifests/",
        1,
        Answer::status(200).with("Docker-Content-Digest", &Digest::of(b"theirs").to_string()),
    );
    let error = client()
        .push(&push, never, &Progress::silent())
        .await
        .unwrap_err();
    let expected = format!(
        "somebody else pushed to the tag: it is `{}` now, not `{}`",
        Digest::of(b"theirs"),
        Digest::of(&push.manifest)
    );
    assert!(text(&error).ends_with(&expected), "{}", text(&error));
}

/// Where the blobs of a push may be mounted from.
fn mounts(blobs: &[(&[u8], &str)]) -> BTreeMap<Digest, String> {
    let mounts = blobs.iter();
    mounts
        .map(|(blob, from)| (Digest::of(blob), (*from).to_owned()))
        .collect()
}

#[tokio::test]
async fn blobs_of_other_repositories_are_mounted() {
    let registry = ScriptedRegistry::start();
    registry.put_blob("me/old", PAGE);
    registry.put_blob("me/site", COMPONENT);
    let mut push = push(&registry);
    push.mount_from = mounts(&[(PAGE, "me/old"), (COMPONENT, "me/old")]);
    let pushed = client()
        .push(&push, never, &Progress::silent())
        .await
        .unwrap();
    assert_eq!(pushed.mounted, tally(&[PAGE]));
    assert_eq!(pushed.reused, tally(&[COMPONENT]));
    assert_eq!(pushed.uploaded, tally(&[]));
}

#[tokio::test]
async fn a_mount_that_the_registry_refuses_becomes_an_upload_in_the_same_session() {
    let registry = ScriptedRegistry::start();
    let mut push = push(&registry);
    push.blobs = vec![upload(PAGE)];
    push.mount_from = mounts(&[(PAGE, "me/nothing")]);
    let pushed = client()
        .push(&push, never, &Progress::silent())
        .await
        .unwrap();
    assert_eq!(pushed.uploaded, tally(&[PAGE]));
    let sessions: Vec<_> = registry
        .lines()
        .into_iter()
        .filter(|line| line.starts_with("POST"))
        .collect();
    let mount = format!(
        "POST /v2/me/site/blobs/uploads/?mount=sha256%3A{}&from=me%2Fnothing",
        Digest::of(PAGE).hex()
    );
    assert_eq!(sessions, [mount]);
}

#[tokio::test]
async fn a_repository_that_may_not_be_seen_costs_an_upload_and_no_push() {
    for status in [401, 403, 404] {
        let registry = ScriptedRegistry::start();
        registry.fail("POST", "from=", usize::MAX, Answer::status(status));
        let mut push = push(&registry);
        push.mount_from = mounts(&[(PAGE, "other/site"), (COMPONENT, "other/site")]);
        let pushed = client()
            .push(&push, never, &Progress::silent())
            .await
            .unwrap();
        assert_eq!(pushed.uploaded, tally(&[PAGE, COMPONENT]), "{status}");
    }
}

#[tokio::test]
async fn what_is_known_is_not_asked_for_until_the_registry_misses_it() {
    let registry = ScriptedRegistry::start();
    let mut push = push(&registry);
    push.known = BTreeSet::from([Digest::of(PAGE), Digest::of(COMPONENT)]);
    client()
        .push(&push, never, &Progress::silent())
        .await
        .unwrap();
    let lines = ["GET", "PUT", "HEAD"].map(|method| format!("{method} /v2/me/site/manifests/1"));
    assert_eq!(registry.lines(), lines);

    let registry = ScriptedRegistry::start();
    push.reference = reference(&registry.host());
    let missing = Answer::error(400, "MANIFEST_BLOB_UNKNOWN", "blob unknown");
    registry.fail("PUT", "/manifests/", 1, missing);
    let pushed = client()
        .push(&push, never, &Progress::silent())
        .await
        .unwrap();
    assert_eq!(pushed.uploaded, tally(&[PAGE, COMPONENT]));
    assert_eq!(pushed.reused, tally(&[]));
}

#[tokio::test]
async fn an_upload_that_fails_begins_again_with_a_session_of_its_own() {
    let registry = ScriptedRegistry::start();
    registry.fail("PUT", "/blobs/", 1, Answer::status(500));
    registry.fail("PUT", "/blobs/", 1, Answer::Raw(Vec::new()));
    let (progress, events) = observer();
    let (options, pauses) = options();
    let repository = reference(&registry.host()).repository;
    Registry::new(options)
        .unwrap()
        .upload(&repository, &upload(PAGE), &progress)
        .await
        .unwrap();
    let methods: Vec<_> = registry
        .requests()
        .into_iter()
        .map(|request| request.method)
        .collect();
    assert_eq!(methods, ["POST", "PUT", "POST", "PUT", "POST", "PUT"]);
    assert_eq!(pauses.lock().unwrap().len(), 2);
    let restarts = Event::BlobRestarted(Digest::of(PAGE));
    assert_eq!(
        events
            .lock()
            .unwrap()
            .iter()
            .filter(|event| **event == restarts)
            .count(),
        2
    );
}

#[tokio::test]
async fn a_file_is_sent_as_a_stream_with_its_length() {
    let registry = ScriptedRegistry::start();
    let bytes: Vec<u8> = (0..300_000_u32)
        .map(|number| (number % 251) as u8)
        .collect();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&bytes).unwrap();
    let mut sent = Upload {
        descriptor: Descriptor::of("x", &bytes),
        source: Source::File(file.path().to_path_buf()),
    };
    let repository = reference(&registry.host()).repository;
    let (progress, events) = observer();
    client()
        .upload(&repository, &sent, &progress)
        .await
        .unwrap();
    assert!(
        client()
            .exists(&repository, sent.descriptor.digest)
            .await
            .unwrap()
    );
    let put = &registry.requests()[1];
    assert_eq!(put.header("content-length"), Some("300000"));
    assert_eq!(put.header("transfer-encoding"), None);
    let told: u64 = events
        .lock()
        .unwrap()
        .iter()
        .map(|event| match event {
            Event::Bytes { count, .. } => *count,
            _ => 0,
        })
        .sum();
    assert_eq!(told, 300_000);

    file.write_all(b"more").unwrap();
    let error = client()
        .upload(&repository, &sent, &progress)
        .await
        .unwrap_err();
    let changed = format!("`{}` changed while it was pushed", file.path().display());
    assert!(text(&error).ends_with(&changed), "{}", text(&error));
    sent.source = Source::File("nowhere/at/all".into());
    let error = client()
        .upload(&repository, &sent, &progress)
        .await
        .unwrap_err();
    assert!(
        text(&error).contains("failed to read `nowhere/at/all`: "),
        "{}",
        text(&error)
    );
}

#[tokio::test]
async fn what_a_registry_refuses_to_take_is_said() {
    for (method, part, answer, message) in [
        (
            "POST",
            "/blobs/uploads/",
            Answer::error(404, "NAME_UNKNOWN", "no repository"),
            "does not have it (it says: NAME_UNKNOWN, no repository)",
        ),
        (
            "POST",
            "/blobs/uploads/",
            Answer::status(200),
            "answered 200",
        ),
        (
            "POST",
            "/blobs/uploads/",
            Answer::status(202),
            "its `Location` is missing or no URL",
        ),
        (
            "PUT",
            "/blobs/uploads/",
            Answer::status(413),
            "takes no upload of this size",
        ),
        (
            "PUT",
            "/blobs/uploads/",
            Answer::error(400, "DIGEST_INVALID", "other bytes"),
            "answered 400 (it says: DIGEST_INVALID, other bytes)",
        ),
        (
            "PUT",
            "/manifests/",
            Answer::status(413),
            "takes no upload of this size",
        ),
        (
            "PUT",
            "/manifests/",
            Answer::status(201).with("Docker-Content-Digest", &Digest::of(b"other").to_string()),
            "sent bytes of the digest",
        ),
    ] {
        let registry = ScriptedRegistry::start();
        registry.fail(method, part, 1, answer);
        let error = client()
            .push(&push(&registry), never, &Progress::silent())
            .await
            .unwrap_err();
        assert!(text(&error).contains(message), "{}", text(&error));
    }
}

#[tokio::test]
async fn pushes_and_pulls_can_run_in_tasks_of_their_own() {
    let registry = ScriptedRegistry::start();
    let ours = push(&registry);
    let reference = ours.reference.clone();
    let pushed =
        tokio::spawn(async move { client().push(&ours, never, &Progress::silent()).await });
    let digest = pushed.await.unwrap().unwrap().digest;
    let pulled = tokio::spawn(async move {
        let client = client();
        let page = Descriptor::of("x", PAGE);
        let bytes = client.blob_bytes(&reference.repository, &page).await?;
        let (digest, _) = client.manifest(&reference).await?;
        client.referrers(&reference.repository, digest).await?;
        Ok::<_, RegistryError>((bytes, client.resolve(&reference).await?))
    });
    assert_eq!(pulled.await.unwrap().unwrap(), (PAGE.to_vec(), digest));
}
