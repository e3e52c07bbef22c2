//! HTTP/1.1 byte by byte: what is answered, what is refused, and where a connection ends.

use std::fmt::Write as _;
use std::io::{Read, Write};

use engine::Limits;

use crate::probe::{MANIFEST, Probes, serve};

/// A second request on a connection that goes on; only its answer has `last` as its body.
const LAST: &str = "GET /nothing-last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

fn probes() -> Probes {
    serve(MANIFEST, Limits::default())
}

/// The statuses of the responses in `answer`.
fn statuses(answer: &str) -> Vec<&str> {
    answer
        .match_indices("HTTP/1.1 ")
        .map(|(at, _)| &answer[at + 9..at + 12])
        .collect()
}

#[test]
fn what_could_be_read_in_two_ways_is_refused_and_ends_the_connection() {
    let probes = probes();
    let post = |fields: &str, body: &str| {
        format!("POST /echo HTTP/1.1\r\nHost: a\r\n{fields}\r\n{body}{LAST}")
    };
    let cases = [
        post("Content-Length: 5\r\nContent-Length: 6\r\n", "12345"),
        post("Content-Length: 5, 5\r\n", "12345"),
        post("Content-Length: +5\r\n", "12345"),
        post("Content-Length: -5\r\n", "12345"),
        post("Content-Length: 0x5\r\n", "12345"),
        post("Content-Length: 5 5\r\n", "12345"),
        post("Content-Length:\r\n", "12345"),
        post("Content-Length: 99999999999999999999\r\n", "12345"),
        post("Transfer-Encoding: identity\r\n", "12345"),
        post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"),
        post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"),
        post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"),
        post("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n"),
        post("x: a\r\n b\r\n", ""),
        post(" x: a\r\n", ""),
        post("x\x00: a\r\n", ""),
        post("x: a\x00\r\n", ""),
        post("x: a\rb\r\n", ""),
        post("no colon\r\n", ""),
        post(": no name\r\n", ""),
        format!(
            "POST /echo HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{LAST}"
        ),
        format!("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n{LAST}"),
        format!("GET  /fixed HTTP/1.1\r\nHost: a\r\n\r\n{LAST}"),
        format!("GET /fixed HTTP/1.2\r\nHost: a\r\n\r\n{LAST}"),
        format!("GET /fixed HTTP/2.0\r\nHost: a\r\n\r\n{LAST}"),
        format!("GET /fixed\r\n\r\n{LAST}"),
        format!("G\u{e9}T /fixed HTTP/1.1\r\nHost: a\r\n\r\n{LAST}"),
        format!("GET /fixed HTTP/1.1\r\nHost: a/b\r\n\r\n{LAST}"),
        format!("GET http://user@a/fixed HTTP/1.1\r\nHost: a\r\n\r\n{LAST}"),
    ];
    for request in cases {
        let answer = probes.exchange(&request);
        assert_eq!(statuses(&answer), ["400"], "{request:?}: {answer}");
    }
}

#[test]
fn a_length_besides_chunks_does_not_count_and_is_the_last_word_on_the_connection() {
    let probes = probes();
    // A proxy that believed the length would take the second request for a part of the first (RFC 9112 section 6.1).
    for fields in [
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 4\r\nContent-Length: 7\r\n",
    ] {
        let answer = probes.exchange(&format!(
            "POST /echo HTTP/1.1\r\nHost: a\r\n{fields}\r\n3\r\nabc\r\n0\r\n\r\n{LAST}"
        ));
        assert_eq!(statuses(&answer), ["200"], "{fields:?}: {answer}");
        assert!(answer.ends_with("3 bytes"), "{fields:?}: {answer}");
    }
}

#[test]
fn broken_chunks_never_become_a_request() {
    let probes = probes();
    for body in [
        "3\nabc\r\n0\r\n\r\n",
        "3\r\nabcd\r\n0\r\n\r\n",
        "g\r\nabc\r\n0\r\n\r\n",
        "-3\r\nabc\r\n0\r\n\r\n",
        "ffffffffffffffffff\r\nabc\r\n0\r\n\r\n",
        "3\r\nabc\n0\r\n\r\n",
    ] {
        let answer = probes.exchange(&format!(
            "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{body}{LAST}"
        ));
        assert!(!answer.contains("no `nothing-last`"), "{body:?}: {answer}");
    }
}

