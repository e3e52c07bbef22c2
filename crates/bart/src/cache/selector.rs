//! How a user names a release of the cache: by its digest, the beginning of that, or a reference.

use std::str::FromStr;

use artifact::reference::ReferenceError;
use artifact::{Digest, Reference, Repository, Store, Target};

use crate::Failure;

/// The fewest digits that are taken for the beginning of a digest.
const FEWEST_DIGITS: usize = 6;

/// A name for a release, as it was written.
#[derive(Clone, Debug)]
pub(super) struct Selector {
    text: String,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Digest(Digest),
    /// The hexadecimal digits with which it begins.
    Beginning(String),
    Tag(Repository, String),
}

impl Selector {
    /// As it was written.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The one release of these that is meant. `None` where none is.
    ///
    /// # Errors
    /// The beginning of several digests.
    pub(super) fn find(
        &self,
        store: &Store,
        releases: impl Iterator<Item = Digest>,
    ) -> Result<Option<Digest>, Failure> {
        let mut found: Vec<Digest> = match &self.kind {
            Kind::Digest(digest) => releases.filter(|release| release == digest).collect(),
            Kind::Beginning(digits) => releases
                .filter(|release| release.hex().starts_with(digits))
                .collect(),
            Kind::Tag(repository, tag) => {
                let resolved = store.resolved(repository, tag);
                releases
                    .filter(|release| resolved == Some(*release))
                    .collect()
            }
        };
        if found.len() > 1 {
            let error = anyhow::anyhow!(
                "the digests of {} releases begin with `{}`",
                found.len(),
                self.text
            );
            return Err(Failure::usage(error).hint("write more of its digits"));
        }
        Ok(found.pop())
    }
}

impl FromStr for Selector {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Selector, ReferenceError> {
        Ok(Selector {
            text: text.to_owned(),
            kind: text.parse()?,
        })
    }
}

impl FromStr for Kind {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Kind, ReferenceError> {
        if let Ok(digest) = text.parse() {
            return Ok(Kind::Digest(digest));
        }
        let digits = text.strip_prefix("sha256:").unwrap_or(text);
        let hexadecimal = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if digits.len() >= FEWEST_DIGITS && digits.bytes().all(hexadecimal) {
            return Ok(Kind::Beginning(digits.to_owned()));
        }
        let reference: Reference = text.parse()?;
        Ok(match reference.target {
            Target::Digest(digest) => Kind::Digest(digest),
            Target::Tag(tag) => Kind::Tag(reference.repository, tag),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_named_by_its_digest_or_by_a_reference() {
        let hex = "a1".repeat(32);
        let digest = || Some(Kind::Digest(format!("sha256:{hex}").parse().unwrap()));
        let beginning = |digits: &str| Some(Kind::Beginning(digits.to_owned()));
        let cases = [
            (format!("sha256:{hex}"), digest()),
            (format!("ghcr.io/me/site@sha256:{hex}"), digest()),
            (format!("ghcr.io/me/site:1.0.0@sha256:{hex}"), digest()),
            ("a1a1a1".to_owned(), beginning("a1a1a1")),
            ("sha256:a1a1a1".to_owned(), beginning("a1a1a1")),
            (hex.clone(), beginning(&hex)),
            (
                "localhost:5000/site:1".to_owned(),
                Some(Kind::Tag(
                    "localhost:5000/site".parse().unwrap(),
                    "1".to_owned(),
                )),
            ),
            ("a1a1a".to_owned(), None),
            ("A1A1A1".to_owned(), None),
            ("site:1".to_owned(), None),
            ("ghcr.io/me/site".to_owned(), None),
            (String::new(), None),
        ];
        for (text, expected) in cases {
            assert_eq!(text.parse().ok(), expected, "{text}");
        }
    }
}
