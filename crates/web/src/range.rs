//! Range requests for one range of bytes (RFC 9110 section 14).

use http::header::RANGE;
use http::{HeaderMap, HeaderValue, Method};

use crate::conditional;
use crate::etag::EntityTag;

/// Which bytes of a representation to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selection {
    /// All of them, with 200.
    Whole,
    /// Those from `first` to `last`, both included, with 206.
    Part {
        /// Offset of the first byte.
        first: u64,
        /// Offset of the last byte; less than the length of the representation.
        last: u64,
    },
    /// None, with 416.
    NotSatisfiable,
}

/// Selects the bytes of a representation of `length` bytes whose tag is `current`.
///
/// `Range` counts for `GET` only (RFC 9110 section 14.2). What cannot be read, another unit and several ranges select
/// the whole, as section 14.2 allows.
pub fn select(
    method: &Method,
    headers: &HeaderMap,
    current: Option<&EntityTag>,
    length: u64,
) -> Selection {
    if method != Method::GET || !conditional::range_may_apply(headers, current) {
        return Selection::Whole;
    }
    let mut lines = headers.get_all(RANGE).iter();
    match (lines.next(), lines.next()) {
        (Some(line), None) => line
            .to_str()
            .ok()
            .and_then(single_range)
            .map_or(Selection::Whole, |range| range.within(length)),
        _ => Selection::Whole,
    }
}

impl Selection {
    /// The value of `Content-Range` (RFC 9110 section 14.4) of a 206 or 416 for a representation of `length` bytes.
    pub fn content_range(self, length: u64) -> Option<HeaderValue> {
        let value = match self {
            Self::Whole => return None,
            Self::Part { first, last } => format!("bytes {first}-{last}/{length}"),
            Self::NotSatisfiable => format!("bytes */{length}"),
        };
        Some(HeaderValue::from_str(&value).expect("digits and punctuation are visible ASCII"))
    }

    /// How many bytes are selected of a representation of `length` bytes.
    pub fn length(self, length: u64) -> u64 {
        match self {
            Self::Whole => length,
            Self::Part { first, last } => last - first + 1,
            Self::NotSatisfiable => 0,
        }
    }

    /// Offset of the first selected byte.
    pub fn offset(self) -> u64 {
        match self {
            Self::Part { first, .. } => first,
            Self::Whole | Self::NotSatisfiable => 0,
        }
    }
}

/// One `range-spec` of the unit `bytes` (RFC 9110 section 14.1.2).
#[derive(Clone, Copy)]
enum ByteRange {
    From { first: u64, last: u64 },
    Suffix { length: u64 },
}

impl ByteRange {
    fn within(self, length: u64) -> Selection {
        match self {
            Self::From { first, last } if first < length => Selection::Part {
                first,
                last: last.min(length - 1),
            },
            Self::Suffix { length: 0 } | Self::From { .. } => Selection::NotSatisfiable,
            // Satisfiable by section 14.1.2, yet an empty part cannot be written down.
            Self::Suffix { .. } if length == 0 => Selection::Whole,
            Self::Suffix { length: suffix } => Selection::Part {
                first: length.saturating_sub(suffix),
                last: length - 1,
            },
        }
    }
}

/// The range of a field value that asks for exactly one. Empty list members do not count (RFC 9110 section 5.6.1).
fn single_range(value: &str) -> Option<ByteRange> {
    let (unit, set) = value.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let mut members = set
        .split(',')
        .map(str::trim)
        .filter(|member| !member.is_empty());
    let (first, last) = members.next()?.split_once('-')?;
    if members.next().is_some() {
        return None;
    }
    match (first, last) {
        ("", suffix) => Some(ByteRange::Suffix {
            length: position(suffix)?,
        }),
        (first, "") => Some(ByteRange::From {
            first: position(first)?,
            last: u64::MAX,
        }),
        (first, last) => {
            let (first, last) = (position(first)?, position(last)?);
            (first <= last).then_some(ByteRange::From { first, last })
        }
    }
}

/// A run of digits. A number too large for any file is as good as the largest one.
fn position(digits: &str) -> Option<u64> {
    let all_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    all_digits.then(|| digits.parse().unwrap_or(u64::MAX))
}
