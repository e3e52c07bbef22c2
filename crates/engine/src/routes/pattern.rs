//! A route as it is written and as `routefinder` compares it.

use http::HeaderName;
use routefinder::Segment;
use thiserror::Error;

use crate::request_fields::{RouteFields, capture_field};

/// Why a route cannot be read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum RouteProblem {
    /// `*` elsewhere than as the last segment, or with a name.
    #[error("`*` can only be its last segment, as `/*` or `/...`")]
    Wildcard,
    /// `:` alone.
    #[error("a parameter has no name")]
    Unnamed,
    /// A name that cannot be part of `spin-path-match-<name>`.
    #[error("`{0}` cannot be a parameter's name")]
    Name(String),
    /// A line break or the like.
    #[error("it has control characters")]
    Control,
}

#[derive(Debug)]
pub(super) struct Pattern {
    /// With the base, without the route's trailing slash: what Spin calls the matched route.
    pub(super) route: String,
    pub(super) raw: String,
    pub(super) parameters: Vec<String>,
    pub(super) fields: RouteFields,
}

/// Checks a route without building a table.
///
/// # Errors
/// What is wrong with it.
pub fn check(route: &str) -> Result<(), RouteProblem> {
    Pattern::parse("/", route).map(drop)
}

impl Pattern {
    pub(super) fn parse(base: &str, raw: &str) -> Result<(Vec<Segment>, Self), RouteProblem> {
        if raw.chars().any(char::is_control) {
            return Err(RouteProblem::Control);
        }
        let route = based(base, raw);
        let segments = segments(&route)?;
        let parameters: Vec<_> = segments.iter().filter_map(parameter).collect();
        let captures: Vec<_> = parameters
            .iter()
            .map(|name| capture_field(name).ok_or_else(|| RouteProblem::Name(name.clone())))
            .collect::<Result<_, _>>()?;
        Ok((segments, Self::new(base, route, raw, parameters, captures)))
    }

    pub(super) fn new(
        base: &str,
        route: String,
        raw: &str,
        parameters: Vec<String>,
        captures: Vec<HeaderName>,
    ) -> Self {
        let fields = RouteFields::new(base, &route, raw, without_wildcard(raw), captures);
        Self {
            route,
            raw: raw.to_owned(),
            parameters,
            fields,
        }
    }
}

fn based(base: &str, route: &str) -> String {
    let base = base.strip_suffix('/').unwrap_or(base);
    let route = route.strip_suffix('/').unwrap_or(route);
    let slash = if route.is_empty() || route.starts_with('/') {
        ""
    } else {
        "/"
    };
    format!("{base}{slash}{route}")
}

pub(super) fn without_wildcard(route: &str) -> &str {
    route.strip_suffix("/...").unwrap_or(route)
}

/// The route as `routefinder` compares it. Its own parser is not used, since it loses the slash before a segment that
/// begins with a dot (`/a/.well-known`), sorts a leading one behind `/...`, and miscounts characters that are not ASCII.
fn segments(route: &str) -> Result<Vec<Segment>, RouteProblem> {
    let wildcard = route
        .strip_suffix("/...")
        .or_else(|| route.strip_suffix("/*"));
    let mut segments = Vec::new();
    for text in wildcard
        .unwrap_or(route)
        .split('/')
        .filter(|text| !text.is_empty())
    {
        if text.starts_with('*') {
            return Err(RouteProblem::Wildcard);
        }
        slash(&mut segments);
        push(&mut segments, text)?;
    }
    if wildcard.is_some() {
        slash(&mut segments);
        segments.push(Segment::Wildcard);
    }
    Ok(segments)
}

fn slash(segments: &mut Vec<Segment>) {
    if !segments.is_empty() {
        segments.push(Segment::Slash);
    }
}

/// Adds the text between two slashes: literal text, or parameters with dots between them.
fn push(segments: &mut Vec<Segment>, text: &str) -> Result<(), RouteProblem> {
    let mut literal = String::new();
    let mut after_parameter = false;
    for (index, section) in text.split('.').enumerate() {
        match (index, after_parameter) {
            (0, _) => {}
            (_, true) => segments.push(Segment::Dot),
            (_, false) => literal.push('.'),
        }
        after_parameter = false;
        match section.strip_prefix(':') {
            Some("") => return Err(RouteProblem::Unnamed),
            Some(name) => {
                exact(segments, &mut literal);
                segments.push(Segment::Param(name.into()));
                after_parameter = true;
            }
            None => literal.push_str(&encoded(section)),
        }
    }
    exact(segments, &mut literal);
    Ok(())
}

fn exact(segments: &mut Vec<Segment>, literal: &mut String) {
    if !literal.is_empty() {
        segments.push(Segment::Exact(literal.as_str().into()));
        literal.clear();
    }
}

/// The text as a browser sends it: spaces and all that is not ASCII percent-encoded (RFC 3986, section 2.1).
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'!'..=b'~' => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

fn parameter(segment: &Segment) -> Option<String> {
    match segment {
        Segment::Param(name) => Some(name.as_str().to_owned()),
        _ => None,
    }
}

/// The same for routes that match the same paths.
pub(super) fn shape(segments: &[Segment]) -> String {
    let text = |segment: &Segment| match segment {
        Segment::Slash => "/".to_owned(),
        Segment::Dot => ".".to_owned(),
        Segment::Exact(text) => text.as_str().to_owned(),
        Segment::Param(_) => ":".to_owned(),
        Segment::Wildcard => "*".to_owned(),
    };
    segments.iter().map(text).collect()
}
