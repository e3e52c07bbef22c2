//! Entity tags and lists of them (RFC 9110 section 8.8.3).

use std::fmt;

use http::header::HeaderName;
use http::{HeaderMap, HeaderValue};
use thiserror::Error;

use crate::encoding::Coding;

/// Characters of a SHA-256 digest in hexadecimal.
const DIGEST_LENGTH: usize = 64;

/// A validator of one representation.
///
/// There is no `==`: equality is either strong or weak.
#[derive(Debug, Clone)]
pub struct EntityTag {
    weak: bool,
    opaque: String,
}

/// What `If-Match` or `If-None-Match` lists.
#[derive(Debug, Clone)]
pub enum EntityTags {
    /// `*`: any current representation.
    Any,
    /// These. What could not be read is left out.
    List(Vec<EntityTag>),
}

/// A text that cannot stand between the quotes of an entity tag.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` cannot be an entity tag")]
pub struct EntityTagError(String);

impl EntityTag {
    /// A strong tag: equal tags mean equal bytes. `opaque` is what stands between the quotes.
    ///
    /// # Errors
    /// When `opaque` holds a quote, white space or a control character.
    pub fn strong(opaque: impl Into<String>) -> Result<Self, EntityTagError> {
        Self::checked(false, opaque.into())
    }

    /// A weak tag: equal tags mean equivalent content. `opaque` is what stands between the quotes.
    ///
    /// # Errors
    /// As [`EntityTag::strong`].
    pub fn weak(opaque: impl Into<String>) -> Result<Self, EntityTagError> {
        Self::checked(true, opaque.into())
    }

    /// The tag of the same content in `coding`, since every encoding is a representation of its own
    /// (RFC 9110 section 8.8.3.3): `"x"` becomes `"x-br"`.
    #[must_use]
    pub fn with_coding(mut self, coding: Coding) -> Self {
        if coding != Coding::Identity {
            self.opaque.push('-');
            self.opaque.push_str(coding.token());
        }
        self
    }

    /// Reads one tag in its wire form.
    pub fn parse(text: &str) -> Option<Self> {
        let (tag, rest) = read_quoted(text.trim())?;
        rest.is_empty().then_some(tag)
    }

    /// Whether the tag is weak.
    pub fn is_weak(&self) -> bool {
        self.weak
    }

    /// What stands between the quotes.
    pub fn opaque(&self) -> &str {
        &self.opaque
    }

    /// Strong comparison: both strong and alike (RFC 9110 section 8.8.3.2).
    pub fn strong_eq(&self, other: &Self) -> bool {
        !self.weak && !other.weak && self.opaque == other.opaque
    }

    /// Weak comparison: alike, weak or not (RFC 9110 section 8.8.3.2).
    pub fn weak_eq(&self, other: &Self) -> bool {
        self.opaque == other.opaque
    }

    /// The tag as a field value.
    pub fn to_header_value(&self) -> HeaderValue {
        HeaderValue::from_str(&self.to_string()).expect("a tag holds no control characters")
    }

    fn checked(weak: bool, opaque: String) -> Result<Self, EntityTagError> {
        if opaque.chars().all(is_tag_character) {
            Ok(Self { weak, opaque })
        } else {
            Err(EntityTagError(opaque))
        }
    }
}

impl fmt::Display for EntityTag {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = if self.weak { "W/" } else { "" };
        write!(formatter, "{prefix}\"{}\"", self.opaque)
    }
}

impl EntityTags {
    /// Reads all lines of the field `name`; `None` when there is none.
    ///
    /// A SHA-256 in lower-case hexadecimal counts as a strong tag without its quotes: spin-fileserver sent its tags
    /// so, and they are in the caches of browsers.
    pub fn from_headers(headers: &HeaderMap, name: &HeaderName) -> Option<Self> {
        headers.contains_key(name).then(|| {
            // Bytes that are not UTF-8 make a tag that is none of ours, and must not hide those beside it.
            let lines: Vec<_> = headers
                .get_all(name)
                .iter()
                .map(|line| String::from_utf8_lossy(line.as_bytes()))
                .collect();
            if lines.iter().any(|line| line.trim() == "*") {
                return Self::Any;
            }
            Self::List(lines.iter().flat_map(|line| TagReader(line)).collect())
        })
    }

    /// Whether a representation with the tag `current` (if it has one) is listed, by strong comparison.
    pub fn contain_strong(&self, current: Option<&EntityTag>) -> bool {
        self.contain(current, EntityTag::strong_eq)
    }

    /// Whether a representation with the tag `current` (if it has one) is listed, by weak comparison.
    pub fn contain_weak(&self, current: Option<&EntityTag>) -> bool {
        self.contain(current, EntityTag::weak_eq)
    }

    fn contain(
        &self,
        current: Option<&EntityTag>,
        equal: fn(&EntityTag, &EntityTag) -> bool,
    ) -> bool {
        match self {
            Self::Any => true,
            Self::List(tags) => {
                current.is_some_and(|current| tags.iter().any(|tag| equal(tag, current)))
            }
        }
    }
}

/// Reads the tags of a list; what is none is skipped up to the next comma.
struct TagReader<'a>(&'a str);

impl Iterator for TagReader<'_> {
    type Item = EntityTag;

    fn next(&mut self) -> Option<EntityTag> {
        loop {
            self.0 = self.0.trim_start_matches([' ', '\t', ',']);
            if self.0.is_empty() {
                return None;
            }
            let quoted = read_quoted(self.0);
            let after = quoted.as_ref().map_or(self.0, |(_, rest)| rest);
            let (member_rest, next) = after.split_once(',').unwrap_or((after, ""));
            let tag = match quoted {
                Some((tag, _)) if member_rest.trim().is_empty() => Some(tag),
                Some(_) => None,
                None => read_unquoted_digest(member_rest.trim()),
            };
            self.0 = next;
            if tag.is_some() {
                return tag;
            }
        }
    }
}

/// A tag at the start of `text`, and what follows it.
fn read_quoted(text: &str) -> Option<(EntityTag, &str)> {
    let (weak, quoted) = text
        .strip_prefix("W/")
        .map_or((false, text), |rest| (true, rest));
    let (opaque, rest) = quoted.strip_prefix('"')?.split_once('"')?;
    let tag = EntityTag::checked(weak, opaque.to_owned()).ok()?;
    Some((tag, rest))
}

fn read_unquoted_digest(text: &str) -> Option<EntityTag> {
    let is_digest = text.len() == DIGEST_LENGTH
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_digest.then(|| EntityTag {
        weak: false,
        opaque: text.to_owned(),
    })
}

/// `etagc` of RFC 9110 section 8.8.3.
fn is_tag_character(character: char) -> bool {
    matches!(character, '\x21' | '\x23'..='\x7e' | '\u{80}'..)
}
