//! The head of a response that carries a representation, or stands for one.

use http::header::{
    ACCEPT_RANGES, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG,
};
use http::{HeaderValue, Response, StatusCode};

use crate::encoding::Coding;
use crate::etag::EntityTag;
use crate::range::Selection;

/// What is known of the representation that was chosen for a request (RFC 9110 section 3.2).
#[derive(Debug, Clone)]
pub struct Representation {
    /// Its media type.
    pub content_type: HeaderValue,
    /// Its coding.
    pub coding: Coding,
    /// Its validator, if it has one.
    pub etag: Option<EntityTag>,
    /// Its length in bytes, in its coding.
    pub length: u64,
}

impl Representation {
    /// The 200, 206 or 416 for a selection of bytes (RFC 9110 sections 15.3.1, 15.3.7 and 15.5.17), without the
    /// content. Also right for `HEAD`.
    pub fn respond(&self, selection: Selection) -> Response<()> {
        let mut response = Response::new(());
        *response.status_mut() = match selection {
            Selection::Whole => StatusCode::OK,
            Selection::Part { .. } => StatusCode::PARTIAL_CONTENT,
            Selection::NotSatisfiable => StatusCode::RANGE_NOT_SATISFIABLE,
        };
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_LENGTH,
            HeaderValue::from(selection.length(self.length)),
        );
        if let Some(range) = selection.content_range(self.length) {
            headers.insert(CONTENT_RANGE, range);
        }
        if selection == Selection::NotSatisfiable {
            return response;
        }
        headers.insert(CONTENT_TYPE, self.content_type.clone());
        match self.coding {
            Coding::Identity => headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes")),
            coding => headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding.token())),
        };
        if let Some(etag) = &self.etag {
            headers.insert(ETAG, etag.to_header_value());
        }
        response
    }
}

/// The 304 that stands for a representation with that tag (RFC 9110 section 15.4.5). The caller adds `Cache-Control`
/// and `Vary` as on the 200.
pub fn not_modified(etag: Option<&EntityTag>) -> Response<()> {
    let mut response = Response::new(());
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    if let Some(etag) = etag {
        response.headers_mut().insert(ETAG, etag.to_header_value());
    }
    response
}

/// The 412 (RFC 9110 section 15.5.13).
pub fn precondition_failed() -> Response<()> {
    let mut response = Response::new(());
    *response.status_mut() = StatusCode::PRECONDITION_FAILED;
    response
        .headers_mut()
        .insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    response
}
