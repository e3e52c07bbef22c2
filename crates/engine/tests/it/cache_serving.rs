//! What is answered from what is stored of bart's own components, and until when.

use engine::Caching::{Bypass, Hit, Miss};

use crate::caching::{Cached, Fields, MANIFEST};

/// Stored as long as the release.
const RELEASE: &str = "probe-field: bart-cache-control: release";

/// Fields that a response has, or has not.
type Wanted<'a> = &'a [(&'a str, Option<&'a str>)];

#[test]
fn a_path_whose_responses_come_to_depend_on_more_is_told_apart_by_all_of_it() {
    let cached = Cached::new();
    let path = "/own/scripted/page?a";
    let language = |value| ["probe-field: vary: accept-language", RELEASE, value];
    let keyed = "probe-field: bart-cache-control: max-age=60, key-query";
    assert_eq!(cached.get(path, &[keyed]).caching, Miss);
    cached.wait(60);
    assert_eq!(
        cached.get(path, &language("accept-language: de")).caching,
        Miss
    );
    assert_eq!(
        cached.get(path, &language("accept-language: de")).caching,
        Hit
    );
    assert_eq!(
        cached.get(path, &language("accept-language: en")).caching,
        Miss
    );
    // The query counted once, so it counts still.
    let other = "/own/scripted/page?b";
    assert_eq!(
        cached.get(other, &language("accept-language: de")).caching,
        Miss
    );
    assert_eq!(
        cached.get(path, &language("accept-language: de")).caching,
        Hit
    );
}

#[test]
fn head_conditions_and_ranges_are_answered_from_the_whole() {
    let tag = "probe-field: etag: \"one\"";
    let ranges = "probe-field: accept-ranges: bytes";
    let body = "probe-body: 0123456789";
    let script = [
        RELEASE,
        tag,
        ranges,
        body,
        "probe-field: cache-control: no-cache",
        "probe-field: content-type: text/x",
    ];
    let cases: &[(&str, Fields<'_>, u16, &str, Wanted<'_>)] = &[
        (
            "GET",
            &[],
            200,
            "0123456789",
            &[("content-length", Some("10")), ("etag", Some("\"one\""))],
        ),
        (
            "HEAD",
            &[],
            200,
            "",
            &[
                ("content-length", Some("10")),
                ("content-type", Some("text/x")),
            ],
        ),
        (
            "GET",
            &["if-none-match: \"one\""],
            304,
            "",
            &[
                ("etag", Some("\"one\"")),
                ("cache-control", Some("no-cache")),
                ("content-type", None),
            ],
        ),
        (
            "GET",
            &["if-none-match: \"two\", W/\"one\""],
            304,
            "",
            &[("etag", Some("\"one\""))],
        ),
        (
            "HEAD",
            &["if-none-match: *"],
            304,
            "",
            &[("etag", Some("\"one\""))],
        ),
        ("GET", &["if-none-match: \"two\""], 200, "0123456789", &[]),
        (
            "GET",
            &["if-match: \"two\""],
            412,
            "",
            &[("content-length", Some("0"))],
        ),
        ("GET", &["if-match: \"one\""], 200, "0123456789", &[]),
        (
            "GET",
            &["if-modified-since: Thu, 01 Jan 2037 00:00:00 GMT"],
            200,
            "0123456789",
            &[],
        ),
        (
            "GET",
            &["range: bytes=2-4"],
            206,
            "234",
            &[
                ("content-range", Some("bytes 2-4/10")),
                ("content-length", Some("3")),
                ("etag", Some("\"one\"")),
            ],
        ),
        (
            "GET",
            &["range: bytes=-3"],
            206,
            "789",
            &[("content-range", Some("bytes 7-9/10"))],
        ),
        (
            "GET",
            &["range: bytes=10-"],
            416,
            "",
            &[("content-range", Some("bytes */10")), ("etag", None)],
        ),
        ("GET", &["range: bytes=0-1,3-4"], 200, "0123456789", &[]),
        (
            "GET",
            &["range: bytes=2-4", "if-range: \"two\""],
            200,
            "0123456789",
            &[],
        ),
        (
            "GET",
            &["range: bytes=2-4", "if-range: \"one\""],
            206,
            "234",
            &[],
        ),
        (
            "GET",
            &["range: bytes=2-4", "if-none-match: \"one\""],
            304,
            "",
            &[],
        ),
        (
            "HEAD",
            &["range: bytes=2-4"],
            200,
            "",
            &[("content-length", Some("10"))],
        ),
    ];
    let cached = Cached::new();
    for (number, (method, fields, status, body, wanted)) in cases.iter().enumerate() {
        // Each once as the first request of its path, and once as the second.
        let fields = [&script[..], fields].concat();
        let has_range = fields.iter().any(|field| field.starts_with("range"));
        for is_first in [true, false] {
            let path = format!("/own/scripted/{number}/{is_first}");
            if !is_first {
                cached.get(&path, &script);
            }
            if is_first && has_range {
                // A file must not be read as a whole for a part of it.
                assert_eq!(
                    cached.send(method, &path, &fields).caching,
                    Bypass,
                    "{number}"
                );
                continue;
            }
            let answer = cached.send(method, &path, &fields);
            let expected = if is_first { Miss } else { Hit };
            assert_eq!(answer.caching, expected, "{number}: {fields:?}");
            assert_eq!(
                (answer.status, answer.body.as_str()),
                (*status, *body),
                "{number}: {fields:?}"
            );
            for (name, value) in *wanted {
                assert_eq!(answer.field(name), *value, "{number}: {name}");
            }
        }
    }
}

