//! The response cache in front of components that are not bart's: RFC 9111 for a shared cache, explicit freshness alone.
//!
//! Each row has a script for the origin, two requests, and whether the second reached it. `cargo xtask http-cache` runs the public tests.

use engine::Caching::{Bypass, Hit, Miss};

use crate::caching::{Cached, Fields};

/// Stored for a minute.
const MINUTE: &str = "probe-field: cache-control: max-age=60";

#[test]
fn only_explicit_freshness_for_everyone_is_stored() {
    let cases: &[(&str, Fields<'_>, bool)] = &[
        ("max-age", &[MINUTE], true),
        (
            "upper case",
            &["probe-field: Cache-Control: MAX-AGE=60"],
            true,
        ),
        (
            "s-maxage",
            &["probe-field: cache-control: s-maxage=60, max-age=0"],
            true,
        ),
        (
            "s-maxage=0",
            &["probe-field: cache-control: s-maxage=0, max-age=60"],
            false,
        ),
        (
            "expires",
            &[
                "probe-field: date: Thu, 01 Jan 2026 00:00:00 GMT",
                "probe-field: expires: Thu, 01 Jan 2026 00:01:00 GMT",
            ],
            true,
        ),
        (
            "expired",
            &["probe-field: expires: Thu, 01 Jan 2015 00:00:00 GMT"],
            false,
        ),
        ("expires: 0", &["probe-field: expires: 0"], false),
        (
            "max-age over expires",
            &[
                "probe-field: cache-control: max-age=0",
                "probe-field: expires: Fri, 01 Jan 2027 00:00:00 GMT",
            ],
            false,
        ),
        ("nothing", &[], false),
        (
            "public alone",
            &["probe-field: cache-control: public"],
            false,
        ),
        (
            "immutable alone",
            &["probe-field: cache-control: immutable"],
            false,
        ),
        (
            "a guess from last-modified",
            &["probe-field: last-modified: Thu, 01 Jan 2015 00:00:00 GMT"],
            false,
        ),
        (
            "max-age=0",
            &["probe-field: cache-control: max-age=0"],
            false,
        ),
        (
            "negative",
            &["probe-field: cache-control: max-age=-1"],
            false,
        ),
        (
            "no number",
            &["probe-field: cache-control: max-age=a"],
            false,
        ),
        (
            "quoted",
            &["probe-field: cache-control: max-age=\"60\""],
            false,
        ),
        (
            "hidden in quotes",
            &["probe-field: cache-control: x=\"a, max-age=60\""],
            false,
        ),
        (
            "no-store",
            &["probe-field: cache-control: max-age=60, no-store"],
            false,
        ),
        (
            "NO-STORE",
            &["probe-field: cache-control: max-age=60, No-Store"],
            false,
        ),
        (
            "no-store on a line of its own",
            &[MINUTE, "probe-field: cache-control: no-store"],
            false,
        ),
        (
            "no-cache",
            &["probe-field: cache-control: max-age=60, no-cache"],
            false,
        ),
        (
            "no-cache for a field",
            &["probe-field: cache-control: max-age=60, no-cache=\"a\""],
            false,
        ),
        (
            "private",
            &["probe-field: cache-control: private, max-age=60"],
            false,
        ),
        (
            "Private for a field",
            &["probe-field: cache-control: max-age=60, Private=\"a\""],
            false,
        ),
        (
            "must-revalidate",
            &["probe-field: cache-control: max-age=60, must-revalidate"],
            true,
        ),
        ("cookie", &[MINUTE, "probe-field: set-cookie: a=b"], false),
        (
            "public cookie",
            &[
                "probe-field: cache-control: public, max-age=60",
                "probe-field: set-cookie: a=b",
            ],
            false,
        ),
        ("older than fresh", &[MINUTE, "probe-field: age: 60"], false),
        ("younger", &[MINUTE, "probe-field: age: 30"], true),
        (
            "an age beyond all clocks",
            &[MINUTE, "probe-field: age: 18446744073709551615"],
            false,
        ),
        (
            "two ages",
            &[MINUTE, "probe-field: age: 1", "probe-field: age: 2"],
            false,
        ),
        ("404", &[MINUTE, "probe-status: 404"], true),
        ("410", &[MINUTE, "probe-status: 410"], true),
        ("302", &[MINUTE, "probe-status: 302"], true),
        ("206", &[MINUTE, "probe-status: 206"], false),
        ("500", &[MINUTE, "probe-status: 500"], false),
        ("an unknown status", &[MINUTE, "probe-status: 299"], false),
        ("vary: *", &[MINUTE, "probe-field: vary: *"], false),
        (
            "authorization",
            &[MINUTE, "authorization: Basic YTpi"],
            false,
        ),
        (
            "public authorization",
            &[
                "probe-field: cache-control: public, max-age=60",
                "authorization: Basic YTpi",
            ],
            true,
        ),
        (
            "shared authorization",
            &[
                "probe-field: cache-control: s-maxage=60",
                "authorization: Basic YTpi",
            ],
            true,
        ),
        (
            "request no-store",
            &[MINUTE, "cache-control: no-store"],
            false,
        ),
        (
            "request NO-STORE",
            &[MINUTE, "cache-control: NO-STORE"],
            false,
        ),
        // The internal field is the word of bart's own components alone.
        (
            "bart-cache-control",
            &["probe-field: bart-cache-control: release"],
            false,
        ),
        (
            "bart-cache-control beside",
            &["probe-field: bart-cache-control: no-store", MINUTE],
            true,
        ),
    ];
    let cached = Cached::new();
    for (number, (name, fields, stored)) in cases.iter().enumerate() {
        let path = format!("/scripted/{number}");
        let first = cached.get(&path, fields);
        let second = cached.get(&path, fields);
        let expected = if *stored {
            (Miss, Hit)
        } else {
            (Bypass, Bypass)
        };
        assert_eq!((first.caching, second.caching), expected, "{name}");
        assert_eq!(first.body == second.body, *stored, "{name}");
        assert_eq!(second.field("bart-cache-control"), None, "{name}");
        assert_eq!(first.status, second.status, "{name}");
    }
}

#[test]
fn requests_say_what_they_take_of_what_is_stored() {
    let stale = 504;
    let cases: &[(&str, Fields<'_>, u64, Fields<'_>, Option<u16>)] = &[
        ("nothing", &[MINUTE], 59, &[], None),
        ("over", &[MINUTE], 60, &[], Some(200)),
        (
            "no-cache",
            &[MINUTE],
            0,
            &["cache-control: no-cache"],
            Some(200),
        ),
        (
            "No-Cache",
            &[MINUTE],
            0,
            &["cache-control: No-Cache"],
            Some(200),
        ),
        ("pragma", &[MINUTE], 0, &["pragma: no-cache"], Some(200)),
        ("another pragma", &[MINUTE], 0, &["pragma: x"], None),
        (
            "max-age",
            &[MINUTE],
            20,
            &["cache-control: max-age=10"],
            Some(200),
        ),
        (
            "max-age=0",
            &[MINUTE],
            1,
            &["cache-control: max-age=0"],
            Some(200),
        ),
        (
            "a longer max-age",
            &[MINUTE],
            20,
            &["cache-control: max-age=30"],
            None,
        ),
        (
            "min-fresh",
            &[MINUTE],
            20,
            &["cache-control: min-fresh=50"],
            Some(200),
        ),
        (
            "a shorter min-fresh",
            &[MINUTE],
            20,
            &["cache-control: min-fresh=30"],
            None,
        ),
        (
            "max-stale",
            &[MINUTE],
            70,
            &["cache-control: max-stale=20"],
            None,
        ),
        (
            "any max-stale",
            &[MINUTE],
            7000,
            &["cache-control: max-stale"],
            None,
        ),
        (
            "a shorter max-stale",
            &[MINUTE],
            90,
            &["cache-control: max-stale=20"],
            Some(200),
        ),
        (
            "max-stale of what must be fresh",
            &["probe-field: cache-control: max-age=60, must-revalidate"],
            70,
            &["cache-control: max-stale=20"],
            Some(200),
        ),
        (
            "only-if-cached",
            &[MINUTE],
            0,
            &["cache-control: only-if-cached"],
            None,
        ),
        (
            "only-if-cached of what is over",
            &[MINUTE],
            60,
            &["cache-control: only-if-cached"],
            Some(stale),
        ),
        (
            "only-if-cached of nothing",
            &[],
            0,
            &["cache-control: only-if-cached"],
            Some(stale),
        ),
        (
            "a credential",
            &[MINUTE],
            0,
            &["authorization: Basic YTpi"],
            Some(200),
        ),
        (
            "a credential for what is public",
            &["probe-field: cache-control: public, max-age=60"],
            0,
            &["authorization: Basic YTpi"],
            None,
        ),
        ("a cookie", &[MINUTE], 0, &["cookie: a=b"], None),
        (
            "another host",
            &[MINUTE],
            0,
            &["host: other.test"],
            Some(200),
        ),
        (
            "max-age beyond all clocks",
            &[MINUTE],
            0,
            &["cache-control: max-age=18446744073709551615, min-fresh=0"],
            None,
        ),
        (
            "min-fresh beyond all clocks",
            &[MINUTE],
            0,
            &["cache-control: min-fresh=18446744073709551615"],
            Some(200),
        ),
        (
            "max-stale beyond all clocks",
            &[MINUTE],
            100,
            &["cache-control: max-stale=18446744073709551615"],
            None,
        ),
    ];
    let cached = Cached::new();
    for (number, (name, script, wait, fields, reached)) in cases.iter().enumerate() {
        let path = format!("/scripted/{number}");
        let first = cached.get(&path, script);
        cached.wait(*wait);
        let second = cached.get(&path, &[*script, *fields].concat());
        match reached {
            None => {
                assert_eq!((second.caching, &second.body), (Hit, &first.body), "{name}");
                assert_eq!(
                    second.field("age"),
                    Some(wait.to_string().as_str()),
                    "{name}"
                );
            }
            Some(status) => {
                assert_ne!(second.caching, Hit, "{name}");
                assert_eq!(second.status, *status, "{name}");
                assert_ne!(second.body, first.body, "{name}");
            }
        }
    }
}
