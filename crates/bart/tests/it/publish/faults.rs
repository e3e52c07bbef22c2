//! What goes wrong between a push or a look and a registry: each fault with its line, its hint and its exit code.

use super::{Machine, site};
use crate::process::Failed;
use crate::registry::{Answer, ScriptedRegistry};
use crate::scratch::Scratch;

/// A fault: what the registry answers to requests of a method whose path has a part in it.
struct Fault {
    method: &'static str,
    part: &'static str,
    answer: Answer,
    error: &'static str,
    hint: &'static str,
    code: i32,
}

fn fault(
    (method, part): (&'static str, &'static str),
    answer: Answer,
    error: &'static str,
    hint: &'static str,
    code: i32,
) -> Fault {
    Fault {
        method,
        part,
        answer,
        error,
        hint,
        code,
    }
}

/// A registry that wants to be asked again so much later that nobody waits for it.
fn later(answer: Answer) -> Answer {
    answer.with("Retry-After", "3600")
}

const MANIFEST: (&str, &str) = ("GET", "/manifests/");
const BEGIN: (&str, &str) = ("POST", "/blobs/uploads/");
const BLOB: (&str, &str) = ("PUT", "/blobs/uploads/");
const PUT: (&str, &str) = ("PUT", "/manifests/");

#[test]
fn each_fault_of_a_push_has_its_text_and_exit_code() {
    let denied = || Answer::error(403, "DENIED", "not yours");
    let basic = || Answer::status(401).with("WWW-Authenticate", "Basic realm=\"test\"");
    for case in [
        fault(
            MANIFEST,
            basic(),
            "wants other credentials: no credential was found",
            "docker login",
            13,
        ),
        fault(
            MANIFEST,
            denied(),
            "does not allow it",
            "check that the account",
            14,
        ),
        fault(
            BEGIN,
            denied(),
            "(it says: DENIED, not yours)",
            "check that the account",
            14,
        ),
        fault(
            BEGIN,
            Answer::error(404, "NAME_UNKNOWN", "no repository"),
            "does not have it",
            "created before the first push",
            15,
        ),
        fault(
            BLOB,
            Answer::status(413),
            "takes no upload of this size",
            "client_max_body_size",
            16,
        ),
        fault(
            PUT,
            Answer::status(413),
            "takes no upload of this size",
            "client_max_body_size",
            16,
        ),
        fault(
            MANIFEST,
            later(Answer::status(429)),
            "ask again in 3600 s",
            "wait",
            17,
        ),
        fault(
            BEGIN,
            later(Answer::status(500)),
            "in trouble: it answered 500",
            "",
            18,
        ),
        fault(
            MANIFEST,
            Answer::status(501),
            "in trouble: it answered 501",
            "",
            18,
        ),
        fault(
            BLOB,
            Answer::error(400, "DIGEST_INVALID", "other bytes"),
            "DIGEST_INVALID",
            "",
            1,
        ),
        fault(
            PUT,
            Answer::status(201).with(
                "Docker-Content-Digest",
                "sha256:0000000000000000000000000000000000000000000000000000000000000000",
            ),
            "sent bytes of the digest `sha256:0000",
            "",
            20,
        ),
        fault(
            MANIFEST,
            Answer::status(200).body(vec![b' '; (4 << 20) + 1]),
            "the manifest is larger than 4 MiB",
            "",
            21,
        ),
        fault(
            MANIFEST,
            Answer::status(200)
                .with("Content-Type", "text/html")
                .body("log in"),
            "answered with a web page",
            "login page",
            22,
        ),
        fault(
            MANIFEST,
            Answer::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{\"schema".to_vec()),
            "sent 8 of 20 bytes",
            "",
            19,
        ),
        fault(
            MANIFEST,
            Answer::status(200).body("{}"),
            "the tag has other content",
            "--force-tag",
            1,
        ),
    ] {
        let registry = ScriptedRegistry::start();
        let answer = case.answer.clone();
        let (method, part) = (case.method, case.part);
        registry.script(move |request| {
            let meant = request.method == method && request.path.contains(part);
            meant.then(|| answer.clone())
        });
        let (machine, site) = (Machine::new(), site());
        let reference = format!("{}/me/site:1", registry.host());
        let failed = Failed::run(&mut machine.bart(site.path(), &["push", &reference, "--quiet"]));
        assert!(failed.error().contains(case.error), "{}", failed.stderr);
        assert!(failed.hint().contains(case.hint), "{}", failed.stderr);
        assert_eq!(
            failed.hint().is_empty(),
            case.hint.is_empty(),
            "{}",
            failed.stderr
        );
        assert_eq!(failed.code, Some(case.code), "{}", failed.stderr);
    }
}

