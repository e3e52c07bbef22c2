//! Conditional requests.

use http::Method;
use web::conditional::{Precondition, evaluate, range_may_apply};
use web::etag::EntityTag;

use crate::headers;

const DIGEST: &str = "bab055eb24028add6a489a3b706dda0fb8ddf5a5f1ca8ecd7979055af6b01ee7";

fn tag(text: &str) -> EntityTag {
    EntityTag::parse(text).expect(text)
}

#[test]
fn preconditions_are_evaluated_in_the_order_of_rfc_9110_section_13_2_2() {
    use Precondition::{Failed, NotModified, Passed};
    let (yes, no, weak) = (r#""1""#, r#""2""#, r#"W/"1""#);
    for (fields, get, put) in [
        (&[][..], Passed, Passed),
        // Section 13.1.1, strong comparison.
        (&[("if-match", yes)], Passed, Passed),
        (&[("if-match", no)], Failed, Failed),
        (&[("if-match", weak)], Failed, Failed),
        (&[("if-match", "*")], Passed, Passed),
        (&[("if-match", "nonsense")], Failed, Failed),
        (&[("if-match", no), ("if-match", yes)], Passed, Passed),
        // Section 13.1.2, weak comparison.
        (&[("if-none-match", yes)], NotModified, Failed),
        (&[("if-none-match", weak)], NotModified, Failed),
        (&[("if-none-match", no)], Passed, Passed),
        (&[("if-none-match", "*")], NotModified, Failed),
        (&[("if-none-match", "nonsense")], Passed, Passed),
        (
            &[("if-none-match", no), ("if-none-match", yes)],
            NotModified,
            Failed,
        ),
        // If-Match is first.
        (&[("if-match", no), ("if-none-match", yes)], Failed, Failed),
        (
            &[("if-match", yes), ("if-none-match", yes)],
            NotModified,
            Failed,
        ),
        // Dates are ignored where there is no modification date.
        (
            &[("if-modified-since", "Sat, 29 Oct 2994 19:43:31 GMT")],
            Passed,
            Passed,
        ),
        (
            &[("if-unmodified-since", "Sat, 29 Oct 1994 19:43:31 GMT")],
            Passed,
            Passed,
        ),
    ] {
        for (method, expected) in [(Method::GET, get), (Method::HEAD, get), (Method::PUT, put)] {
            let outcome = evaluate(&method, &headers(fields), Some(&tag(r#""1""#)));
            assert_eq!(outcome, expected, "{method} {fields:?}");
        }
    }
}

#[test]
fn a_representation_without_a_tag_matches_only_the_asterisk() {
    use Precondition::{Failed, NotModified, Passed};
    for (fields, expected) in [
        (&[("if-match", r#""1""#)][..], Failed),
        (&[("if-match", "*")], Passed),
        (&[("if-none-match", r#""1""#)], Passed),
        (&[("if-none-match", "*")], NotModified),
    ] {
        assert_eq!(
            evaluate(&Method::GET, &headers(fields), None),
            expected,
            "{fields:?}"
        );
    }
}

#[test]
fn an_old_unquoted_tag_matches_the_plain_file_only() {
    let plain = EntityTag::strong(DIGEST).expect("a digest");
    let request = headers(&[("if-none-match", DIGEST)]);
    assert_eq!(
        evaluate(&Method::GET, &request, Some(&plain)),
        Precondition::NotModified
    );
    let gzip = plain.with_coding(web::encoding::Coding::Gzip);
    assert_eq!(
        evaluate(&Method::GET, &request, Some(&gzip)),
        Precondition::Passed
    );
}

#[test]
fn if_range_needs_one_strong_equal_tag() {
    // RFC 9110 section 13.1.5.
    for (fields, current, expected) in [
        (&[][..], Some(r#""1""#), true),
        (&[], None, true),
        (&[("if-range", r#""1""#)], Some(r#""1""#), true),
        (&[("if-range", r#""2""#)], Some(r#""1""#), false),
        (&[("if-range", r#"W/"1""#)], Some(r#""1""#), false),
        (&[("if-range", r#"W/"1""#)], Some(r#"W/"1""#), false),
        (&[("if-range", r#""1""#)], None, false),
        (
            &[("if-range", "Sat, 29 Oct 1994 19:43:31 GMT")],
            Some(r#""1""#),
            false,
        ),
        (&[("if-range", r#""1", "2""#)], Some(r#""1""#), false),
        (
            &[("if-range", r#""1""#), ("if-range", r#""1""#)],
            Some(r#""1""#),
            false,
        ),
    ] {
        let current = current.map(tag);
        assert_eq!(
            range_may_apply(&headers(fields), current.as_ref()),
            expected,
            "{fields:?}"
        );
    }
}
