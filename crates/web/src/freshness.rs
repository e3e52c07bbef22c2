//! How long the engine may store a response: an internal targeted cache field, in the manner of RFC 9213.
//!
//! The bundled components send it, the engine honours it from them alone and always removes it. It says nothing to
//! clients and caches further out; they have `Cache-Control`. What differs between clients is in `Vary`, as usual.

use std::fmt;
use std::str::FromStr;

use http::HeaderValue;
use http::header::HeaderName;
use thiserror::Error;

/// The name of the field.
pub const FIELD: HeaderName = HeaderName::from_static("bart-cache-control");

const QUERY: &str = "key-query";
const AUTHORITY: &str = "key-authority";
const NO_STORE: &str = "no-store";
const RELEASE: &str = "release";
const MAX_AGE: &str = "max-age=";

/// How long, and under which key beside the path, a response may be stored.
///
/// On the wire it is a list of directives: `release`, `max-age=60` or `no-store`, then `key-query` and `key-authority`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freshness {
    /// How long the response stays the same.
    pub lifetime: Lifetime,
    /// Whether the response depends on the query. If not, all queries share one entry.
    pub keyed_by_query: bool,
    /// Whether the response depends on the authority (host and port) of the request.
    pub keyed_by_authority: bool,
}

/// How long a response stays the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// Not at all: it is not stored.
    None,
    /// This many seconds.
    Seconds(u32),
    /// As long as the release and its configuration.
    Release,
}

/// A field value that is not one of [`Freshness`]. Such a response must not be stored.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is not a freshness")]
pub struct FreshnessError(String);

impl Freshness {
    /// Stored for as long as the release; the path alone is the key.
    pub const RELEASE: Self = Self {
        lifetime: Lifetime::Release,
        keyed_by_query: false,
        keyed_by_authority: false,
    };

    /// Never stored.
    pub const NONE: Self = Self {
        lifetime: Lifetime::None,
        keyed_by_query: false,
        keyed_by_authority: false,
    };

    /// The field value.
    pub fn to_header_value(self) -> HeaderValue {
        match self {
            Self::RELEASE => HeaderValue::from_static(RELEASE),
            Self::NONE => HeaderValue::from_static(NO_STORE),
            other => {
                HeaderValue::from_str(&other.to_string()).expect("directives are visible ASCII")
            }
        }
    }
}

impl fmt::Display for Freshness {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.lifetime {
            Lifetime::None => formatter.write_str(NO_STORE)?,
            Lifetime::Seconds(seconds) => write!(formatter, "{MAX_AGE}{seconds}")?,
            Lifetime::Release => formatter.write_str(RELEASE)?,
        }
        for (keyed, directive) in [
            (self.keyed_by_query, QUERY),
            (self.keyed_by_authority, AUTHORITY),
        ] {
            if keyed {
                write!(formatter, ", {directive}")?;
            }
        }
        Ok(())
    }
}

impl FromStr for Freshness {
    type Err = FreshnessError;

    fn from_str(text: &str) -> Result<Self, FreshnessError> {
        let error = || FreshnessError(text.to_owned());
        let mut directives = text.split(',').map(str::trim);
        let lifetime = directives
            .next()
            .and_then(read_lifetime)
            .ok_or_else(error)?;
        let mut freshness = Self {
            lifetime,
            ..Self::NONE
        };
        for directive in directives {
            match directive {
                QUERY => freshness.keyed_by_query = true,
                AUTHORITY => freshness.keyed_by_authority = true,
                _ => return Err(error()),
            }
        }
        Ok(freshness)
    }
}

impl TryFrom<&HeaderValue> for Freshness {
    type Error = FreshnessError;

    fn try_from(value: &HeaderValue) -> Result<Self, FreshnessError> {
        value
            .to_str()
            .map_err(|_| FreshnessError(String::from_utf8_lossy(value.as_bytes()).into_owned()))?
            .parse()
    }
}

fn read_lifetime(directive: &str) -> Option<Lifetime> {
    match directive {
        NO_STORE => Some(Lifetime::None),
        RELEASE => Some(Lifetime::Release),
        other => other
            .strip_prefix(MAX_AGE)?
            .parse()
            .ok()
            .map(Lifetime::Seconds),
    }
}
