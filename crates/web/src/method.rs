//! Which methods a resource that can only be read answers.

use http::header::{ALLOW, CONTENT_LENGTH};
use http::{HeaderValue, Method, Response, StatusCode};

/// The methods of such a resource, as its `Allow` field says them (RFC 9110 section 10.2.1).
pub const ALLOWED: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");

/// What a method asks of a resource that can only be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handling {
    /// `GET`: the representation.
    Get,
    /// `HEAD`: the same without its content (RFC 9110 section 9.3.2).
    Head,
    /// `OPTIONS`: which methods there are (RFC 9110 section 9.3.7).
    Options,
    /// Any other method.
    NotAllowed,
}

impl Handling {
    /// Sorts a method. Methods are case-sensitive (RFC 9110 section 9.1).
    pub fn of(method: &Method) -> Self {
        match *method {
            Method::GET => Self::Get,
            Method::HEAD => Self::Head,
            Method::OPTIONS => Self::Options,
            _ => Self::NotAllowed,
        }
    }

    /// The whole answer to a method that does not ask for a representation: 204 to `OPTIONS`, 405 to what is not
    /// allowed (RFC 9110 section 15.5.6), each with `Allow`.
    pub fn answer(self) -> Option<Response<()>> {
        let status = match self {
            Self::Get | Self::Head => return None,
            Self::Options => StatusCode::NO_CONTENT,
            Self::NotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        };
        let mut response = Response::new(());
        *response.status_mut() = status;
        response.headers_mut().insert(ALLOW, ALLOWED);
        if status != StatusCode::NO_CONTENT {
            response
                .headers_mut()
                .insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        Some(response)
    }
}
