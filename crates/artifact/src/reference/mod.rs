//! References: where a registry keeps an artifact, such as `ghcr.io/me/site:1.2.3`.

mod grammar;

use std::fmt;
use std::str::FromStr;

use crate::digest::Digest;

/// A repository of a registry, with the tag or digest of one artifact in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reference {
    /// The repository.
    pub repository: Repository,
    /// Which artifact.
    pub target: Target,
}

/// A repository of a registry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Repository {
    /// The host, with a port where it has one.
    pub registry: String,
    /// The name in the registry, such as `me/site`.
    pub name: String,
}

/// Which artifact of a repository.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// The one that a tag points at.
    Tag(String),
    /// The one of this digest, for ever.
    Digest(Digest),
}

/// Why a text is no reference.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{text}` is not a reference: {reason}")]
pub struct ReferenceError {
    text: String,
    reason: String,
}

impl Repository {
    /// The artifact of this repository that `target` names.
    #[must_use]
    pub fn at(&self, target: Target) -> Reference {
        Reference {
            repository: self.clone(),
            target,
        }
    }
}

impl FromStr for Reference {
    type Err = ReferenceError;

    /// Reads `HOST[:PORT]/NAME:TAG` or `HOST[:PORT]/NAME@sha256:...`. With a tag and a digest the digest counts.
    fn from_str(text: &str) -> Result<Reference, ReferenceError> {
        let error = |reason: &str| ReferenceError {
            text: text.to_owned(),
            reason: reason.to_owned(),
        };
        let (repository, tag, digest) = parse(text)?;
        let target = match (tag, digest) {
            (_, Some(digest)) => Target::Digest(
                digest
                    .parse()
                    .map_err(|_| error("its digest is not sha256"))?,
            ),
            (Some(tag), None) => Target::Tag(tag),
            (None, None) => return Err(error("it has no tag, such as `:1.2.3`")),
        };
        Ok(Reference { repository, target })
    }
}

impl FromStr for Repository {
    type Err = ReferenceError;

    /// Reads `HOST[:PORT]/NAME`.
    fn from_str(text: &str) -> Result<Repository, ReferenceError> {
        match parse(text)? {
            (repository, None, None) => Ok(repository),
            _ => Err(ReferenceError {
                text: text.to_owned(),
                reason: "a repository has no tag or digest".to_owned(),
            }),
        }
    }
}

impl FromStr for Target {
    type Err = ReferenceError;

    /// Reads a tag or a digest.
    fn from_str(text: &str) -> Result<Target, ReferenceError> {
        if let Ok(digest) = text.parse() {
            return Ok(Target::Digest(digest));
        }
        if grammar::is_tag(text) {
            return Ok(Target::Tag(text.to_owned()));
        }
        Err(ReferenceError {
            text: text.to_owned(),
            reason: grammar::TAG.to_owned(),
        })
    }
}

/// The repository, and the tag and the digest if there are any.
fn parse(text: &str) -> Result<(Repository, Option<String>, Option<String>), ReferenceError> {
    let parts = grammar::split(text).map_err(|reason| ReferenceError {
        text: text.to_owned(),
        reason: reason.to_owned(),
    })?;
    let repository = Repository {
        registry: parts.registry.to_owned(),
        name: parts.name.to_owned(),
    };
    let owned = |part: Option<&str>| part.map(str::to_owned);
    Ok((repository, owned(parts.tag), owned(parts.digest)))
}

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}", self.repository, Suffix(&self.target))
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.registry, self.name)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(tag) => formatter.write_str(tag),
            Self::Digest(digest) => write!(formatter, "{digest}"),
        }
    }
}

/// A target as it follows a repository.
struct Suffix<'a>(&'a Target);

impl fmt::Display for Suffix<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let separator = match self.0 {
            Target::Tag(_) => ':',
            Target::Digest(_) => '@',
        };
        write!(formatter, "{separator}{}", self.0)
    }
}
