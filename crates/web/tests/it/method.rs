//! Methods.

use http::header::ALLOW;
use http::{Method, StatusCode};
use web::method::Handling;

#[test]
fn only_get_and_head_reach_the_resource() {
    let status = |name: &str| {
        let method = Method::from_bytes(name.as_bytes()).expect("a token");
        Handling::of(&method)
            .answer()
            .map(|response| response.status())
    };
    for (method, answer) in [
        ("GET", None),
        ("HEAD", None),
        // RFC 9110 section 9.3.7.
        ("OPTIONS", Some(StatusCode::NO_CONTENT)),
        // RFC 9110 section 15.5.6.
        ("POST", Some(StatusCode::METHOD_NOT_ALLOWED)),
        ("PUT", Some(StatusCode::METHOD_NOT_ALLOWED)),
        ("DELETE", Some(StatusCode::METHOD_NOT_ALLOWED)),
        ("PATCH", Some(StatusCode::METHOD_NOT_ALLOWED)),
        ("TRACE", Some(StatusCode::METHOD_NOT_ALLOWED)),
        ("PROPFIND", Some(StatusCode::METHOD_NOT_ALLOWED)),
        // RFC 9110 section 9.1: case-sensitive.
        ("get", Some(StatusCode::METHOD_NOT_ALLOWED)),
    ] {
        assert_eq!(status(method), answer, "{method}");
    }
}

#[test]
fn other_methods_are_told_which_are_allowed() {
    for method in [Method::OPTIONS, Method::POST] {
        let response = Handling::of(&method).answer().expect("an answer");
        assert_eq!(response.headers()[ALLOW], "GET, HEAD, OPTIONS", "{method}");
    }
}
