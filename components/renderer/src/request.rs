//! The request, in the types of the `http` and `site` crates.

use std::collections::BTreeMap;

use http::header::HOST;
use http::{HeaderMap, HeaderName, HeaderValue};
use site::PageRequest;
use spin_sdk::http::{IncomingRequest, Method};
use web::route::{COMPONENT_ROUTE, Route, last};

/// A request without its content, which no page depends on.
pub(crate) struct Request {
    pub(crate) method: http::Method,
    pub(crate) headers: HeaderMap,
    pub(crate) page: PageRequest,
}

impl Request {
    pub(crate) fn read(incoming: &IncomingRequest) -> Self {
        let mut headers = headers(incoming.headers().entries());
        // Spin hands the field on, other hosts keep it for themselves and only name the authority.
        let authority = incoming.authority().and_then(|text| text.try_into().ok());
        if let Some(authority) = authority {
            headers.entry(HOST).or_insert(authority);
        }
        let target = incoming.path_with_query().unwrap_or_else(|| "/".to_owned());
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let route = Route::from_headers(&headers, path);
        let page = PageRequest {
            path_info: route.path_info.to_owned(),
            component_route: last(&headers, &COMPONENT_ROUTE)
                .unwrap_or_default()
                .to_owned(),
            query: query.to_owned(),
            headers: texts(&headers),
            environment: environment(),
        };
        Self {
            method: method(&incoming.method()),
            headers,
            page,
        }
    }
}

fn method(method: &Method) -> http::Method {
    match method {
        Method::Get => http::Method::GET,
        Method::Head => http::Method::HEAD,
        Method::Options => http::Method::OPTIONS,
        // None of the others is allowed, so they need not be told apart.
        _ => http::Method::TRACE,
    }
}

fn headers(entries: Vec<(String, Vec<u8>)>) -> HeaderMap {
    let field = |(name, value): (String, Vec<u8>)| {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        Some((name, HeaderValue::try_from(value).ok()?))
    };
    let mut headers = HeaderMap::new();
    for (name, value) in entries.into_iter().filter_map(field) {
        headers.append(name, value);
    }
    headers
}

/// The fields as templates see them: the last of several lines, and what is not UTF-8 replaced.
fn texts(headers: &HeaderMap) -> BTreeMap<String, String> {
    headers
        .iter()
        .map(|(name, value)| {
            let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), text)
        })
        .collect()
}

fn environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .map(|(name, value)| {
            let text = |part: std::ffi::OsString| part.to_string_lossy().into_owned();
            (text(name), text(value))
        })
        .collect()
}
