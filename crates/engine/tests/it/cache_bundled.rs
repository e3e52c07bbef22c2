//! The response cache in front of bart's own components, whose internal field decides.

use engine::Caching::{Bypass, Hit, Miss};

use crate::caching::{Cached, Fields};

/// Stored as long as the release.
const RELEASE: &str = "probe-field: bart-cache-control: release";

#[test]
fn the_internal_field_decides_what_is_stored() {
    let cached = Cached::new();
    let cases: &[(&str, Fields<'_>, bool)] = &[
        ("release", &[RELEASE], true),
        (
            "release-query",
            &["probe-field: bart-cache-control: release, key-query, key-authority"],
            true,
        ),
        (
            "seconds",
            &["probe-field: bart-cache-control: max-age=60"],
            true,
        ),
        (
            "no-seconds",
            &["probe-field: bart-cache-control: max-age=0"],
            false,
        ),
        (
            "no-store",
            &["probe-field: bart-cache-control: no-store"],
            false,
        ),
        (
            "absent",
            &["probe-field: cache-control: public, max-age=600"],
            false,
        ),
        (
            "malformed",
            &["probe-field: bart-cache-control: for ever"],
            false,
        ),
        ("twice", &[RELEASE, RELEASE], false),
        ("cookie", &[RELEASE, "probe-field: set-cookie: a=b"], false),
        (
            "challenge",
            &[RELEASE, "probe-field: www-authenticate: Basic"],
            false,
        ),
        ("401", &[RELEASE, "probe-status: 401"], false),
        ("404", &[RELEASE, "probe-status: 404"], true),
        ("410", &[RELEASE, "probe-status: 410"], true),
        ("301", &[RELEASE, "probe-status: 301"], true),
        ("302", &[RELEASE, "probe-status: 302"], true),
        ("303", &[RELEASE, "probe-status: 303"], true),
        ("307", &[RELEASE, "probe-status: 307"], true),
        ("308", &[RELEASE, "probe-status: 308"], true),
        ("206", &[RELEASE, "probe-status: 206"], false),
        ("405", &[RELEASE, "probe-status: 405"], false),
        ("500", &[RELEASE, "probe-status: 500"], false),
        ("503", &[RELEASE, "probe-status: 503"], false),
        ("vary-star", &[RELEASE, "probe-field: vary: *"], false),
        (
            "vary-star-2",
            &[RELEASE, "probe-field: vary: accept, *"],
            false,
        ),
        ("vary-range", &[RELEASE, "probe-field: vary: range"], false),
        (
            "vary-condition",
            &[RELEASE, "probe-field: vary: If-None-Match"],
            false,
        ),
        (
            "vary-many",
            &[RELEASE, "probe-field: vary: a, b, c, d, e, f, g, h, i"],
            false,
        ),
        (
            "vary-none",
            &[RELEASE, "probe-field: vary: accept, cookie"],
            true,
        ),
        // What clients and caches further out are told is another matter.
        (
            "private",
            &[RELEASE, "probe-field: cache-control: private, no-store"],
            true,
        ),
        (
            "refuses",
            &[
                RELEASE,
                "cache-control: no-store, no-cache, max-age=0, only-if-cached",
                "pragma: no-cache",
            ],
            true,
        ),
        ("authorized", &[RELEASE, "authorization: Basic YTpi"], true),
    ];
    for (name, fields, stored) in cases {
        let path = format!("/own/scripted/{name}");
        let first = cached.get(&path, fields);
        let second = cached.get(&path, fields);
        assert_eq!(first.field("bart-cache-control"), None, "{name}");
        assert_eq!(second.field("bart-cache-control"), None, "{name}");
        let expected = if *stored {
            (Miss, Hit)
        } else {
            (Bypass, Bypass)
        };
        assert_eq!((first.caching, second.caching), expected, "{name}");
        assert_eq!(first.body == second.body, *stored, "{name}");
        assert_eq!(first.status, second.status, "{name}");
    }
}

#[test]
fn what_a_response_depends_on_tells_requests_apart_and_nothing_else_does() {
    let cached = Cached::new();
    let keyed = "probe-field: bart-cache-control: release, key-query";
    let hosts = "probe-field: bart-cache-control: release, key-authority";
    let codings = "probe-field: vary: accept-encoding";
    let language = "probe-field: vary: Accept-Language";
    let cases: &[(&str, &str, Fields<'_>, &str, Fields<'_>, bool)] = &[
        ("query", "q1?a=1", &[RELEASE], "q1?a=2", &[RELEASE], true),
        ("no query", "q2", &[RELEASE], "q2?a", &[RELEASE], true),
        ("keyed query", "q3?a=1", &[keyed], "q3?a=1", &[keyed], true),
        (
            "another query",
            "q4?a=1",
            &[keyed],
            "q4?a=2",
            &[keyed],
            false,
        ),
        (
            "another order",
            "q5?a=1&b=2",
            &[keyed],
            "q5?b=2&a=1",
            &[keyed],
            false,
        ),
        (
            "another spelling",
            "q6?a=%41",
            &[keyed],
            "q6?a=A",
            &[keyed],
            false,
        ),
        ("an empty query", "q7", &[keyed], "q7?", &[keyed], false),
        (
            "host",
            "h1",
            &[RELEASE, "host: a"],
            "h1",
            &[RELEASE, "host: b"],
            true,
        ),
        (
            "keyed host",
            "h2",
            &[hosts, "host: a"],
            "h2",
            &[hosts, "host: b"],
            false,
        ),
        (
            "keyed port",
            "h3",
            &[hosts, "host: a:1"],
            "h3",
            &[hosts, "host: a:2"],
            false,
        ),
        (
            "the same host",
            "h4?x",
            &[hosts, "host: a"],
            "h4?y",
            &[hosts, "host: a"],
            true,
        ),
        (
            "cookies",
            "c1",
            &[RELEASE, "cookie: a=1"],
            "c1",
            &[RELEASE, "cookie: a=2"],
            true,
        ),
        (
            "user agents",
            "c2",
            &[RELEASE, "user-agent: a"],
            "c2",
            &[RELEASE, "user-agent: b"],
            true,
        ),
        (
            "spellings of codings",
            "e1",
            &[RELEASE, codings, "accept-encoding: gzip, br"],
            "e1",
            &[RELEASE, codings, "accept-encoding: br;q=1.0,gzip"],
            true,
        ),
        (
            "unknown codings",
            "e2",
            &[RELEASE, codings, "accept-encoding: gzip, deflate"],
            "e2",
            &[RELEASE, codings, "accept-encoding: gzip"],
            true,
        ),
        (
            "codings",
            "e3",
            &[RELEASE, codings, "accept-encoding: gzip"],
            "e3",
            &[RELEASE, codings, "accept-encoding: br"],
            false,
        ),
        (
            "no codings",
            "e4",
            &[RELEASE, codings],
            "e4",
            &[RELEASE, codings, "accept-encoding: br"],
            false,
        ),
        (
            "refused codings",
            "e5",
            &[RELEASE, codings, "accept-encoding: br;q=0"],
            "e5",
            &[RELEASE, codings],
            true,
        ),
        (
            "codings that a template reads",
            "e6",
            &[RELEASE, codings, codings, "accept-encoding: gzip,br"],
            "e6",
            &[RELEASE, codings, codings, "accept-encoding: br,gzip"],
            false,
        ),
        (
            "languages",
            "l1",
            &[RELEASE, language, "accept-language: de"],
            "l1",
            &[RELEASE, language, "accept-language: en"],
            false,
        ),
        (
            "the same language",
            "l2",
            &[RELEASE, language, "accept-language: de"],
            "l2",
            &[RELEASE, language, "accept-language: de"],
            true,
        ),
        (
            "a language and none",
            "l3",
            &[RELEASE, language],
            "l3",
            &[RELEASE, language, "accept-language: de"],
            false,
        ),
        (
            "an empty field and none",
            "l4",
            &[RELEASE, language],
            "l4",
            &[RELEASE, language, "accept-language: "],
            false,
        ),
        (
            "two lines and one",
            "l5",
            &[
                RELEASE,
                language,
                "accept-language: a",
                "accept-language: b",
            ],
            "l5",
            &[RELEASE, language, "accept-language: ab"],
            false,
        ),
        ("encoded paths", "p%61", &[RELEASE], "pa", &[RELEASE], false),
        (
            "encoded slashes",
            "p/b",
            &[RELEASE],
            "p%2fb",
            &[RELEASE],
            false,
        ),
        (
            "cases of encoding",
            "p%2fc",
            &[RELEASE],
            "p%2Fc",
            &[RELEASE],
            false,
        ),
        ("dots", "p/./d", &[RELEASE], "p/d", &[RELEASE], false),
        (
            "more dots",
            "p/x/../e",
            &[RELEASE],
            "p/e",
            &[RELEASE],
            false,
        ),
        ("slashes", "p//f", &[RELEASE], "p/f", &[RELEASE], false),
        (
            "slashes at the end",
            "p/g/",
            &[RELEASE],
            "p/g",
            &[RELEASE],
            false,
        ),
        ("letters", "p/H", &[RELEASE], "p/h", &[RELEASE], false),
        (
            "question marks",
            "p/i%3fa",
            &[RELEASE],
            "p/i?a",
            &[RELEASE],
            false,
        ),
    ];
    for (name, path, fields, other_path, other_fields, shared) in cases {
        let path = format!("/own/scripted/{path}");
        let other_path = format!("/own/scripted/{other_path}");
        let first = cached.get(&path, fields);
        let other = cached.get(&other_path, other_fields);
        assert_eq!(first.caching, Miss, "{name}");
        assert_eq!(other.caching, if *shared { Hit } else { Miss }, "{name}");
        assert_eq!(first.body == other.body, *shared, "{name}");
        // Neither is in the way of the other.
        assert_eq!(cached.get(&path, fields).body, first.body, "{name}");
        assert_eq!(
            cached.get(&other_path, other_fields).body,
            other.body,
            "{name}"
        );
    }
}
