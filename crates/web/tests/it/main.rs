//! Tests of the HTTP rules; each module tests the one of its name.

mod accept;
mod auth;
mod compress;
mod conditional;
mod encoding;
mod etag;
mod files;
mod files_answer;
mod files_index;
mod freshness;
mod media;
mod method;
mod path;
mod range;
mod redirect;
mod representation;
mod route;

use http::header::{HeaderName, HeaderValue};
use http::{HeaderMap, Response};

/// Header lines in the order given.
fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
    lines
        .iter()
        .map(|(name, value)| {
            let value =
                HeaderValue::from_bytes(value.as_bytes()).expect("a test writes valid fields");
            (HeaderName::from_static(name), value)
        })
        .collect()
}

/// A lookup of variables in a table.
fn variables<'a>(table: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
    |name| {
        table
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| (*value).to_owned())
    }
}

/// The status, then the fields in the order of their names.
fn text(response: &Response<()>) -> String {
    let mut fields: Vec<_> = response
        .headers()
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.to_str().expect("visible ASCII")))
        .collect();
    fields.sort();
    format!("{} | {}", response.status().as_u16(), fields.join(" | "))
}
