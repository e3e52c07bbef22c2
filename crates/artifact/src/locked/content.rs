//! Content as a locked app names it: by digest, or, where it is short, in place.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::digest::Digest;

/// Spin writes no padding and refuses it; reading it does no harm.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Some bytes. One of the three says what they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Where they are on the machine that made the locked app. Artifacts have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The bytes themselves, where they are few.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "write_base64",
        deserialize_with = "read_base64"
    )]
    pub inline: Option<Vec<u8>>,
    /// Their digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
}

/// A file of a component.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "FlatContentPath")]
pub struct ContentPath {
    /// Its content.
    #[serde(flatten)]
    pub content: Content,
    /// Where the component sees it. It comes from outside and may be anything: see [`GuestPath`](crate::GuestPath).
    pub path: String,
}

/// How a file is read: serde's own flattening takes several times as long, and sites have thousands of files.
#[derive(Deserialize)]
struct FlatContentPath {
    source: Option<String>,
    #[serde(default, deserialize_with = "read_base64")]
    inline: Option<Vec<u8>>,
    digest: Option<Digest>,
    path: String,
}

impl From<FlatContentPath> for ContentPath {
    fn from(flat: FlatContentPath) -> ContentPath {
        let FlatContentPath {
            source,
            inline,
            digest,
            path,
        } = flat;
        let content = Content {
            source,
            inline,
            digest,
        };
        ContentPath { content, path }
    }
}

impl Content {
    /// The content of this digest.
    #[must_use]
    pub fn of_digest(digest: Digest) -> Content {
        Content {
            digest: Some(digest),
            ..Content::default()
        }
    }

    /// These bytes, in place.
    #[must_use]
    pub fn inline(bytes: Vec<u8>) -> Content {
        Content {
            source: None,
            digest: Some(Digest::of(&bytes)),
            inline: Some(bytes),
        }
    }
}

fn write_base64<S: Serializer>(bytes: &Option<Vec<u8>>, serializer: S) -> Result<S::Ok, S::Error> {
    match bytes {
        Some(bytes) => serializer.serialize_str(&BASE64.encode(bytes)),
        None => serializer.serialize_none(),
    }
}

fn read_base64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<u8>>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else {
        return Ok(None);
    };
    BASE64
        .decode(text)
        .map(Some)
        .map_err(serde::de::Error::custom)
}
