//! Range requests.

use http::Method;
use web::etag::EntityTag;
use web::range::{Selection, select};

use crate::headers;

const HUGE: &str = "bytes=0-99999999999999999999999";
const FAR: &str = "bytes=99999999999999999999999-";

#[test]
fn one_range_of_bytes_is_selected_as_rfc_9110_section_14_1_2_says() {
    use Selection::{NotSatisfiable, Part, Whole};
    let part = |first, last| Part { first, last };
    for (range, length, expected) in [
        ("bytes=0-499", 10_000, part(0, 499)),
        ("bytes=500-999", 10_000, part(500, 999)),
        ("bytes=-500", 10_000, part(9_500, 9_999)),
        ("bytes=9500-", 10_000, part(9_500, 9_999)),
        ("bytes=0-0", 10_000, part(0, 0)),
        ("bytes=-1", 10_000, part(9_999, 9_999)),
        ("bytes=9999-9999", 10_000, part(9_999, 9_999)),
        ("bytes=0-10000", 10_000, part(0, 9_999)),
        (HUGE, 10_000, part(0, 9_999)),
        ("bytes=-20000", 10_000, part(0, 9_999)),
        // Section 14.1: units are case-insensitive. Section 5.6.1: empty members and white space.
        ("BYTES=0-9", 10_000, part(0, 9)),
        ("bytes= 0-9 ,", 10_000, part(0, 9)),
        ("bytes=10000-", 10_000, NotSatisfiable),
        ("bytes=10000-20000", 10_000, NotSatisfiable),
        (FAR, 10_000, NotSatisfiable),
        ("bytes=-0", 10_000, NotSatisfiable),
        ("bytes=0-", 0, NotSatisfiable),
        ("bytes=-5", 0, Whole),
        ("bytes=0-0,-1", 10_000, Whole),
        ("bytes=5-2", 10_000, Whole),
        ("bytes=-", 10_000, Whole),
        ("bytes=a-b", 10_000, Whole),
        ("bytes=+1-2", 10_000, Whole),
        ("bytes=1 - 2", 10_000, Whole),
        ("bytes=5", 10_000, Whole),
        ("bytes=", 10_000, Whole),
        ("bytes 0-9", 10_000, Whole),
        ("lines=0-9", 10_000, Whole),
        ("", 10_000, Whole),
    ] {
        let selection = select(&Method::GET, &headers(&[("range", range)]), None, length);
        assert_eq!(selection, expected, "{range}");
    }
}

#[test]
fn a_range_counts_for_get_only_and_on_one_line() {
    // RFC 9110 section 14.2.
    let one = headers(&[("range", "bytes=0-9")]);
    assert_eq!(select(&Method::HEAD, &one, None, 100), Selection::Whole);
    assert_eq!(
        select(&Method::GET, &headers(&[]), None, 100),
        Selection::Whole
    );
    let two = headers(&[("range", "bytes=0-9"), ("range", "bytes=0-9")]);
    assert_eq!(select(&Method::GET, &two, None, 100), Selection::Whole);
}

#[test]
fn if_range_that_does_not_match_selects_the_whole() {
    let tag = EntityTag::strong("1").expect("a tag");
    let part = Selection::Part { first: 0, last: 9 };
    for (if_range, expected) in [(r#""1""#, part), (r#""2""#, Selection::Whole)] {
        let request = headers(&[("range", "bytes=0-9"), ("if-range", if_range)]);
        assert_eq!(
            select(&Method::GET, &request, Some(&tag), 100),
            expected,
            "{if_range}"
        );
    }
}

#[test]
fn a_selection_knows_its_content_range_offset_and_length() {
    for (selection, content_range, offset, length) in [
        (Selection::Whole, None, 0, 100),
        (
            Selection::Part {
                first: 10,
                last: 19,
            },
            Some("bytes 10-19/100"),
            10,
            10,
        ),
        (
            Selection::Part {
                first: 99,
                last: 99,
            },
            Some("bytes 99-99/100"),
            99,
            1,
        ),
        (Selection::NotSatisfiable, Some("bytes */100"), 0, 0),
    ] {
        let value = selection.content_range(100);
        assert_eq!(
            value
                .as_ref()
                .map(|value| value.to_str().expect("visible ASCII")),
            content_range
        );
        assert_eq!(
            (selection.offset(), selection.length(100)),
            (offset, length),
            "{selection:?}"
        );
    }
}
