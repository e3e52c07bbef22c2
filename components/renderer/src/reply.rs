//! The response to an answer of the site, and how it is sent.

use std::borrow::Cow;
use std::io;

use chrono::{DateTime, Utc};
use http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, LOCATION, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use sha2::{Digest as _, Sha256};
use site::{Answer, Dependencies, Lifetime};
use spin_sdk::http::{Fields, OutgoingResponse, ResponseOutparam};
use wasi::io::streams::StreamError;
use web::accept::AcceptEncoding;
use web::compress::compress;
use web::conditional::{Precondition, evaluate};
use web::encoding::{COMPRESSED_LENGTHS, Coding};
use web::etag::EntityTag;
use web::freshness::{FIELD, Freshness};
use web::representation::{not_modified, precondition_failed};

use crate::freshness::{freshness, tightened};
use crate::request::Request;

const HTML: &str = "text/html; charset=utf-8";
/// Clients ask again each time, which costs them a 304: a page can change with the next release.
const REVALIDATE: &str = "no-cache";
/// The same for what is for one reader.
const REVALIDATE_PRIVATELY: &str = "private, no-cache";
const NO_STORE: &str = "no-store";
/// The codings that a page is sent in, the favourite first.
const CODINGS: [Coding; 3] = [Coding::Brotli, Coding::Gzip, Coding::Identity];

/// A response with its content.
pub(crate) struct Reply {
    head: Response<()>,
    content: Vec<u8>,
}

impl Reply {
    /// The response to the answer that a request got at `now`.
    pub(crate) fn to(request: &Request, answer: Answer, now: DateTime<Utc>) -> Self {
        match answer {
            Answer::Page {
                status,
                content_type,
                cache_control,
                body,
                dependencies,
            } => {
                let caching = caching(&dependencies, cache_control.as_deref(), now);
                let page = Page {
                    status: status_code(status),
                    content_type,
                    content: body.into_bytes(),
                };
                page.reply(request, caching)
            }
            Answer::Redirect {
                status,
                location,
                dependencies,
            } => {
                let mut fields = caching(&dependencies, None, now);
                fields.insert(LOCATION, field_value(&location));
                Self::new(status_code(status), fields, HTML, Vec::new())
            }
            Answer::NotFound { body, dependencies } => {
                let fields = caching(&dependencies, None, now);
                Self::new(StatusCode::NOT_FOUND, fields, HTML, body.into_bytes())
            }
            Answer::Failed(failure) => {
                let mut fields = HeaderMap::new();
                fields.insert(CACHE_CONTROL, HeaderValue::from_static(NO_STORE));
                fields.insert(FIELD, Freshness::NONE.to_header_value());
                let content = failure.body.into_bytes();
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, fields, HTML, content)
            }
        }
    }

    /// A response without content.
    pub(crate) fn empty(head: Response<()>) -> Self {
        Self {
            head,
            content: Vec::new(),
        }
    }

    /// Sends the response. When that fails half-way the content is left unfinished, which the client sees.
    pub(crate) async fn send(self, method: &Method, out: ResponseOutparam) -> io::Result<()> {
        let response = OutgoingResponse::new(fields(&self.head)?);
        response
            .set_status_code(self.head.status().as_u16())
            .map_err(|()| io::Error::other("the host refused the status"))?;
        // A body that is shorter than its `Content-Length` is an error to the host, and that of a HEAD always is: so
        // there is none.
        if *method == Method::HEAD || self.content.is_empty() {
            out.set(response);
            return Ok(());
        }
        match out.set_with_body(response, self.content).await {
            // A client that leaves is no failure.
            Ok(()) | Err(StreamError::Closed) => Ok(()),
            Err(error) => Err(io::Error::other(error)),
        }
    }

    fn new(status: StatusCode, fields: HeaderMap, content_type: &str, content: Vec<u8>) -> Self {
        let mut head = Response::new(());
        *head.status_mut() = status;
        *head.headers_mut() = fields;
        let headers = head.headers_mut();
        headers.insert(CONTENT_TYPE, field_value(content_type));
        headers.insert(CONTENT_LENGTH, HeaderValue::from(content.len()));
        Self { head, content }
    }
}

/// A page that was rendered.
struct Page {
    status: StatusCode,
    content_type: String,
    content: Vec<u8>,
}

impl Page {
    fn reply(self, request: &Request, mut caching: HeaderMap) -> Reply {
        caching.append(VARY, HeaderValue::from_static("accept-encoding"));
        let coding = self.coding(&request.headers);
        let etag = EntityTag::strong(hex::encode(Sha256::digest(&self.content)))
            .expect("hexadecimal digits can be an entity tag")
            .with_coding(coding);
        // Preconditions are for what would succeed (RFC 9110 section 13.2.1).
        if self.status == StatusCode::OK {
            match evaluate(&request.method, &request.headers, Some(&etag)) {
                Precondition::Passed => {}
                Precondition::Failed => return Reply::empty(precondition_failed()),
                Precondition::NotModified => {
                    let mut head = not_modified(Some(&etag));
                    head.headers_mut().extend(caching);
                    return Reply::empty(head);
                }
            }
        }
        caching.insert(ETAG, etag.to_header_value());
        if coding != Coding::Identity {
            caching.insert(CONTENT_ENCODING, HeaderValue::from_static(coding.token()));
        }
        let content = compress(Cow::Owned(self.content), coding).into_owned();
        Reply::new(self.status, caching, &self.content_type, content)
    }

    /// Pages are text, so compressing them always pays, within limits.
    fn coding(&self, headers: &HeaderMap) -> Coding {
        if COMPRESSED_LENGTHS.contains(&(self.content.len() as u64)) {
            AcceptEncoding::from_headers(headers).choose(&CODINGS)
        } else {
            Coding::Identity
        }
    }
}

/// The fields that say for how long and for whom an answer is good.
fn caching(
    dependencies: &Dependencies,
    cache_control: Option<&str>,
    now: DateTime<Utc>,
) -> HeaderMap {
    let mut fields = HeaderMap::new();
    let mut freshness = freshness(dependencies, now);
    let sent = match cache_control {
        Some(written) => {
            freshness = tightened(freshness, written);
            written
        }
        None if dependencies.lifetime == Lifetime::Once => REVALIDATE_PRIVATELY,
        None => REVALIDATE,
    };
    fields.insert(CACHE_CONTROL, field_value(sent));
    fields.insert(FIELD, freshness.to_header_value());
    for name in &dependencies.vary {
        // A template can read a field whose name no request can have.
        if let Ok(name) = HeaderName::from_bytes(name.as_bytes()) {
            fields.append(VARY, HeaderValue::from(name));
        }
    }
    fields
}

fn status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).expect("the site only has statuses from 200 to 599")
}

fn field_value(text: &str) -> HeaderValue {
    HeaderValue::from_bytes(text.as_bytes()).expect("a head has no control characters")
}

fn fields(head: &Response<()>) -> io::Result<Fields> {
    let entries: Vec<_> = head
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
        .collect();
    Fields::from_list(&entries).map_err(io::Error::other)
}