#[test]
fn what_is_not_stored_is_answered_as_it_was_asked() {
    let cached = Cached::new();
    let script = [
        "probe-field: bart-cache-control: no-store",
        "probe-body: abc",
    ];
    // The probe knows nothing of conditions, and shows which it got.
    for _ in 0..2 {
        let fields = [&script[..], &["if-none-match: \"one\""]].concat();
        let answer = cached.get("/own/scripted/once", &fields);
        assert_eq!((answer.status, answer.body.as_str()), (200, "abc"));
        let shown = cached.get(
            "/own/headers",
            &["if-none-match: \"one\"", "range: bytes=0-1"],
        );
        assert!(
            shown.body.contains("if-none-match: \"one\""),
            "{}",
            shown.body
        );
        assert!(shown.body.contains("range: bytes=0-1"), "{}", shown.body);
        let shown = cached.get("/own/headers", &["if-none-match: \"one\""]);
        assert_eq!(shown.caching, Bypass);
        assert!(
            shown.body.contains("if-none-match: \"one\""),
            "{}",
            shown.body
        );
    }
}

#[test]
fn only_plain_reads_are_answered_from_the_cache() {
    let cached = Cached::new();
    let path = "/own/scripted/page";
    let stored = cached.get(path, &[RELEASE]);
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "get", "PROPFIND"] {
        let answer = cached.send(method, path, &[RELEASE, "content-length: 0"]);
        assert_eq!(answer.caching, Bypass, "{method}");
        assert_ne!(answer.body, stored.body, "{method}");
    }
    // None of them is in the way of what is stored: bart's own components change nothing.
    assert_eq!(cached.get(path, &[RELEASE]).caching, Hit);
    let chunked = [RELEASE, "transfer-encoding: chunked", "\r\n3\r\nabc\r\n0"];
    assert_eq!(cached.get(path, &chunked).caching, Bypass);
    assert_eq!(
        cached.get(path, &[RELEASE, "content-length: 0"]).caching,
        Hit
    );
}

#[test]
fn what_lives_for_seconds_is_gone_after_them_and_says_its_age() {
    let cached = Cached::new();
    let path = "/own/scripted/minute";
    let minute = [
        "probe-field: bart-cache-control: max-age=60",
        "probe-field: cache-control: max-age=60",
    ];
    let first = cached.get(path, &minute);
    assert_eq!((first.caching, first.field("age")), (Miss, None));
    assert_eq!(cached.get(path, &minute).field("age"), None);
    cached.wait(59);
    let later = cached.get(path, &minute);
    assert_eq!((later.caching, later.field("age")), (Hit, Some("59")));
    assert_eq!(later.body, first.body);
    cached.wait(1);
    let over = cached.get(path, &minute);
    assert_eq!((over.caching, over.field("age")), (Miss, None));
    assert_ne!(over.body, first.body);
    // A clock that goes back says nothing of the age.
    cached.turn_back(10);
    assert_eq!(cached.get(path, &minute).caching, Miss);
}

#[test]
fn a_new_release_starts_empty() {
    let cached = Cached::new();
    let path = "/own/scripted/page";
    let old = cached.get(path, &[RELEASE]);
    assert_eq!(cached.get(path, &[RELEASE]).body, old.body);
    let release = cached.probes.current.load().unwrap();
    assert!(release.cache_usage().unwrap().bytes > 0);
    cached.probes.replace(MANIFEST);
    let new = cached.get(path, &[RELEASE]);
    assert_eq!(new.caching, Miss);
    assert_ne!(new.body, old.body);
}

#[test]
fn bodies_that_stream_are_not_stored_and_shorter_ones_are() {
    let cached = Cached::new();
    let long = "x".repeat(60_000);
    let body = format!("probe-body: {long}");
    assert_eq!(
        cached.get("/own/scripted/short", &[RELEASE, &body]).caching,
        Miss
    );
    assert_eq!(cached.get("/own/scripted/short", &[RELEASE]).body, long);
    let before = cached.probes.current.load().unwrap().cache_usage().unwrap();
    let answer = cached.get("/own/body?2000000", &[]);
    assert_eq!((answer.caching, answer.status), (Bypass, 200));
    let after = cached.probes.current.load().unwrap().cache_usage().unwrap();
    assert!(after.bytes < before.bytes + 1000, "{before:?} {after:?}");
}

#[test]
fn calls_to_self_are_not_answered_from_the_cache() {
    let cached = Cached::new();
    // `headers` is stored by nobody; through self each call runs it anew, and the internal field is never seen.
    let first = cached.get("/own/fetch?http://self/own/scripted/page", &[]);
    let second = cached.get("/own/fetch?http://self/own/scripted/page", &[]);
    assert_eq!((first.status, second.status), (200, 200));
    assert!(first.body.starts_with("200 made by"), "{}", first.body);
    assert_ne!(first.body, second.body);
}
