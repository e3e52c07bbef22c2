//! The `Range` field: what is selected is inside the file.

use http::header::{IF_RANGE, RANGE};
use http::{HeaderMap, HeaderValue, Method};
use web::etag::EntityTag;
use web::range::{Selection, select};

/// The input is the length of a file, a line with `Range`, and a line with `If-Range`, of which the latter may be missing.
pub fn check(input: &[u8]) {
    let mut lines = input.splitn(3, |byte| *byte == b'\n');
    let length = lines.next().and_then(|line| std::str::from_utf8(line).ok());
    let Some(length) = length.and_then(|digits| digits.parse::<u64>().ok()) else {
        return;
    };
    let mut headers = HeaderMap::new();
    for (name, line) in [RANGE, IF_RANGE].into_iter().zip(lines) {
        let Ok(value) = HeaderValue::from_bytes(line) else {
            return;
        };
        headers.insert(name, value);
    }
    let current = EntityTag::strong("current").expect("it is a tag");
    let selection = select(&Method::GET, &headers, Some(&current), length);
    assert_inside(selection, length);
    let head = select(&Method::HEAD, &headers, Some(&current), length);
    assert_eq!(head, Selection::Whole, "a range is for GET");
    match headers.get(IF_RANGE) {
        Some(tag) if tag != "\"current\"" => {
            let trimmed = tag.as_bytes().trim_ascii();
            assert!(
                selection == Selection::Whole || trimmed == b"\"current\"",
                "{tag:?} is not the tag of the file"
            );
        }
        _ => {
            let range = headers.get(RANGE).map(HeaderValue::as_bytes);
            if let Some(expected) = range.and_then(|range| expected(range, length)) {
                assert_eq!(selection, expected);
            }
        }
    }
}

fn assert_inside(selection: Selection, length: u64) {
    if let Selection::Part { first, last } = selection {
        assert!(first <= last && last < length, "{selection:?} of {length}");
        assert_eq!(selection.offset(), first);
    }
    let end = selection.offset().checked_add(selection.length(length));
    assert!(
        end.is_some_and(|end| end <= length),
        "{selection:?} of {length}"
    );
    let written = selection.content_range(length);
    let expected = match selection {
        Selection::Whole => None,
        Selection::Part { first, last } => Some(format!("bytes {first}-{last}/{length}")),
        Selection::NotSatisfiable => Some(format!("bytes */{length}")),
    };
    assert_eq!(
        written.as_ref().map(HeaderValue::as_bytes),
        expected.as_ref().map(String::as_bytes)
    );
}

/// What one range in its plainest form selects: RFC 9110 section 14.1.2 once more, by other means.
fn expected(range: &[u8], length: u64) -> Option<Selection> {
    let range = std::str::from_utf8(range).ok()?.strip_prefix("bytes=")?;
    let (first, last) = range.split_once('-')?;
    let number = |digits: &str| {
        let plain = digits.bytes().all(|digit| digit.is_ascii_digit());
        digits.parse::<u64>().ok().filter(|_| plain)
    };
    let wanted = match (first, last) {
        ("", suffix) => {
            let suffix = number(suffix)?;
            if suffix == 0 {
                return Some(Selection::NotSatisfiable);
            }
            if length == 0 {
                return Some(Selection::Whole);
            }
            length.saturating_sub(suffix)..length
        }
        (first, "") => number(first)?..u64::MAX,
        (first, last) if number(first)? > number(last)? => return Some(Selection::Whole),
        (first, last) => number(first)?..number(last)?.saturating_add(1),
    };
    if wanted.start >= length {
        return Some(Selection::NotSatisfiable);
    }
    Some(Selection::Part {
        first: wanted.start,
        last: wanted.end.min(length) - 1,
    })
}
