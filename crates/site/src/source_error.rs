//! A mistake in a file of the site: where it is, what it is, and what to do about it.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::IgnoredAny;
use toml::Spanned;

/// A mistake in `config/site.toml` or in the head of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceError {
    /// The file, relative to the site's root.
    pub path: String,
    /// The line in that file, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl SourceError {
    /// A mistake at a byte offset of `text`, the whole content of `path`.
    pub(crate) fn at(path: &str, text: &str, offset: usize, mistake: Mistake) -> Self {
        let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
        Self {
            path: path.to_owned(),
            line: 1 + before.iter().filter(|&&byte| byte == b'\n').count(),
            message: mistake.message,
            hint: mistake.hint.map(str::to_owned),
        }
    }
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.message)
    }
}

impl std::error::Error for SourceError {}

/// What is wrong in a piece of TOML, and at which byte of it.
#[derive(Debug)]
pub(crate) struct Mistake {
    pub(crate) offset: usize,
    pub(crate) message: String,
    pub(crate) hint: Option<&'static str>,
}

impl From<toml::de::Error> for Mistake {
    fn from(error: toml::de::Error) -> Self {
        Self {
            offset: error.span().map_or(0, |span| span.start),
            // Its message may have several lines; a log line has one.
            message: error.message().replace('\n', ", "),
            hint: None,
        }
    }
}

/// The top-level keys of a TOML document with their lines, counted from 1, in their order; none where it is not TOML.
pub(crate) fn keys_with_lines(text: &str) -> Vec<(String, usize)> {
    let keys: BTreeMap<Spanned<String>, IgnoredAny> = toml::from_str(text).unwrap_or_default();
    let line = |offset: usize| 1 + text[..offset].matches('\n').count();
    let mut keys: Vec<_> = keys
        .into_keys()
        .map(|key| (line(key.span().start), key.into_inner()))
        .collect();
    keys.sort_unstable();
    keys.into_iter().map(|(line, key)| (key, line)).collect()
}
