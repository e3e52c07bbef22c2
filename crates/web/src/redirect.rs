//! Where and how the redirect component sends a request.

use http::header::{CONTENT_LENGTH, LOCATION};
use http::{HeaderValue, Method, Response, StatusCode};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// Variable with the target.
pub const DESTINATION: &str = "destination";
/// Variable with the status.
pub const STATUS_CODE: &str = "statuscode";
/// Variable that, when `true`, has the path of the request appended to the target.
pub const INCLUDE_PATH: &str = "include_path";
/// Variable with what is first removed from the start of that path.
pub const TRIM_PREFIX: &str = "trim_prefix";

/// What never stands in a URI (RFC 3986 appendix A). A browser reads `\` as `/`, and so a path such as `/\host` as a
/// host.
const NOT_IN_URI: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'`');

/// A configured redirect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    destination: String,
    status: Option<StatusCode>,
    path: PathRule,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum PathRule {
    Ignore,
    Append { without_prefix: String },
}

impl Redirect {
    /// Reads the redirect from variables, which `variable` looks up by name.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Self {
        let path = if variable(INCLUDE_PATH).as_deref() == Some("true") {
            PathRule::Append {
                without_prefix: variable(TRIM_PREFIX).unwrap_or_default(),
            }
        } else {
            PathRule::Ignore
        };
        Self {
            destination: variable(DESTINATION)
                .filter(|value| !value.is_empty())
                .unwrap_or_else(|| "/".to_owned()),
            status: variable(STATUS_CODE)
                .and_then(|value| StatusCode::from_bytes(value.trim().as_bytes()).ok()),
            path,
        }
    }

    /// The answer to a request by any method for the path of a URI, which is not decoded and has no query.
    pub fn answer(&self, method: &Method, uri_path: &str) -> Response<()> {
        let mut response = Response::new(());
        *response.status_mut() = self.status(method);
        response
            .headers_mut()
            .insert(LOCATION, self.location(uri_path));
        response
            .headers_mut()
            .insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        response
    }

    /// The configured status if it is one of a redirect, else 302. 303 turns a request into a `GET`, so it is only for
    /// methods that are not one (RFC 9110 section 15.4.4).
    fn status(&self, method: &Method) -> StatusCode {
        match self.status {
            Some(
                status @ (StatusCode::MOVED_PERMANENTLY
                | StatusCode::FOUND
                | StatusCode::TEMPORARY_REDIRECT
                | StatusCode::PERMANENT_REDIRECT),
            ) => status,
            Some(StatusCode::SEE_OTHER) if matches!(*method, Method::PUT | Method::POST) => {
                StatusCode::SEE_OTHER
            }
            _ => StatusCode::FOUND,
        }
    }

    fn location(&self, uri_path: &str) -> HeaderValue {
        let location = match &self.path {
            PathRule::Ignore => self.destination.clone(),
            PathRule::Append { without_prefix } => append(
                &self.destination,
                uri_path
                    .strip_prefix(without_prefix.as_str())
                    .unwrap_or(uri_path),
            ),
        };
        HeaderValue::from_str(&utf8_percent_encode(&location, NOT_IN_URI).to_string())
            .expect("what is not visible ASCII is encoded")
    }
}

/// The destination with `addition` joined to its path; its query and fragment stay behind.
fn append(destination: &str, addition: &str) -> String {
    let (base, suffix) =
        destination.split_at(destination.find(['?', '#']).unwrap_or(destination.len()));
    let (origin, path) = base.split_at(path_start(base));
    let joined = clean(path, addition, origin);
    format!("{origin}{joined}{suffix}")
}

/// Where the path of a reference without query and fragment begins: behind the authority, or the scheme, if it has one
/// (RFC 3986 section 3).
fn path_start(reference: &str) -> usize {
    let after_scheme = match reference.find(':') {
        Some(colon) if !reference[..colon].contains('/') => colon + 1,
        _ => 0,
    };
    match reference[after_scheme..].strip_prefix("//") {
        Some(rest) => reference.len() - rest.len() + rest.find('/').unwrap_or(rest.len()),
        None => after_scheme,
    }
}

/// Joins two paths without dot segments, duplicate and trailing slashes; an encoded dot is a dot.
fn clean(path: &str, addition: &str, origin: &str) -> String {
    let is_rooted = path.starts_with('/') || path.is_empty();
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/').chain(addition.split('/')) {
        match segment.to_ascii_lowercase().replace("%2e", ".").as_str() {
            "" | "." => {}
            ".." if segments.last().is_some_and(|last| *last != "..") => {
                segments.pop();
            }
            ".." if is_rooted => {}
            ".." => segments.push(".."),
            _ => segments.push(segment),
        }
    }
    let joined = segments.join("/");
    match (is_rooted, joined.is_empty()) {
        // A bare origin stays as it is written.
        (true, true) if path.is_empty() && addition.is_empty() && !origin.is_empty() => joined,
        (true, _) => format!("/{joined}"),
        // A colon in the first segment would make it a scheme (RFC 3986 section 4.2).
        (false, _)
            if joined
                .split('/')
                .next()
                .is_some_and(|first| first.contains(':')) =>
        {
            format!("./{joined}")
        }
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}
