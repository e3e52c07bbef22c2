//! A page that cannot be shown: what the log says, and what its readers see.

use std::error::Error;
use std::fmt::Write as _;

use crate::diagnosis::Diagnosis;
use crate::environment::{Audience, Environment};
use crate::request::PageRequest;
use crate::settings::SiteError;

/// A failure, told to the log and to the readers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// For the log: `path:line: message`, and the hint on a line of its own.
    pub report: String,
    /// For the readers: an HTML page, without internals unless it is for the site's authors.
    pub body: String,
    /// For programs.
    pub diagnosis: Box<Diagnosis>,
}

impl Failure {
    /// The failure of a site that does not open.
    pub fn to_open(error: &SiteError, request: &PageRequest) -> Self {
        let audience = Environment::new(&request.environment).audience();
        Self::new(audience, report(error, error.hint()), error.into())
    }

    pub(crate) fn new(audience: Audience, report: String, diagnosis: Diagnosis) -> Self {
        let body = match audience {
            Audience::Readers => page(""),
            Audience::Authors => page(&format!(
                "<pre>{}</pre>\n",
                handlebars::html_escape(&report)
            )),
        };
        Self {
            report,
            body,
            diagnosis: Box::new(diagnosis),
        }
    }
}

/// What the log says of an error: the error with its causes on one line, and the hint on the next.
pub(crate) fn report(error: &dyn Error, hint: Option<&str>) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        // Writing to a string cannot fail.
        let _ = write!(text, ": {cause}");
        source = cause.source();
    }
    if let Some(hint) = hint {
        let _ = write!(text, "\nhint: {hint}");
    }
    text
}

fn page(details: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Internal Server Error</title></head>\n\
         <body>\n<h1>Internal Server Error</h1>\n<p>This page could not be shown.</p>\n{details}</body>\n</html>\n"
    )
}
