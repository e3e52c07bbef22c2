//! Heads of responses.

use http::HeaderValue;
use web::encoding::Coding;
use web::etag::EntityTag;
use web::range::Selection;
use web::representation::{Representation, not_modified, precondition_failed};

use crate::text;

fn representation(coding: Coding) -> Representation {
    Representation {
        content_type: HeaderValue::from_static("text/css; charset=utf-8"),
        coding,
        etag: EntityTag::strong("1")
            .ok()
            .map(|tag| tag.with_coding(coding)),
        length: 100,
    }
}

#[test]
fn a_selection_becomes_a_response() {
    let part = Selection::Part {
        first: 10,
        last: 19,
    };
    for (coding, selection, expected) in [
        (
            Coding::Identity,
            Selection::Whole,
            "200 | accept-ranges: bytes | content-length: 100 | content-type: text/css; charset=utf-8 | etag: \"1\"",
        ),
        (
            Coding::Brotli,
            Selection::Whole,
            "200 | content-encoding: br | content-length: 100 | content-type: text/css; charset=utf-8 | etag: \"1-br\"",
        ),
        // RFC 9110 section 15.3.7.
        (
            Coding::Identity,
            part,
            "206 | accept-ranges: bytes | content-length: 10 | content-range: bytes 10-19/100 \
             | content-type: text/css; charset=utf-8 | etag: \"1\"",
        ),
        // RFC 9110 section 15.5.17.
        (
            Coding::Identity,
            Selection::NotSatisfiable,
            "416 | content-length: 0 | content-range: bytes */100",
        ),
    ] {
        assert_eq!(text(&representation(coding).respond(selection)), expected);
    }
}

#[test]
fn a_304_has_the_tag_and_no_content() {
    // RFC 9110 section 15.4.5.
    let tag = EntityTag::weak("1").expect("a tag");
    assert_eq!(text(&not_modified(Some(&tag))), "304 | etag: W/\"1\"");
    assert_eq!(text(&not_modified(None)), "304 | ");
}

#[test]
fn a_412_is_empty() {
    assert_eq!(text(&precondition_failed()), "412 | content-length: 0");
}
