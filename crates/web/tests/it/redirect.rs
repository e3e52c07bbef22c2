//! Redirects.

use http::Method;
use http::header::LOCATION;
use web::redirect::Redirect;

use crate::variables;

#[test]
fn the_status_is_one_of_a_redirect() {
    for (configured, method, status) in [
        (None, Method::GET, 302),
        (Some("301"), Method::GET, 301),
        (Some("301"), Method::DELETE, 301),
        (Some("302"), Method::GET, 302),
        (Some("307"), Method::POST, 307),
        (Some("308"), Method::GET, 308),
        (Some(" 308 "), Method::GET, 308),
        (Some("303"), Method::POST, 303),
        (Some("303"), Method::PUT, 303),
        (Some("303"), Method::GET, 302),
        (Some("303"), Method::PATCH, 302),
        (Some("200"), Method::GET, 302),
        (Some("304"), Method::GET, 302),
        (Some("99999"), Method::GET, 302),
        (Some("moved"), Method::GET, 302),
        (Some(""), Method::GET, 302),
    ] {
        let table: Vec<_> = configured
            .iter()
            .map(|value| ("statuscode", *value))
            .collect();
        let response = Redirect::from_variables(variables(&table)).answer(&method, "/");
        assert_eq!(
            response.status().as_u16(),
            status,
            "{configured:?} {method}"
        );
    }
}

#[test]
fn without_include_path_the_destination_is_the_location() {
    for (destination, include_path, location) in [
        (None, "", "/"),
        (Some(""), "", "/"),
        (
            Some("https://x.example/a/?q=1#f"),
            "",
            "https://x.example/a/?q=1#f",
        ),
        (Some("/a/../b/"), "TRUE", "/a/../b/"),
        (Some("/a b/é"), "1", "/a%20b/%C3%A9"),
        (
            Some("/a\r\nset-cookie: x"),
            "false",
            "/a%0D%0Aset-cookie:%20x",
        ),
    ] {
        let mut table = vec![("include_path", include_path), ("trim_prefix", "/old")];
        table.extend(destination.map(|value| ("destination", value)));
        let response =
            Redirect::from_variables(variables(&table)).answer(&Method::GET, "/old/page");
        assert_eq!(response.headers()[LOCATION], location, "{destination:?}");
    }
}

#[test]
fn with_include_path_the_path_is_joined_and_cleaned() {
    for (destination, prefix, path, location) in [
        ("/", "", "/a/b", "/a/b"),
        ("/new", "/old", "/old/a", "/new/a"),
        ("/new/", "/old/", "/old/a/", "/new/a"),
        ("/new", "/old", "/old", "/new"),
        ("/new", "/old", "/other/a", "/new/other/a"),
        // A prefix is text, not segments.
        ("/new", "/old", "/older", "/new/er"),
        ("https://x.example", "", "/a", "https://x.example/a"),
        ("https://x.example", "/", "/a", "https://x.example/a"),
        ("https://x.example", "", "/", "https://x.example/"),
        ("https://x.example", "/a", "/a", "https://x.example"),
        (
            "https://x.example:8443/base/?q=1#f",
            "",
            "/a/",
            "https://x.example:8443/base/a?q=1#f",
        ),
        ("//x.example/base", "", "/a", "//x.example/base/a"),
        ("?q=1", "", "/a", "/a?q=1"),
        ("docs", "", "/a", "docs/a"),
        // Dot segments, as in RFC 3986 section 5.2.4, encoded ones too.
        ("/new", "", "/a/./b/../c", "/new/a/c"),
        ("/new", "", "/a/%2e%2E/c", "/new/c"),
        ("/new", "", "/../../../c", "/c"),
        (
            "https://x.example/new",
            "",
            "/../../c",
            "https://x.example/c",
        ),
        ("/new", "", "/a%20b/%C3%A9", "/new/a%20b/%C3%A9"),
        // Never another host or scheme.
        ("/", "", "//evil.example/a", "/evil.example/a"),
        ("/", "", "/\\evil.example", "/%5Cevil.example"),
        ("/", "/x", "/x//evil.example", "/evil.example"),
        (
            "docs",
            "",
            "/../javascript:alert(1)",
            "./javascript:alert(1)",
        ),
        ("docs", "", "/..", "."),
        ("docs", "", "/../../a", "../a"),
    ] {
        let table = [
            ("destination", destination),
            ("include_path", "true"),
            ("trim_prefix", prefix),
        ];
        let response = Redirect::from_variables(variables(&table)).answer(&Method::GET, path);
        assert_eq!(
            response.headers()[LOCATION],
            location,
            "{destination} - {prefix} + {path}"
        );
    }
}
