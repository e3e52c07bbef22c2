//! What is answered from what is stored of components that are not bart's, to whom, and until what changes it.

use engine::Caching::{Bypass, Hit, Miss};

use crate::caching::{Cached, Fields};

/// Stored for a minute.
const MINUTE: &str = "probe-field: cache-control: max-age=60";

#[test]
fn what_was_made_anew_on_request_takes_the_place_of_what_was_stored() {
    let cached = Cached::new();
    let old = cached.get("/scripted/page", &[MINUTE]);
    let new = cached.get("/scripted/page", &[MINUTE, "cache-control: no-cache"]);
    assert_ne!(old.body, new.body);
    assert_eq!(cached.get("/scripted/page", &[]).body, new.body);
}

#[test]
fn the_whole_address_and_the_fields_of_vary_as_they_are_sent_tell_requests_apart() {
    let cached = Cached::new();
    let vary = "probe-field: vary: Accept-Encoding, x-a";
    let cases: &[(&str, &str, Fields<'_>, bool)] = &[
        (
            "the same",
            "a?b",
            &["accept-encoding: gzip, br", "x-a: 1"],
            true,
        ),
        (
            "another query",
            "a?c",
            &["accept-encoding: gzip, br", "x-a: 1"],
            false,
        ),
        (
            "no query",
            "a",
            &["accept-encoding: gzip, br", "x-a: 1"],
            false,
        ),
        (
            "another spelling",
            "a?b",
            &["accept-encoding: br, gzip", "x-a: 1"],
            false,
        ),
        (
            "another value",
            "a?b",
            &["accept-encoding: gzip, br", "x-a: 2"],
            false,
        ),
        ("no value", "a?b", &["accept-encoding: gzip, br"], false),
        (
            "an empty value",
            "a?b",
            &["accept-encoding: gzip, br", "x-a: "],
            false,
        ),
        (
            "other fields",
            "a?b",
            &["accept-encoding: gzip, br", "x-a: 1", "x-b: 1"],
            true,
        ),
        (
            "another host",
            "a?b",
            &["accept-encoding: gzip, br", "x-a: 1", "host: b"],
            false,
        ),
    ];
    let stored = &[MINUTE, vary, "accept-encoding: gzip, br", "x-a: 1"];
    let first = cached.get("/scripted/a?b", stored);
    for (name, path, fields, shared) in cases {
        let path = format!("/scripted/{path}");
        let second = cached.get(&path, &[&[MINUTE, vary], *fields].concat());
        assert_eq!(second.caching == Hit, *shared, "{name}");
        assert_eq!(second.body == first.body, *shared, "{name}");
    }
    assert_eq!(cached.get("/scripted/a?b", stored).body, first.body);
}

#[test]
fn validators_and_ranges_of_what_is_stored_are_honoured() {
    let script = [
        MINUTE,
        "probe-body: 0123456789",
        "probe-field: last-modified: Thu, 01 Jan 2015 00:00:00 GMT",
        "probe-field: accept-ranges: bytes",
    ];
    let cases: &[(&str, Fields<'_>, u16, &str)] = &[
        ("GET", &[], 200, "0123456789"),
        ("HEAD", &[], 200, ""),
        (
            "GET",
            &["if-modified-since: Thu, 01 Jan 2015 00:00:00 GMT"],
            304,
            "",
        ),
        (
            "GET",
            &["if-modified-since: Thu, 01 Jan 2026 00:00:00 GMT"],
            304,
            "",
        ),
        (
            "GET",
            &["if-modified-since: Thu, 01 Jan 2014 00:00:00 GMT"],
            200,
            "0123456789",
        ),
        ("GET", &["if-modified-since: yesterday"], 200, "0123456789"),
        (
            "GET",
            &[
                "if-modified-since: Thu, 01 Jan 2026 00:00:00 GMT",
                "if-none-match: \"a\"",
            ],
            200,
            "0123456789",
        ),
        ("GET", &["range: bytes=1-2"], 206, "12"),
        ("GET", &["range: bytes=20-"], 416, ""),
    ];
    let cached = Cached::new();
    assert_eq!(cached.get("/scripted/page", &script).caching, Miss);
    cached.wait(7);
    for (method, fields, status, body) in cases {
        let answer = cached.send(method, "/scripted/page", fields);
        assert_eq!(answer.caching, Hit, "{method} {fields:?}");
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (*status, *body),
            "{method} {fields:?}"
        );
        assert_eq!(answer.field("age"), Some("7"), "{method} {fields:?}");
    }
}

#[test]
fn a_component_that_is_not_ours_gets_each_request_as_it_was_sent() {
    let cached = Cached::new();
    for fields in [
        &["if-none-match: \"a\""][..],
        &["range: bytes=0-1"],
        &["if-match: \"a\""],
    ] {
        let shown = cached.get("/headers", fields);
        assert!(shown.body.contains(fields[0]), "{}", shown.body);
    }
    // A response to a condition that did not hold is whole.
    let condition = [MINUTE, "if-none-match: \"a\""];
    assert_eq!(cached.get("/scripted/a", &condition).caching, Miss);
    assert_eq!(cached.get("/scripted/a", &[]).caching, Hit);
    let range = [MINUTE, "range: bytes=0-1"];
    assert_eq!(cached.get("/scripted/b", &range).caching, Bypass);
    assert_eq!(
        cached.send("HEAD", "/scripted/c", &[MINUTE]).caching,
        Bypass
    );
    assert_eq!(cached.get("/scripted/c", &[MINUTE]).caching, Miss);
}

#[test]
fn a_change_makes_what_was_stored_of_its_address_invalid() {
    let cases = [
        ("POST", "200", true),
        ("PUT", "201", true),
        ("DELETE", "204", true),
        ("PATCH", "303", true),
        ("UNHEARD-OF", "200", true),
        ("POST", "400", false),
        ("POST", "500", false),
        ("OPTIONS", "200", false),
        ("TRACE", "200", false),
    ];
    let cached = Cached::new();
    for (number, (method, status, invalid)) in cases.into_iter().enumerate() {
        let path = format!("/scripted/{number}");
        let first = cached.get(&path, &[MINUTE]);
        let status = format!("probe-status: {status}");
        let change = cached.send(method, &path, &[&status, "content-length: 0"]);
        assert_eq!(change.caching, Bypass, "{method} {status}");
        let second = cached.get(&path, &[MINUTE]);
        assert_eq!(second.caching == Miss, invalid, "{method} {status}");
        assert_eq!(second.body != first.body, invalid, "{method} {status}");
    }
}

#[test]
fn a_change_makes_what_was_stored_of_the_addresses_that_it_names_invalid() {
    let cases = [
        ("location: /scripted/named", true),
        ("content-location: /scripted/named", true),
        ("location: named", true),
        ("location: http://probe.test/scripted/named", true),
        ("location: https://probe.test/scripted/named", true),
        // Nobody may say of another host what is over there.
        ("location: http://other.test/scripted/named", false),
        ("location: http://probe.test:81/scripted/named", false),
        ("location: //other.test/scripted/named", false),
        ("location: /scripted/another", false),
        ("location: http://[", false),
        ("link: </scripted/named>", false),
    ];
    let cached = Cached::new();
    let named = "/scripted/named";
    for (field, invalid) in cases {
        let first = cached.get(named, &[MINUTE]);
        let field = format!("probe-field: {field}");
        cached.send("POST", "/scripted/list", &[&field, "content-length: 0"]);
        let second = cached.get(named, &[MINUTE]);
        assert_eq!(second.body != first.body, invalid, "{field}");
    }
}
