//! Every fault that a user can meet, with its text.

use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpListener};
use std::thread;
use std::time::Duration;

use artifact::Descriptor;
use artifact::registry::{Fault, Progress, Registry, Source, Upload};

use super::{Pauses, options, reference, text};
use crate::scripted::{Answer, ScriptedRegistry};

/// What goes wrong, and what is said of it.
struct Case {
    answer: Answer,
    /// What follows "failed to pull the manifest of `...`: "; `HOST` stands for the host.
    message: &'static str,
    /// What the hint has in it, where there is one.
    hint: Option<&'static str>,
    /// How often the client pauses and tries again.
    pauses: usize,
}

fn cases() -> Vec<Case> {
    let raw = |text: &str| Answer::Raw(text.as_bytes().to_vec());
    let case = |answer, message, hint, pauses| Case {
        answer,
        message,
        hint,
        pauses,
    };
    vec![
        case(
            Answer::error(401, "UNAUTHORIZED", "who are you"),
            "`HOST` wants other credentials: no credential was found for it (it says: UNAUTHORIZED, who are you)",
            Some("docker login"),
            0,
        ),
        case(
            Answer::error(403, "DENIED", "not you"),
            "`HOST` does not allow it: no credential was found for it (it says: DENIED, not you)",
            Some("account"),
            0,
        ),
        case(
            Answer::error(404, "MANIFEST_UNKNOWN", "manifest unknown"),
            "`HOST` does not have it (it says: MANIFEST_UNKNOWN, manifest unknown)",
            Some("check the name"),
            0,
        ),
        case(
            Answer::status(413),
            "`HOST` takes no upload of this size",
            Some("client_max_body_size"),
            0,
        ),
        case(
            Answer::status(429).with("Retry-After", "7"),
            "`HOST` limits the rate of requests: ask again in 7 s",
            Some("wait"),
            3,
        ),
        case(
            Answer::status(429).with("Retry-After", "Thu, 01 Jan 1970 01:00:00 GMT"),
            "`HOST` limits the rate of requests: ask again in 3600 s",
            Some("wait"),
            0,
        ),
        case(
            Answer::status(429),
            "`HOST` limits the rate of requests",
            Some("wait"),
            3,
        ),
        case(
            Answer::error(500, "UNKNOWN", "a disk\u{7f}"),
            "`HOST` is in trouble: it answered 500 (it says: UNKNOWN, a disk )",
            None,
            3,
        ),
        case(
            Answer::status(503),
            "`HOST` is in trouble: it answered 503",
            None,
            3,
        ),
        case(
            Answer::status(501),
            "`HOST` is in trouble: it answered 501",
            None,
            0,
        ),
        case(Answer::status(418), "`HOST` answered 418", None, 0),
        case(
            Answer::status(200)
                .with("Content-Type", "text/html; charset=utf-8")
                .body("<h1>It works!</h1>"),
            "`HOST` answered with a web page",
            Some("login page"),
            0,
        ),
        case(
            raw("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{\"schema"),
            "`HOST` sent 8 of 20 bytes",
            None,
            3,
        ),
        case(
            Answer::status(200).with("Docker-Content-Digest", "sha256:12"),
            "`HOST` gave an answer that makes no sense: its `Docker-Content-Digest` is no digest",
            None,
            0,
        ),
        case(
            Answer::status(200)
                .with(
                    "Docker-Content-Digest",
                    "sha256:0000000000000000000000000000000000000000000000000000000000000000",
                )
                .body("{}"),
            "`HOST` sent bytes of the digest `sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a`, \
             not `sha256:0000000000000000000000000000000000000000000000000000000000000000`",
            None,
            0,
        ),
        case(
            Answer::status(200).body(vec![b' '; (4 << 20) + 1]),
            "the manifest is larger than 4 MiB",
            None,
            0,
        ),
        case(
            Answer::status(307).with("Location", "/v2/me/site/manifests/1"),
            "`HOST` gave an answer that makes no sense: it redirects in a circle",
            None,
            0,
        ),
        case(
            Answer::status(307),
            "`HOST` gave an answer that makes no sense: its `Location` is missing or no URL",
            None,
            0,
        ),
        case(
            Answer::status(307).with("Location", "http://cdn.test/x?signature=hunter2"),
            "`HOST` leads to `http://cdn.test`, over plain HTTP",
            Some("--insecure"),
            0,
        ),
    ]
}

