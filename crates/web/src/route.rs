//! What Spin says about the route of a request, in its `spin-*` headers.

use http::HeaderMap;
use http::header::HeaderName;

/// The part of the path that the wildcard of the route matched; empty for an exact route.
pub const PATH_INFO: HeaderName = HeaderName::from_static("spin-path-info");
/// The route without its wildcard: `/docs` for `/docs/...`.
pub const COMPONENT_ROUTE: HeaderName = HeaderName::from_static("spin-component-route");
/// The route as it is written in the manifest.
pub const RAW_COMPONENT_ROUTE: HeaderName = HeaderName::from_static("spin-raw-component-route");

/// What the path of a request means to a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route<'a> {
    /// The path of the URI, not decoded, without the query.
    pub uri_path: &'a str,
    /// The part of it below the route; the whole of it where no Spin runs.
    pub path_info: &'a str,
    /// How the route matched.
    pub kind: RouteKind,
}

/// How a route matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouteKind {
    /// A wildcard (`/docs/...`), and something below its prefix.
    Below,
    /// A wildcard, and just its prefix without a slash: `/docs`.
    Prefix,
    /// No wildcard, and exactly this path.
    Exact,
    /// No wildcard, with a parameter (`/:name`): the path says nothing of a place below the component.
    Parameter,
}

impl<'a> Route<'a> {
    /// Reads the route of a request for `uri_path`.
    pub fn from_headers(headers: &'a HeaderMap, uri_path: &'a str) -> Self {
        let Some(path_info) = last(headers, &PATH_INFO) else {
            return Self {
                uri_path,
                path_info: uri_path,
                kind: RouteKind::Below,
            };
        };
        let is_wildcard =
            last(headers, &RAW_COMPONENT_ROUTE).is_some_and(|route| route.ends_with("/..."));
        let kind = if !path_info.is_empty() {
            RouteKind::Below
        } else if is_wildcard {
            RouteKind::Prefix
        } else if last(headers, &COMPONENT_ROUTE) == Some(uri_path) {
            RouteKind::Exact
        } else {
            RouteKind::Parameter
        };
        Self {
            uri_path,
            path_info,
            kind,
        }
    }
}

/// The last value of a field that the host sets. A client can send the same field, but stock Spin puts its own behind.
pub fn last<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    std::str::from_utf8(headers.get_all(name).iter().next_back()?.as_bytes()).ok()
}
