//! A stored response, and the answers that are made from it.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{
    ACCEPT_RANGES, AGE, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_LOCATION, CONTENT_RANGE, DATE, ETAG,
    EXPIRES, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use web::conditional::{self, Precondition};
use web::etag::EntityTag;
use web::range::{self, Selection};
use web::{freshness, representation};

use super::storing::{Fitness, Lifetime};
use crate::body::ResponseBody;

/// What a field takes besides its name and value, in bytes: its place in the map, and the bookkeeping of two allocations.
const FIELD_OVERHEAD: usize = 192;

/// The fields of a 304 (RFC 9110 section 15.4.5).
const NOT_MODIFIED: [HeaderName; 6] = [CACHE_CONTROL, CONTENT_LOCATION, DATE, ETAG, EXPIRES, VARY];

/// A stored response.
pub(super) struct Entry {
    /// The component that made it.
    pub(super) component: Arc<str>,
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    etag: Option<EntityTag>,
    takes_ranges: bool,
    lifetime: Lifetime,
    /// When its request came.
    asked_at: SystemTime,
}

/// What a request gets of a stored response.
enum Share {
    Whole,
    NotModified,
    PreconditionFailed,
    /// A part of the body, or none where the range is outside.
    Range(Selection),
}

impl Entry {
    /// A response with the head of `response` to a request that came at `asked_at`. The fields are copied, since they may be parts of a larger
    /// buffer.
    pub(super) fn new<Body>(
        component: Arc<str>,
        response: &Response<Body>,
        body: Bytes,
        lifetime: Lifetime,
        asked_at: SystemTime,
    ) -> Entry {
        let headers = copied(response.headers(), body.len());
        let etag = headers.get(ETAG).and_then(|tag| tag.to_str().ok());
        Entry {
            component,
            status: response.status(),
            etag: etag.and_then(EntityTag::parse),
            takes_ranges: response.status() == StatusCode::OK
                && headers
                    .get(ACCEPT_RANGES)
                    .is_some_and(|unit| unit == "bytes"),
            headers,
            body,
            lifetime,
            asked_at,
        }
    }

    /// What it takes in memory, in bytes, about.
    pub(super) fn size(&self) -> usize {
        let fields = self.headers.iter();
        let fields = fields.map(|(name, value)| name.as_str().len() + value.len() + FIELD_OVERHEAD);
        size_of::<Entry>() + fields.sum::<usize>() + self.body.len()
    }

    /// What it is to a request.
    pub(super) fn fitness(&self, request: &HeaderMap, now: impl Fn() -> SystemTime) -> Fitness {
        match &self.lifetime {
            Lifetime::Release => Fitness::Fresh,
            Lifetime::For(time) => match now().duration_since(self.asked_at) {
                Ok(age) if age < *time => Fitness::Fresh,
                // A clock that was set back says nothing of the age.
                Ok(_) | Err(_) => Fitness::Stale,
            },
            Lifetime::Policy(policy) => match now() {
                now if now < self.asked_at => Fitness::Stale,
                now => policy.fitness(request, now),
            },
        }
    }

    /// The answer to a request for which it is fresh.
    pub(super) fn answer<Body>(
        &self,
        request: &Request<Body>,
        now: impl Fn() -> SystemTime,
    ) -> Response<ResponseBody> {
        let mut response = match self.share(request) {
            Share::Whole => self.whole(request.method()),
            Share::NotModified => self.not_modified(),
            Share::PreconditionFailed => {
                return representation::precondition_failed().map(|()| ResponseBody::empty());
            }
            Share::Range(selection) => self.range(selection),
        };
        if let Some(age) = self.age(now) {
            let headers = response.headers_mut();
            headers.insert(AGE, HeaderValue::from(age.as_secs()));
        }
        response
    }

    /// Its age (RFC 9111 section 5.1), which is nothing as long as the release: bart is the origin.
    fn age(&self, now: impl Fn() -> SystemTime) -> Option<Duration> {
        match &self.lifetime {
            Lifetime::Release => None,
            Lifetime::For(_) => {
                let age = now().duration_since(self.asked_at).ok()?;
                (age.as_secs() > 0).then_some(age)
            }
            Lifetime::Policy(policy) => Some(policy.age(now())),
        }
    }

    fn share<Body>(&self, request: &Request<Body>) -> Share {
        let (method, headers) = (request.method(), request.headers());
        // Preconditions and ranges are for what would succeed (RFC 9110 section 13.2.1).
        if self.status != StatusCode::OK {
            return Share::Whole;
        }
        match conditional::evaluate(method, headers, self.etag.as_ref()) {
            Precondition::NotModified => return Share::NotModified,
            Precondition::Failed => return Share::PreconditionFailed,
            Precondition::Passed if self.is_unmodified_since(headers) => {
                return Share::NotModified;
            }
            Precondition::Passed => {}
        }
        if !self.takes_ranges {
            return Share::Whole;
        }
        match range::select(method, headers, self.etag.as_ref(), self.body.len() as u64) {
            Selection::Whole => Share::Whole,
            selection => Share::Range(selection),
        }
    }

    /// `If-Modified-Since`, which only a component that is not ours has use for (RFC 9110 section 13.1.3).
    fn is_unmodified_since(&self, request: &HeaderMap) -> bool {
        let date = |headers: &HeaderMap, name| {
            let value = headers.get(name)?;
            httpdate::parse_http_date(value.to_str().ok()?).ok()
        };
        !request.contains_key(IF_NONE_MATCH)
            && date(request, IF_MODIFIED_SINCE)
                .zip(date(&self.headers, LAST_MODIFIED))
                .is_some_and(|(since, modified)| modified <= since)
    }

    fn whole(&self, method: &Method) -> Response<ResponseBody> {
        let body = match *method {
            Method::HEAD => ResponseBody::empty(),
            _ => ResponseBody::whole(self.body.clone()),
        };
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers.clone();
        response
    }

    fn not_modified(&self) -> Response<ResponseBody> {
        let mut response = Response::new(ResponseBody::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        let date = self.etag.is_none().then_some(LAST_MODIFIED);
        for name in NOT_MODIFIED.into_iter().chain(date) {
            for value in self.headers.get_all(&name) {
                response.headers_mut().append(&name, value.clone());
            }
        }
        response
    }

    fn range(&self, selection: Selection) -> Response<ResponseBody> {
        let length = self.body.len();
        let mut response = Response::new(ResponseBody::empty());
        if let Selection::Part { first, last } = selection {
            let within = |offset| usize::try_from(offset).expect("it is less than the length");
            let part = self.body.slice(within(first)..=within(last));
            response = Response::new(ResponseBody::whole(part));
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            *response.headers_mut() = self.headers.clone();
        } else {
            *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
        }
        let headers = response.headers_mut();
        let selected = selection.length(length as u64);
        headers.insert(CONTENT_LENGTH, HeaderValue::from(selected));
        if let Some(range) = selection.content_range(length as u64) {
            headers.insert(CONTENT_RANGE, range);
        }
        response
    }
}

/// The fields that every answer has.
fn copied(headers: &HeaderMap, length: usize) -> HeaderMap {
    let mut copies = HeaderMap::with_capacity(headers.len() + 1);
    for (name, value) in headers {
        if *name != freshness::FIELD && *name != AGE {
            let copy = HeaderValue::from_bytes(value.as_bytes()).expect("it was a value before");
            copies.append(name, copy);
        }
    }
    copies.insert(CONTENT_LENGTH, HeaderValue::from(length));
    copies
}