/// A client, and what it paused.
fn client() -> (Registry, Pauses) {
    let (options, pauses) = options();
    (Registry::new(options).unwrap(), pauses)
}

#[tokio::test]
async fn each_fault_of_an_answer_has_its_text_and_is_tried_again_only_where_that_may_help() {
    for case in cases() {
        let registry = ScriptedRegistry::start();
        let answer = case.answer.clone();
        registry.script(move |_| Some(answer.clone()));
        let (client, pauses) = client();
        let reference = reference(&registry.host());
        let error = client.manifest(&reference).await.unwrap_err();
        let expected = format!(
            "failed to pull the manifest of `{reference}`: {}",
            case.message
        )
        .replace("HOST", &registry.host());
        assert_eq!(text(&error), expected);
        let hint = error.hint().unwrap_or_default();
        assert_eq!(hint.is_empty(), case.hint.is_none(), "{expected}");
        assert!(hint.contains(case.hint.unwrap_or_default()), "{hint}");
        assert_eq!(pauses.lock().unwrap().len(), case.pauses, "{expected}");
    }
}

#[tokio::test]
async fn a_pause_is_as_long_as_the_registry_asks_for() {
    let registry = ScriptedRegistry::start();
    registry.put_manifest("me/site", "1", b"{}");
    registry.fail("GET", "", 1, Answer::status(503));
    registry.fail("GET", "", 1, Answer::status(429).with("Retry-After", "7"));
    let (client, pauses) = client();
    client.manifest(&reference(&registry.host())).await.unwrap();
    let expected = [Duration::from_secs(7), Duration::from_millis(500)];
    assert_eq!(*pauses.lock().unwrap(), expected);
}

#[tokio::test]
async fn a_host_that_is_not_there_is_told_from_one_that_refuses() {
    let (client, pauses) = client();
    let error = client
        .manifest(&reference("missing.test"))
        .await
        .unwrap_err();
    assert_eq!(
        text(&error),
        "failed to pull the manifest of `missing.test/me/site:1`: no such host `missing.test`"
    );
    // A port that nobody uses (tcpmux) and that is given to no test.
    let host = "127.0.0.1:1";
    let error = client.manifest(&reference(host)).await.unwrap_err();
    assert_eq!(
        text(&error),
        format!("failed to pull the manifest of `{host}/me/site:1`: `{host}` refuses connections")
    );
    assert!(error.hint().is_some());
    assert!(pauses.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_silent_registry_is_given_up() {
    let registry = ScriptedRegistry::start();
    registry.script(|_| Some(Answer::Silence));
    let (mut options, _) = options();
    options.timeouts.silence = Duration::from_millis(50);
    options.retries.attempts = 2;
    let error = Registry::new(options)
        .unwrap()
        .manifest(&reference(&registry.host()))
        .await
        .unwrap_err();
    assert!(
        matches!(error.fault, Fault::Silent { .. }),
        "{}",
        text(&error)
    );
    assert!(
        text(&error).ends_with("was silent for 0.05 s"),
        "{}",
        text(&error)
    );
}

/// A place for uploads that answers 413 as soon as it has seen the head of a request, as a proxy with a limit does. Gives its address.
fn limited() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut head = BufReader::new(connection.try_clone().unwrap()).lines();
        head.find(|line| line.as_ref().is_ok_and(String::is_empty));
        connection
            .write_all(b"HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
            .unwrap();
        connection.shutdown(Shutdown::Write).unwrap();
        // What is on its way is let in, or the answer would be lost with the connection.
        let _ = std::io::copy(&mut connection, &mut std::io::sink());
    });
    address
}

#[tokio::test]
async fn an_upload_that_is_refused_before_it_is_over_is_refused_for_its_size() {
    let registry = ScriptedRegistry::start();
    let location = format!("http://{}/upload", limited());
    registry.fail(
        "POST",
        "/uploads/",
        1,
        Answer::status(202).with("Location", &location),
    );
    let large = vec![0; 16 << 20];
    let upload = Upload {
        descriptor: Descriptor::of("x", &large),
        source: Source::Memory(large.into()),
    };
    let repository = reference(&registry.host()).repository;
    let (client, pauses) = client();
    let error = client
        .upload(&repository, &upload, &Progress::silent())
        .await
        .unwrap_err();
    assert!(
        matches!(error.fault, Fault::TooLarge { .. }),
        "{}",
        text(&error)
    );
    assert!(pauses.lock().unwrap().is_empty());
}
