//! What a component is given, and what it is not.

use engine::Limits;

use crate::probe::{Probes, serve};

const MANIFEST: &str = r#"spin_manifest_version = 2
application = { name = "probes" }
variables = { colour = { default = "red" } }

[[trigger.http]]
route = "/probe/..."
component = "probe"

[[trigger.http]]
route = "/users/:name"
component = "probe"

[[trigger.http]]
route = "/fixed"
static_response = { status_code = 202, headers = { x-kind = "fixed", content-length = "3", transfer-encoding = "chunked" }, body = "a fixed answer" }

[[trigger.http]]
route = "/caller/..."
component = "caller"

[[trigger.http]]
route = { private = true }
component = "hidden"

[component.probe]
source = "probe.wasm"
environment = { LAMP = "lit" }
variables = { paint = "dark {{ colour }}" }
files = [{ source = "files", destination = "/shelf" }]

[component.caller]
source = "probe.wasm"
allowed_outbound_hosts = ["http://self", "http://*.spin.internal"]

[component.hidden]
source = "probe.wasm"
"#;

fn probes() -> Probes {
    serve(MANIFEST, Limits::default())
}

#[test]
fn a_component_sees_its_environment_variables_and_files_and_nothing_else() {
    let probes = probes();
    let cases = [
        ("/probe/environment", "LAMP=lit\n"),
        ("/probe/variable?paint", "Ok(\"dark red\")"),
        (
            "/probe/variable?absent",
            "Err(Error::Undefined(\"no variable `absent`\"))",
        ),
        (
            "/probe/variable?Not-a-name",
            "Err(Error::InvalidName(\"`Not-a-name` is not a variable name\"))",
        ),
        ("/probe/file?/shelf/a.txt", "Ok(\"a file\")"),
        ("/probe/connect?127.0.0.1:1", "false"),
    ];
    for (path, expected) in cases {
        assert_eq!(probes.get(path), (200, expected.to_owned()), "{path}");
    }
    for path in [
        "/probe/file?/shelf/../../etc/passwd",
        "/probe/file?/etc/passwd",
        "/probe/write?/shelf/new",
    ] {
        let (status, body) = probes.get(path);
        assert_eq!(status, 200, "{path}");
        assert!(body.starts_with("Err("), "{path}: {body}");
    }
}

#[test]
fn a_component_is_told_how_its_request_was_routed_and_a_client_cannot_say_so() {
    let probes = probes();
    let request = "GET /probe/x/headers?q=1 HTTP/1.1\r\nHost: probe.test\r\nspin-path-info: /forged\r\nspin-made-up: yes\r\nConnection: close\r\n\r\n";
    let (status, body) = probes.send(request);
    assert_eq!(status, 200);
    for line in [
        "host: probe.test",
        "spin-path-info: /x/headers",
        "spin-full-url: http://probe.test/probe/x/headers?q=1",
        "spin-matched-route: /probe/...",
        "spin-base-path: /",
        "spin-raw-component-route: /probe/...",
        "spin-component-route: /probe",
    ] {
        assert!(
            body.lines().any(|found| found == line),
            "`{line}` is not in:\n{body}"
        );
    }
    assert!(body.contains("spin-client-addr: 127.0.0.1:"), "{body}");
    assert!(
        !body.contains("forged") && !body.contains("made-up"),
        "{body}"
    );
}

#[test]
fn routes_without_a_component_answer_by_themselves() {
    let probes = probes();
    assert_eq!(
        probes.get("/.well-known/spin/health"),
        (200, "OK".to_owned())
    );
    assert_eq!(probes.get("/nowhere"), (404, String::new()));
    assert_eq!(probes.get("/fixed"), (202, "a fixed answer".to_owned()));
    let answer = probes.exchange("GET /fixed HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert!(answer.contains("x-kind: fixed"), "{answer}");
    assert!(answer.contains("content-length: 14\r\n"), "{answer}");
    assert!(!answer.contains("transfer-encoding"), "{answer}");
}

#[test]
fn a_component_reaches_its_own_application_where_it_may_and_nothing_else() {
    let probes = probes();
    assert_eq!(
        probes.get("/caller/fetch?http://self/fixed"),
        (200, "202 a fixed answer".to_owned())
    );
    let (_, body) = probes.get("/caller/fetch?http://hidden.spin.internal/a/headers");
    assert!(
        body.starts_with("200 ") && body.contains("spin-path-info: /a/headers"),
        "{body}"
    );
    for path in [
        "/probe/fetch?http://self/fixed",
        "/probe/fetch?http://127.0.0.1:1/",
        "/caller/fetch?https://example.com/",
        "/caller/fetch?http://unknown.spin.internal/",
    ] {
        let (status, body) = probes.get(path);
        assert_eq!(status, 200, "{path}");
        assert!(body.starts_with("failed: "), "{path}: {body}");
    }
}

#[test]
fn a_component_that_calls_itself_without_end_is_stopped() {
    let probes = probes();
    let mut url = "http://self/fixed".to_owned();
    for _ in 0..4 {
        url = format!("http://self/caller/fetch?{url}");
    }
    let (status, body) = probes.get(&format!("/caller/fetch?{url}"));
    assert_eq!(status, 200);
    assert!(body.contains("failed: "), "{body}");
    assert!(!body.contains("a fixed answer"), "{body}");
}

#[test]
fn a_new_release_answers_as_soon_as_it_is_there() {
    let probes = probes();
    probes.replace(&MANIFEST.replace("a fixed answer", "another answer"));
    assert_eq!(probes.get("/fixed"), (202, "another answer".to_owned()));
}
