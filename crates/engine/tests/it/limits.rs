//! Components that misbehave, clients that do, and an orderly end.

use std::io::{Read, Write};
use std::time::Duration;

use engine::{Drained, Limits};

use crate::probe::{Probes, serve};

const MANIFEST: &str = r#"spin_manifest_version = 2
application = { name = "probes" }

[[trigger.http]]
route = "/..."
component = "probe"

[component.probe]
source = "probe.wasm"
"#;

fn probes(limits: Limits) -> Probes {
    serve(MANIFEST, limits)
}

#[test]
fn a_component_that_fails_is_a_500_without_internals_and_the_next_request_is_answered() {
    let probes = probes(Limits {
        memory: 32 << 20,
        ..Limits::default()
    });
    for path in ["/trap", "/memory", "/silence"] {
        let (status, body) = probes.get(path);
        assert_eq!(
            (status, body.as_str()),
            (500, "The page could not be made.\n"),
            "{path}"
        );
    }
    assert_eq!(probes.get("/environment"), (200, String::new()));
}

#[test]
fn an_endless_component_is_a_504_and_others_are_answered_meanwhile() {
    let probes = probes(Limits {
        request_timeout: Duration::from_millis(500),
        ..Limits::default()
    });
    std::thread::scope(|scope| {
        let endless: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| probes.get("/loop")))
            .collect();
        assert_eq!(probes.get("/environment").0, 200);
        for request in endless {
            assert_eq!(
                request.join().unwrap(),
                (504, "The page took too long.\n".to_owned())
            );
        }
    });
}