#[test]
fn a_credential_that_is_refused_is_named_by_its_source_and_not_shown() {
    let registry = ScriptedRegistry::start();
    registry.script(|_| Some(Answer::status(401).with("WWW-Authenticate", "Basic realm=\"test\"")));
    let (machine, site) = (Machine::new(), site());
    // `ada:hunter2`.
    let config = format!(
        r#"{{"auths":{{"{}":{{"auth":"YWRhOmh1bnRlcjI="}}}}}}"#,
        registry.host()
    );
    site.write("config.json", config);
    let reference = format!("{}/me/site:1", registry.host());
    let arguments = [
        "push",
        &reference,
        "--quiet",
        "--registry-config",
        "config.json",
    ];
    let failed = Failed::run(&mut machine.bart(site.path(), &arguments));
    assert_eq!(failed.code, Some(13));
    assert!(failed.error().contains("config.json"), "{}", failed.stderr);
    assert!(!failed.stderr.contains("hunter2") && !failed.stderr.contains("YWRh"));
}

#[test]
fn what_keeps_a_registry_from_being_reached_has_its_exit_code() {
    let (machine, site) = (Machine::new(), site());
    site.write("no-certificates.pem", "nothing");
    for (arguments, error, code) in [
        // Names under `.invalid` never have an address (RFC 6761 section 6.4).
        (
            &["push", "registry.invalid/me/site:1"][..],
            "no such host `registry.invalid`",
            10,
        ),
        (
            &["push", "127.0.0.1:1/me/site:1"],
            "`127.0.0.1:1` refuses connections",
            11,
        ),
        (
            &[
                "push",
                "127.0.0.1:1/me/site:1",
                "--ca-file",
                "no-certificates.pem",
            ],
            "has no certificate",
            12,
        ),
        (
            &["inspect", "registry.invalid/me/site:1"],
            "no such host `registry.invalid`",
            10,
        ),
        (
            &["inspect", "127.0.0.1:1/me/site:1"],
            "`127.0.0.1:1` refuses connections",
            11,
        ),
    ] {
        let failed = Failed::run(&mut machine.bart(site.path(), arguments));
        let lines: Vec<&str> = failed
            .stderr
            .lines()
            .filter(|line| line.starts_with("error: "))
            .collect();
        assert_eq!(lines.len(), 1, "{}", failed.stderr);
        assert!(lines[0].contains(error), "{}", failed.stderr);
        assert_eq!(failed.code, Some(code), "{}", failed.stderr);
    }
}

#[test]
fn what_is_no_artifact_cannot_be_inspected() {
    let folder = Scratch::new();
    let machine = Machine::new();
    let config = r#""config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","size":0}"#;
    let app = |size: &str| {
        format!(
            r#"{{"schemaVersion":2,{config},"layers":[{{"mediaType":"application/vnd.fermyon.spin.application.v1+config","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":{size}}}]}}"#
        )
    };
    let empty = format!(r#"{{"schemaVersion":2,{config},"layers":[]}}"#);
    for (manifest, error, code) in [
        (
            r#"{"schemaVersion":2,"manifests":[]}"#.to_owned(),
            "not a Spin artifact: it is an index",
            22,
        ),
        (empty, "not a Spin artifact: it has no locked app", 22),
        ("not JSON".to_owned(), "failed to read the manifest", 22),
        (app("2"), "failed to read the locked app", 22),
        (app("1"), "sent more than the 1 bytes", 20),
        (app("-1"), "no blob has", 22),
    ] {
        let registry = ScriptedRegistry::start();
        registry.put_manifest("me/site", "1", manifest.as_bytes());
        registry.put_blob("me/site", b"{}");
        let reference = format!("{}/me/site:1", registry.host());
        let failed = Failed::run(&mut machine.bart(folder.path(), &["inspect", &reference]));
        assert!(failed.error().contains(error), "{}", failed.stderr);
        assert_eq!(failed.code, Some(code), "{}", failed.stderr);
    }
    let registry = ScriptedRegistry::start();
    let reference = format!("{}/me/site:1", registry.host());
    let failed = Failed::run(&mut machine.bart(folder.path(), &["inspect", &reference]));
    assert_eq!(failed.code, Some(15), "{}", failed.stderr);
}
