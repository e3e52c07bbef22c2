//! Conditional requests: the preconditions of RFC 9110 section 13, by entity tag.
//!
//! Resources of bart have no modification date (replicas would differ), so the preconditions on dates never apply:
//! RFC 9110 has a recipient ignore them for such a resource, and an `If-Range` date never matches.

use http::header::{IF_MATCH, IF_NONE_MATCH, IF_RANGE};
use http::{HeaderMap, Method};

use crate::etag::{EntityTag, EntityTags};

/// What the preconditions of a request come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precondition {
    /// Perform the method.
    Passed,
    /// Answer 304: the client has the current representation.
    NotModified,
    /// Answer 412.
    Failed,
}

/// Evaluates `If-Match`, then `If-None-Match`, in the order of RFC 9110 section 13.2.2, for a representation that
/// exists; `current` is its tag, if it has one.
///
/// Only for requests that would be answered with success otherwise (RFC 9110 section 13.2.1): a 404 comes first.
pub fn evaluate(method: &Method, headers: &HeaderMap, current: Option<&EntityTag>) -> Precondition {
    if EntityTags::from_headers(headers, &IF_MATCH)
        .is_some_and(|tags| !tags.contain_strong(current))
    {
        return Precondition::Failed;
    }
    match EntityTags::from_headers(headers, &IF_NONE_MATCH) {
        Some(tags) if tags.contain_weak(current) => {
            if matches!(*method, Method::GET | Method::HEAD) {
                Precondition::NotModified
            } else {
                Precondition::Failed
            }
        }
        _ => Precondition::Passed,
    }
}

/// Whether `If-Range`, if there is one, lets `Range` apply: one strong tag equal to `current`
/// (RFC 9110 section 13.1.5).
pub fn range_may_apply(headers: &HeaderMap, current: Option<&EntityTag>) -> bool {
    let mut lines = headers.get_all(IF_RANGE).iter();
    match (lines.next(), lines.next()) {
        (None, _) => true,
        (Some(line), None) => {
            let wanted = line.to_str().ok().and_then(EntityTag::parse);
            wanted
                .zip(current)
                .is_some_and(|(wanted, current)| wanted.strong_eq(current))
        }
        (Some(_), Some(_)) => false,
    }
}