#[test]
fn more_requests_than_instances_wait_and_then_get_503_with_retry_after() {
    let limits = Limits {
        concurrency: 1,
        queue_timeout: Duration::from_millis(50),
        request_timeout: Duration::from_secs(2),
        ..Limits::default()
    };
    let probes = probes(limits);
    let mut first = probes.connect();
    first
        .write_all(b"GET /loop HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        .unwrap();
    // The slot is taken once requests are refused.
    let refused = loop {
        let answer =
            probes.exchange("GET /environment HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        if !answer.starts_with("HTTP/1.1 200") {
            break answer;
        }
    };
    assert!(refused.starts_with("HTTP/1.1 503"), "{refused}");
    assert!(refused.contains("retry-after: 1"), "{refused}");
    let mut answer = String::new();
    first.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 504"), "{answer}");
    assert_eq!(probes.get("/environment").0, 200);
}

#[test]
fn bodies_of_any_length_arrive_whole() {
    let probes = probes(Limits::default());
    for length in [0, 1, 65_536, 1 << 20, (1 << 20) + 1, 3 << 20, 16 << 20] {
        let answer = probes.exchange(&format!("GET /body?{length} HTTP/1.0\r\nHost: a\r\n\r\n"));
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.0 200"), "{length}: {head}");
        assert_eq!(body.len(), length, "{head}");
        assert!(body.bytes().all(|byte| byte == b'x'), "{length}");
    }
}

#[test]
fn a_stream_that_its_component_does_not_finish_is_cut_off() {
    let probes = probes(Limits {
        request_timeout: Duration::from_millis(500),
        ..Limits::default()
    });
    let answer = probes.exchange("GET /loop-while-streaming HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(
        answer.starts_with("HTTP/1.1 200"),
        "{}",
        &answer[..80.min(answer.len())]
    );
    assert!(
        !answer.ends_with("0\r\n\r\n"),
        "an unfinished body looks finished"
    );
    assert_eq!(probes.get("/environment").0, 200);
}

#[test]
fn what_a_component_did_not_finish_never_looks_finished() {
    let probes = probes(Limits::default());
    let get = |path: &str| {
        probes.exchange(&format!(
            "GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        ))
    };
    for path in ["/trap-after?10", "/declare?20,10", "/declare?10,20"] {
        let answer = get(path);
        assert!(answer.starts_with("HTTP/1.1 500"), "{path}: {answer}");
    }
    let answer = get("/trap-after?3145728");
    assert!(answer.starts_with("HTTP/1.1 200"));
    assert!(
        !answer.ends_with("0\r\n\r\n"),
        "an unfinished body looks finished"
    );
    let answer = get("/declare?10,10");
    assert!(answer.ends_with("\r\n\r\nxxxxxxxxxx"), "{answer}");
}

#[test]
fn the_head_of_a_response_is_passed_on_without_its_body() {
    let probes = probes(Limits::default());
    let answer =
        probes.exchange("HEAD /declare?20,0 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("content-length: 20\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n"), "{answer}");
}

#[test]
fn a_short_body_that_takes_long_is_passed_on_as_it_comes() {
    let probes = probes(Limits::default());
    let answer = probes.exchange("GET /drip HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert!(answer.contains("transfer-encoding: chunked"), "{answer}");
    assert!(
        answer.ends_with("4\r\ndrop\r\n4\r\ndrop\r\n0\r\n\r\n"),
        "{answer}"
    );
}

#[test]
fn a_client_that_leaves_stops_its_instance() {
    let probes = probes(Limits {
        concurrency: 1,
        queue_timeout: Duration::from_millis(50),
        // Nothing but the client's leaving can end the request.
        request_timeout: Duration::from_secs(3600),
        ..Limits::default()
    });
    let mut first = probes.connect();
    first
        .write_all(b"GET /loop HTTP/1.1\r\nHost: a\r\n\r\n")
        .unwrap();
    while probes.get("/environment").0 == 200 {}
    drop(first);
    while probes.get("/environment").0 == 503 {}
}

#[test]
fn a_reader_that_takes_nothing_does_not_hold_its_instance_for_ever() {
    let limits = Limits {
        concurrency: 1,
        request_timeout: Duration::from_millis(300),
        minimum_throughput: 1 << 20,
        queue_timeout: Duration::from_secs(30),
        ..Limits::default()
    };
    let probes = probes(limits);
    let mut idle = probes.connect();
    // More than the buffers of both sockets hold.
    idle.write_all(b"GET /body?67108864 HTTP/1.1\r\nHost: a\r\n\r\n")
        .unwrap();
    let mut start = [0; 16];
    idle.read_exact(&mut start).unwrap();
    assert_eq!(
        probes.get("/environment").0,
        200,
        "the only instance is free again"
    );
}

#[test]
fn request_bodies_reach_the_component_up_to_the_limit() {
    let probes = probes(Limits {
        request_body: 1000,
        ..Limits::default()
    });
    let post = |length: usize| {
        let body = "y".repeat(length);
        probes.send(&format!(
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        ))
    };
    assert_eq!(post(1000), (200, "1000 bytes".to_owned()));
    assert_eq!(post(1001).0, 413);
    let chunked = format!(
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n7d0\r\n{}\r\n0\r\n\r\n",
        "y".repeat(2000)
    );
    let (status, body) = probes.send(&chunked);
    assert_eq!(status, 200);
    assert!(body.contains("failed: "), "{body}");
}

#[test]
fn malformed_and_odd_requests_are_answered_or_refused_without_harm() {
    let probes = probes(Limits::default());
    let large = format!(
        "GET / HTTP/1.1\r\nHost: a\r\nx: {}\r\n\r\n",
        "y".repeat(300 << 10)
    );
    let cases = [
        (
            "GET /environment HTTP/1.1\r\nConnection: close\r\n\r\n",
            "HTTP/1.1 400",
        ),
        ("GET /environment HTTP/1.0\r\n\r\n", "HTTP/1.0 200"),
        (
            "GET http://other.test/environment HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
            "HTTP/1.1 200",
        ),
        (
            "GET /environment HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n",
            "HTTP/1.1 400",
        ),
        (
            "GET /environment HTTP/1.1\r\nHost: user@a\r\nConnection: close\r\n\r\n",
            "HTTP/1.1 400",
        ),
        (
            "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n",
            "HTTP/1.1 501",
        ),
        (
            "OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
            "HTTP/1.1 ",
        ),
        ("GET / HTTP/1.1\r\nno colon\r\n\r\n", "HTTP/1.1 400"),
        ("nonsense\r\n\r\n", "HTTP/1.1 400"),
        (large.as_str(), "HTTP/1.1 431"),
    ];
    for (request, expected) in cases {
        let answer = probes.exchange(request);
        assert!(
            answer.starts_with(expected),
            "{:?}: {answer}",
            &request[..40.min(request.len())]
        );
    }
    assert_eq!(probes.get("/environment").0, 200);
}

#[test]
fn requests_of_one_connection_are_answered_in_order() {
    let probes = probes(Limits::default());
    let one = "GET /environment HTTP/1.1\r\nHost: a\r\n\r\n";
    let last = "GET /absent HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let answer = probes.exchange(&format!("{one}{one}{last}"));
    assert_eq!(answer.matches("HTTP/1.1 200").count(), 3, "{answer}");
    assert!(answer.ends_with("no `absent`"), "{answer}");
}

#[test]
fn a_server_that_is_told_to_end_answers_what_it_has_begun() {
    let mut probes = probes(Limits {
        request_timeout: Duration::from_secs(1),
        ..Limits::default()
    });
    let mut begun = probes.connect();
    begun
        .write_all(b"GET /body?33554432 HTTP/1.1\r\nHost: a\r\n\r\n")
        .unwrap();
    let mut start = [0; 16];
    begun.read_exact(&mut start).unwrap();
    probes.stop();
    let mut rest = Vec::new();
    begun.read_to_end(&mut rest).unwrap();
    assert!(rest.len() > 33_554_432, "{} bytes", rest.len());
    assert!(rest.ends_with(b"0\r\n\r\n"));
    assert_eq!(probes.drained(), Drained::All);
}
