//! The `spin-*` header fields of a request.

use std::net::SocketAddr;

use engine::app::{Route, Target, Trigger};
use engine::request_fields;
use engine::routes::{MatchedPath, Routes};
use http::{HeaderMap, HeaderValue, Uri};

const CLIENT: &str = "192.0.2.7:4711";

fn fields(
    base: &str,
    route: &str,
    uri: &str,
    authority: &str,
    mut headers: HeaderMap,
) -> Vec<(String, String)> {
    let trigger = Trigger {
        id: "t".to_owned(),
        route: Route::Path(route.to_owned()),
        target: Target::Component("c".to_owned()),
    };
    let routes = Routes::build(base, &[trigger]).expect("a good route");
    let uri: Uri = uri.parse().expect("a URI");
    let found = routes.find(uri.path()).expect("a match");
    request_fields::set(&mut headers, &found.matched, &uri, authority, client());
    sorted(&headers)
}

fn client() -> SocketAddr {
    CLIENT.parse().expect("an address")
}

fn sorted(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let mut fields: Vec<_> = headers
        .iter()
        .map(|(name, value)| (name.to_string(), text(value)))
        .collect();
    fields.sort();
    fields
}

fn expected(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

#[test]
fn a_component_learns_how_its_request_was_routed() {
    assert_eq!(
        fields(
            "/",
            "/foo/:user_id/...",
            "/foo/4%32/bar?a=b",
            "example.test:3000",
            HeaderMap::new()
        ),
        expected(&[
            ("spin-base-path", "/"),
            ("spin-client-addr", CLIENT),
            ("spin-component-route", "/foo/:user_id"),
            ("spin-full-url", "http://example.test:3000/foo/4%32/bar?a=b"),
            ("spin-matched-route", "/foo/:user_id/..."),
            ("spin-path-info", "/bar"),
            ("spin-path-match-user-id", "4%32"),
            ("spin-raw-component-route", "/foo/:user_id/..."),
        ])
    );
}

#[test]
fn the_base_and_the_scheme_show() {
    let fields = fields(
        "/base",
        "/a",
        "https://example.test/base/a",
        "example.test",
        HeaderMap::new(),
    );
    let wanted = [
        ("spin-base-path", "/base"),
        ("spin-full-url", "https://example.test/base/a"),
        ("spin-matched-route", "/base/a"),
        ("spin-path-info", ""),
    ];
    for field in expected(&wanted) {
        assert!(fields.contains(&field), "{field:?} in {fields:?}");
    }
}

#[test]
fn what_a_client_sends_under_these_names_is_removed() {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("spin-path-info", "/forged"),
        ("spin-path-match-x", "forged"),
        ("spin-anything", "forged"),
        ("x-spin", "kept"),
        ("accept", "kept"),
    ] {
        headers.append(name, HeaderValue::from_static(value));
        headers.append(name, HeaderValue::from_static(value));
    }
    let fields = fields("/", "/...", "/a", "example.test", headers);
    assert!(
        fields.iter().all(|(_, value)| !value.contains("forged")),
        "{fields:?}"
    );
    assert_eq!(
        fields.iter().filter(|(_, value)| value == "kept").count(),
        4
    );
    assert_eq!(
        fields
            .iter()
            .filter(|(name, _)| name == "spin-path-info")
            .count(),
        1
    );
}

#[test]
fn odd_bytes_are_no_reason_to_fail() {
    let fields = fields(
        "/",
        "/café/...",
        "/caf%C3%A9/x",
        "a\r\nb\u{7f}",
        HeaderMap::new(),
    );
    let wanted = [
        ("spin-full-url", "http://a??b?/caf%C3%A9/x"),
        ("spin-component-route", "/café"),
        ("spin-path-info", "/x"),
    ];
    for field in expected(&wanted) {
        assert!(fields.contains(&field), "{field:?} in {fields:?}");
    }
}

#[test]
fn a_request_to_a_private_name_looks_like_one_to_everything() {
    let mut headers = HeaderMap::new();
    let uri: Uri = "http://site.spin.internal/a/?b".parse().expect("a URI");
    request_fields::set(
        &mut headers,
        &MatchedPath::private(uri.path()),
        &uri,
        "site.spin.internal",
        client(),
    );
    assert_eq!(
        sorted(&headers),
        expected(&[
            ("spin-base-path", "/"),
            ("spin-client-addr", CLIENT),
            ("spin-component-route", ""),
            ("spin-full-url", "http://site.spin.internal/a/?b"),
            ("spin-matched-route", "/..."),
            ("spin-path-info", "/a/"),
            ("spin-raw-component-route", "/..."),
        ])
    );
}