#[test]
fn heads_have_limits() {
    let probes = probes();
    let fields = |count: usize| {
        (0..count).fold(String::new(), |mut text, number| {
            write!(text, "x-{number}: y\r\n").unwrap();
            text
        })
    };
    let get = |target: &str, fields: &str| {
        format!("GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{fields}\r\n")
    };
    let long = |length: usize| format!("/fixed?{}", "q".repeat(length - "/fixed?".len()));
    let cases = [
        ("98 fields", get("/fixed", &fields(98)), "200"),
        ("200 fields", get("/fixed", &fields(200)), "431"),
        (
            "a large field",
            get("/fixed", &format!("x: {}\r\n", "y".repeat(60 << 10))),
            "200",
        ),
        (
            "one too large",
            get("/fixed", &format!("x: {}\r\n", "y".repeat(80 << 10))),
            "431",
        ),
        ("a long target", get(&long(8 << 10), ""), "200"),
        ("one too long", get(&long((8 << 10) + 1), ""), "414"),
    ];
    for (name, request, expected) in cases {
        let answer = probes.exchange(&request);
        assert_eq!(statuses(&answer), [expected], "{name}: {answer}");
    }
}

#[test]
fn requests_in_one_piece_and_in_single_bytes_are_answered_in_order() {
    let probes = probes();
    let several = format!(
        "\r\nGET /fixed HTTP/1.1\r\nHost: a\r\n\r\n\
         POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nGET /\
         HEAD /fixed HTTP/1.1\r\nHost: a\r\n\r\n\
         POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nab\r\n0\r\nt: v\r\n\r\n\
         GET /fixed HTTP/1.1\r\nHost: a\r\n\r\n{LAST}"
    );
    let whole = probes.exchange(&several);
    let mut stream = probes.connect();
    stream.set_nodelay(true).unwrap();
    for byte in several.as_bytes() {
        stream.write_all(&[*byte]).unwrap();
    }
    let mut in_bytes = String::new();
    stream.read_to_string(&mut in_bytes).unwrap();
    for answer in [whole, in_bytes] {
        assert_eq!(statuses(&answer), ["200"; 6], "{answer}");
        let bodies: Vec<&str> = ["5 bytes", "2 bytes", "no `nothing-last`"]
            .into_iter()
            .filter(|body| answer.contains(body))
            .collect();
        assert_eq!(bodies.len(), 3, "{answer}");
        assert_eq!(answer.matches("\r\n\r\nfixed").count(), 2, "{answer}");
        assert!(answer.ends_with("no `nothing-last`"), "{answer}");
    }
}

#[test]
fn http_1_0_ends_with_its_answer_unless_the_client_wants_more() {
    let probes = probes();
    let answer = probes.exchange(&format!("GET /fixed HTTP/1.0\r\n\r\n{LAST}"));
    assert_eq!(answer.matches("fixed").count(), 1, "{answer}");
    let answer = probes.exchange(&format!(
        "GET /fixed HTTP/1.0\r\nConnection: keep-alive\r\n\r\n{LAST}"
    ));
    assert!(answer.contains("connection: keep-alive\r\n"), "{answer}");
    assert!(answer.ends_with("no `nothing-last`"), "{answer}");
}

#[test]
fn a_client_that_asks_before_it_sends_is_told_to_go_on_or_not_to() {
    let probes = serve(
        MANIFEST,
        Limits {
            request_body: 1000,
            ..Limits::default()
        },
    );
    let head = |length: usize| {
        format!(
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
        )
    };
    let mut stream = probes.begin(head(5).as_bytes());
    let mut interim = [0; 25];
    stream.read_exact(&mut interim).unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"12345").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.ends_with("5 bytes"), "{answer}");
    let answer = probes.exchange(&head(1001));
    assert_eq!(statuses(&answer), ["413"], "{answer}");
}

#[test]
fn a_body_that_nobody_reads_is_not_taken_for_a_request() {
    let probes = probes();
    let hidden = "GET /nothing-hidden HTTP/1.1\r\nHost: a\r\n\r\n";
    let answer = probes.exchange(&format!(
        "POST /fixed HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{hidden}{LAST}",
        hidden.len()
    ));
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(!answer.contains("hidden"), "{answer}");
}
