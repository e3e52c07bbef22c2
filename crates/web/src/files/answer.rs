//! The heads of the file server's responses.

use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};

use crate::conditional::{self, Precondition};
use crate::encoding::{self, Coding};
use crate::etag::EntityTag;
use crate::files::Settings;
use crate::freshness::{self, Freshness};
use crate::media::MediaType;
use crate::range::{self, Selection};
use crate::representation::{self, Representation};

/// What does not exist may do so after the next release, so nobody keeps its absence without asking.
const NOT_FOUND_CACHE_CONTROL: HeaderValue = HeaderValue::from_static("no-cache");

/// A file that answers a request, in the coding that was chosen for it.
#[derive(Debug, Clone)]
pub struct Answer<'a> {
    /// The settings of the server.
    pub settings: &'a Settings,
    /// What the file is to the request.
    pub role: Role,
    /// Its media type.
    pub media: MediaType,
    /// Its coding.
    pub coding: Coding,
    /// Its validator in that coding, if it has one.
    pub etag: Option<EntityTag>,
}

/// What a file is to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// What was asked for; with 200.
    Requested,
    /// The page for what does not exist; with 404.
    NotFoundPage,
}

impl Answer<'_> {
    /// The response to a request whose preconditions have it end without content: 304 or 412. To be asked before the
    /// content is encoded.
    pub fn without_content(&self, method: &Method, request: &HeaderMap) -> Option<Response<()>> {
        // RFC 9110 section 13.2.1: preconditions are about success only.
        if self.role == Role::NotFoundPage {
            return None;
        }
        match conditional::evaluate(method, request, self.etag.as_ref()) {
            Precondition::Passed => None,
            Precondition::NotModified => {
                let mut response = representation::not_modified(self.etag.as_ref());
                self.add_cache_fields(response.headers_mut());
                Some(response)
            }
            Precondition::Failed => {
                let mut response = representation::precondition_failed();
                response
                    .headers_mut()
                    .insert(freshness::FIELD, Freshness::NONE.to_header_value());
                Some(response)
            }
        }
    }

    /// The response with content, which is `length` bytes long in its coding, and which of them to send.
    pub fn with_content(
        &self,
        method: &Method,
        request: &HeaderMap,
        length: u64,
    ) -> (Response<()>, Selection) {
        let selection = self.select(method, request, length);
        let representation = Representation {
            content_type: self.media.content_type(),
            coding: self.coding,
            etag: self.etag.clone(),
            length,
        };
        let mut response = representation.respond(selection);
        if self.role == Role::NotFoundPage {
            *response.status_mut() = StatusCode::NOT_FOUND;
            response.headers_mut().remove(ACCEPT_RANGES);
        }
        let headers = response.headers_mut();
        if selection == Selection::NotSatisfiable {
            headers.insert(freshness::FIELD, Freshness::NONE.to_header_value());
            return (response, selection);
        }
        if !self.media.is_known() {
            headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        }
        self.add_cache_fields(headers);
        (response, selection)
    }

    /// Ranges are for plain files: an encoding made for one request is not worth cutting.
    fn select(&self, method: &Method, request: &HeaderMap, length: u64) -> Selection {
        match (self.role, self.coding) {
            (Role::Requested, Coding::Identity) => {
                range::select(method, request, self.etag.as_ref(), length)
            }
            _ => Selection::Whole,
        }
    }

    fn add_cache_fields(&self, headers: &mut HeaderMap) {
        let cache_control = match self.role {
            Role::Requested => self.settings.cache_control.clone(),
            Role::NotFoundPage => NOT_FOUND_CACHE_CONTROL,
        };
        headers.insert(CACHE_CONTROL, cache_control);
        if encoding::may_vary(self.media) {
            headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        }
        headers.insert(freshness::FIELD, lifetime(self.settings).to_header_value());
    }
}

/// The 404 where there is no page for it, and its content.
pub fn not_found(settings: &Settings) -> (Response<()>, &'static str) {
    let (mut response, content) = plain(StatusCode::NOT_FOUND, "Not Found");
    response
        .headers_mut()
        .insert(CACHE_CONTROL, NOT_FOUND_CACHE_CONTROL);
    response
        .headers_mut()
        .insert(freshness::FIELD, lifetime(settings).to_header_value());
    (response, content)
}

/// The 500 when a file cannot be read, and its content, which tells nothing.
pub fn failure() -> (Response<()>, &'static str) {
    let (mut response, content) = plain(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
        .headers_mut()
        .insert(freshness::FIELD, Freshness::NONE.to_header_value());
    (response, content)
}

/// Files are published, so they last as long as the release; but not for those who may not see them.
fn lifetime(settings: &Settings) -> Freshness {
    if settings.auth.is_some() {
        Freshness::NONE
    } else {
        Freshness::RELEASE
    }
}

fn plain(status: StatusCode, content: &'static str) -> (Response<()>, &'static str) {
    let mut response = Response::new(());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    headers.insert(CONTENT_LENGTH, HeaderValue::from(content.len()));
    (response, content)
}
