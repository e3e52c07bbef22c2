//! The `spin-*` header fields that tell a component how its request was routed.

use std::net::SocketAddr;

use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::uri::Uri;

use crate::routes::MatchedPath;

const PREFIX: &str = "spin-";
const PATH_INFO: HeaderName = HeaderName::from_static("spin-path-info");
const FULL_URL: HeaderName = HeaderName::from_static("spin-full-url");
const MATCHED_ROUTE: HeaderName = HeaderName::from_static("spin-matched-route");
const BASE_PATH: HeaderName = HeaderName::from_static("spin-base-path");
const RAW_COMPONENT_ROUTE: HeaderName = HeaderName::from_static("spin-raw-component-route");
const COMPONENT_ROUTE: HeaderName = HeaderName::from_static("spin-component-route");
const CLIENT_ADDR: HeaderName = HeaderName::from_static("spin-client-addr");

/// The fields of a route that are the same for each request.
#[derive(Clone, Debug)]
pub(crate) struct RouteFields {
    matched_route: HeaderValue,
    base_path: HeaderValue,
    raw_component_route: HeaderValue,
    component_route: HeaderValue,
    /// One for each parameter of the route, in order.
    captures: Vec<HeaderName>,
}

impl RouteFields {
    pub(crate) fn new(
        base_path: &str,
        matched_route: &str,
        raw_component_route: &str,
        component_route: &str,
        captures: Vec<HeaderName>,
    ) -> Self {
        Self {
            matched_route: value(matched_route),
            base_path: value(base_path),
            raw_component_route: value(raw_component_route),
            component_route: value(component_route),
            captures,
        }
    }
}

/// Replaces all `spin-*` fields, whoever sent them, by those of this request.
///
/// `authority` is the request's host and port as the client named them, `client` the address it came from. The scheme
/// is that of `uri`, or `http` when it has none.
pub fn set(
    headers: &mut HeaderMap,
    matched: &MatchedPath<'_, '_>,
    uri: &Uri,
    authority: &str,
    client: SocketAddr,
) {
    remove(headers);
    let RouteFields {
        matched_route,
        base_path,
        raw_component_route,
        component_route,
        captures,
    } = matched.fields();
    headers.insert(PATH_INFO, value(matched.path_info()));
    headers.insert(FULL_URL, value(&full_url(uri, authority)));
    headers.insert(MATCHED_ROUTE, matched_route.clone());
    headers.insert(BASE_PATH, base_path.clone());
    headers.insert(RAW_COMPONENT_ROUTE, raw_component_route.clone());
    headers.insert(COMPONENT_ROUTE, component_route.clone());
    headers.insert(CLIENT_ADDR, value(&client.to_string()));
    for (name, capture) in captures.iter().zip(matched.captured()) {
        headers.insert(name, value(capture));
    }
}

/// Removes all `spin-*` fields.
pub fn remove(headers: &mut HeaderMap) {
    let names: Vec<_> = headers
        .keys()
        .filter(|name| name.as_str().starts_with(PREFIX))
        .cloned()
        .collect();
    for name in names {
        headers.remove(name);
    }
}

/// The field that carries a parameter of a route, `spin-path-match-<name>`. `None` if no field can have that name.
pub(crate) fn capture_field(parameter: &str) -> Option<HeaderName> {
    let name = format!("{PREFIX}path-match-{}", parameter.replace('_', "-"));
    HeaderName::from_bytes(name.as_bytes()).ok()
}

fn full_url(uri: &Uri, authority: &str) -> String {
    let scheme = uri.scheme_str().unwrap_or("http");
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    format!("{scheme}://{authority}{path}")
}

/// Bytes that no field value can have, which only an odd authority brings here, become `?`.
fn value(text: &str) -> HeaderValue {
    HeaderValue::from_bytes(text.as_bytes()).unwrap_or_else(|_| {
        let visible = text.replace(|character: char| character.is_ascii_control(), "?");
        HeaderValue::from_bytes(visible.as_bytes())
            .expect("all other bytes are allowed in a value (RFC 9110, section 5.5)")
    })
}
