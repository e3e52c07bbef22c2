//! The heads of the file server's responses.

use http::Method;
use web::encoding::Coding;
use web::etag::EntityTag;
use web::files::{Answer, Role, Settings, failure, not_found};
use web::media::MediaType;
use web::range::Selection;

use crate::{headers, text, variables};

const PROTECTED: [(&str, &str); 2] = [("BASIC_AUTH_USERNAME", "u"), ("BASIC_AUTH_PASSWORD", "p")];

fn settings(table: &[(&str, &str)]) -> Settings {
    Settings::from_variables(variables(table))
}

fn answer<'a>(settings: &'a Settings, role: Role, file: &str, coding: Coding) -> Answer<'a> {
    let etag = EntityTag::strong("1")
        .ok()
        .map(|tag| tag.with_coding(coding));
    Answer {
        settings,
        role,
        media: MediaType::of_file(file),
        coding,
        etag,
    }
}

#[test]
fn a_file_carries_what_caches_need() {
    let default = settings(&[]);
    let own = settings(&[("CACHE_CONTROL", "public, max-age=31")]);
    let protected = settings(&PROTECTED);
    for (settings, file, coding, expected) in [
        (
            &default,
            "style.css",
            Coding::Identity,
            "200 | accept-ranges: bytes | bart-cache-control: release | cache-control: max-age=60 | content-length: 100 \
             | content-type: text/css; charset=utf-8 | etag: \"1\" | vary: accept-encoding",
        ),
        (
            &own,
            "style.css",
            Coding::Gzip,
            "200 | bart-cache-control: release | cache-control: public, max-age=31 | content-encoding: gzip \
             | content-length: 100 | content-type: text/css; charset=utf-8 | etag: \"1-gzip\" | vary: accept-encoding",
        ),
        (
            &default,
            "dot.png",
            Coding::Identity,
            "200 | accept-ranges: bytes | bart-cache-control: release | cache-control: max-age=60 | content-length: 100 \
             | content-type: image/png | etag: \"1\"",
        ),
        (
            &default,
            "noext",
            Coding::Identity,
            "200 | accept-ranges: bytes | bart-cache-control: release | cache-control: max-age=60 | content-length: 100 \
             | content-type: application/octet-stream | etag: \"1\" | vary: accept-encoding \
             | x-content-type-options: nosniff",
        ),
        (
            &protected,
            "dot.png",
            Coding::Identity,
            "200 | accept-ranges: bytes | bart-cache-control: no-store | cache-control: max-age=60 \
             | content-length: 100 | content-type: image/png | etag: \"1\"",
        ),
    ] {
        let answer = answer(settings, Role::Requested, file, coding);
        for method in [Method::GET, Method::HEAD] {
            let (response, selection) = answer.with_content(&method, &headers(&[]), 100);
            assert_eq!(
                (text(&response).as_str(), selection),
                (expected, Selection::Whole),
                "{method} {file}"
            );
        }
    }
}

#[test]
fn preconditions_end_a_request_without_content() {
    let settings = settings(&[]);
    for (role, fields, expected) in [
        (Role::Requested, &[][..], None),
        (Role::Requested, &[("if-none-match", r#""2""#)], None),
        (
            Role::Requested,
            &[("if-none-match", r#""1""#)],
            Some(
                "304 | bart-cache-control: release | cache-control: max-age=60 | etag: \"1\" | vary: accept-encoding",
            ),
        ),
        (
            Role::Requested,
            &[("if-match", r#""2""#)],
            Some("412 | bart-cache-control: no-store | content-length: 0"),
        ),
        // RFC 9110 section 13.2.1.
        (Role::NotFoundPage, &[("if-none-match", r#""1""#)], None),
        (Role::NotFoundPage, &[("if-match", r#""2""#)], None),
    ] {
        let answer = answer(&settings, role, "a.css", Coding::Identity);
        let response = answer.without_content(&Method::GET, &headers(fields));
        assert_eq!(
            response.as_ref().map(text).as_deref(),
            expected,
            "{role:?} {fields:?}"
        );
    }
}

#[test]
fn ranges_are_for_plain_files_that_exist() {
    let settings = settings(&[]);
    let part = Selection::Part { first: 0, last: 9 };
    for (role, coding, range, status, selection) in [
        (Role::Requested, Coding::Identity, "bytes=0-9", 206, part),
        (
            Role::Requested,
            Coding::Identity,
            "bytes=100-",
            416,
            Selection::NotSatisfiable,
        ),
        (
            Role::Requested,
            Coding::Brotli,
            "bytes=0-9",
            200,
            Selection::Whole,
        ),
        (
            Role::NotFoundPage,
            Coding::Identity,
            "bytes=0-9",
            404,
            Selection::Whole,
        ),
        (
            Role::NotFoundPage,
            Coding::Identity,
            "bytes=100-",
            404,
            Selection::Whole,
        ),
    ] {
        let answer = answer(&settings, role, "a.css", coding);
        let (response, selected) =
            answer.with_content(&Method::GET, &headers(&[("range", range)]), 100);
        assert_eq!(
            (response.status().as_u16(), selected),
            (status, selection),
            "{role:?} {coding:?} {range}"
        );
    }
}

#[test]
fn an_unsatisfiable_range_is_not_stored() {
    let settings = settings(&[]);
    let answer = answer(&settings, Role::Requested, "a.css", Coding::Identity);
    let (response, _) =
        answer.with_content(&Method::GET, &headers(&[("range", "bytes=100-")]), 100);
    assert_eq!(
        text(&response),
        "416 | bart-cache-control: no-store | content-length: 0 | content-range: bytes */100"
    );
}

#[test]
fn what_does_not_exist_lasts_as_long_as_the_release_but_not_with_the_client() {
    let immutable = settings(&[("CACHE_CONTROL", "public, max-age=31536000, immutable")]);
    let page = answer(
        &immutable,
        Role::NotFoundPage,
        "lost.html",
        Coding::Identity,
    );
    let (response, _) = page.with_content(&Method::GET, &headers(&[]), 100);
    assert_eq!(
        text(&response),
        "404 | bart-cache-control: release | cache-control: no-cache | content-length: 100 \
         | content-type: text/html; charset=utf-8 | etag: \"1\" | vary: accept-encoding"
    );
    for (table, freshness) in [(&[][..], "release"), (&PROTECTED, "no-store")] {
        let (response, content) = not_found(&settings(table));
        assert_eq!(content, "Not Found");
        assert_eq!(
            text(&response),
            format!(
                "404 | bart-cache-control: {freshness} | cache-control: no-cache | content-length: 9 \
                 | content-type: text/plain; charset=utf-8"
            )
        );
    }
}

#[test]
fn a_failure_is_not_stored_anywhere_and_tells_nothing() {
    let (response, content) = failure();
    assert_eq!(content, "Internal Server Error");
    assert_eq!(
        text(&response),
        "500 | bart-cache-control: no-store | cache-control: no-store | content-length: 21 \
         | content-type: text/plain; charset=utf-8"
    );
}
