//! Mistakes in a manifest, with their lines.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why a manifest cannot be used.
#[derive(Debug, Error)]
pub enum ManifestError {
    /// The file cannot be read, or is not UTF-8.
    #[error("failed to read `{}`", path.display())]
    Read {
        /// The manifest.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A mistake in the file.
    #[error("{}:{line}: {message}", path.display())]
    Invalid {
        /// The manifest.
        path: PathBuf,
        /// The line of the mistake, from 1.
        line: usize,
        /// What is wrong.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
}

/// A mistake at a place of the text.
#[derive(Debug)]
pub(super) struct Problem {
    /// Bytes before it.
    at: usize,
    message: String,
    hint: Option<String>,
}

impl ManifestError {
    /// What to do about it.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Read { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                Some("run it in the folder of a site, or name its `spin.toml`")
            }
            Self::Read { .. } => None,
            Self::Invalid { hint, .. } => hint.as_deref(),
        }
    }
}

impl Problem {
    pub(super) fn new(at: usize, message: impl Into<String>) -> Self {
        Self {
            at,
            message: message.into(),
            hint: None,
        }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// With the candidate that is nearest to `name`, if one is near.
    pub(super) fn nearest<'a>(
        mut self,
        name: &str,
        candidates: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        self.hint =
            nearest(name, candidates).map(|candidate| format!("did you mean `{candidate}`?"));
        self
    }

    pub(super) fn in_file(self, path: &Path, text: &str) -> ManifestError {
        let before = text.as_bytes().iter().take(self.at);
        let line = 1 + before.filter(|byte| **byte == b'\n').count();
        ManifestError::Invalid {
            path: path.to_owned(),
            line,
            message: self.message,
            hint: self.hint,
        }
    }
}

impl From<toml::de::Error> for Problem {
    fn from(error: toml::de::Error) -> Self {
        let at = error.span().map_or(0, |span| span.start);
        let message = error.message();
        if let Some(rest) = message.strip_prefix("unknown field ") {
            return unknown_key(at, rest);
        }
        match message.strip_prefix("missing field ") {
            Some(key) => Self::new(at, format!("missing key {key}")),
            None => Self::new(at, message),
        }
    }
}

/// serde says `` `x`, expected one of `a`, `b` `` and lists all keys.
fn unknown_key(at: usize, message: &str) -> Problem {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let key = quoted.next().unwrap_or_default();
    Problem::new(at, format!("unknown key `{key}`")).nearest(key, quoted)
}

/// The candidate that is nearest to a name which does not exist, if one is near enough to be meant.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= 1 + name.len() / 4)
        .map(|(_, candidate)| candidate)
}
