//! The request, in the types of the `http` crate.

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use wasi::http::types::{IncomingRequest, Method as WasiMethod};
use web::route::Route;

/// A request without its content, which no answer depends on.
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) headers: HeaderMap,
    /// The path of the URI, not decoded.
    pub(crate) path: String,
}

impl Request {
    pub(crate) fn read(incoming: &IncomingRequest) -> Self {
        let mut path = incoming.path_with_query().unwrap_or_else(|| "/".to_owned());
        path.truncate(path.find('?').unwrap_or(path.len()));
        Self {
            method: method(&incoming.method()),
            headers: headers(incoming),
            path,
        }
    }

    pub(crate) fn route(&self) -> Route<'_> {
        Route::from_headers(&self.headers, &self.path)
    }
}

fn method(method: &WasiMethod) -> Method {
    match method {
        WasiMethod::Get => Method::GET,
        WasiMethod::Head => Method::HEAD,
        WasiMethod::Options => Method::OPTIONS,
        // None of the others is allowed, so they need not be told apart.
        _ => Method::TRACE,
    }
}

fn headers(incoming: &IncomingRequest) -> HeaderMap {
    let field = |(name, value): (String, Vec<u8>)| {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        Some((name, HeaderValue::try_from(value).ok()?))
    };
    let mut headers = HeaderMap::new();
    for (name, value) in incoming.headers().entries().into_iter().filter_map(field) {
        headers.append(name, value);
    }
    headers
}
