//! The platforms that images are for, written `linux/amd64` or `linux/arm/v7`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An operating system and a processor. Their order is that of their names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Platform {
    /// The operating system, such as `linux`.
    pub os: String,
    /// The processor, such as `amd64`.
    pub architecture: String,
    /// Which of its kind, such as `v7`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
}

/// Why a text is no platform.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "`{text}` is not a platform: it must be `OS/ARCHITECTURE[/VARIANT]`, such as `linux/amd64`"
)]
pub struct PlatformError {
    text: String,
}

impl Platform {
    /// Whether an image for `self` is one for `wanted`, which may leave the variant open.
    #[must_use]
    pub fn is(&self, wanted: &Platform) -> bool {
        self.os == wanted.os
            && self.architecture == wanted.architecture
            && (wanted.variant.is_none() || self.variant == wanted.variant)
    }
}

impl FromStr for Platform {
    type Err = PlatformError;

    fn from_str(text: &str) -> Result<Platform, PlatformError> {
        let is_word = |word: &&str| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        };
        let words: Vec<&str> = text.split('/').filter(is_word).collect();
        let whole = text.split('/').count() == words.len();
        let (os, architecture, variant) = match words[..] {
            [os, architecture] if whole => (os, architecture, None),
            [os, architecture, variant] if whole => (os, architecture, Some(variant)),
            _ => {
                return Err(PlatformError {
                    text: text.to_owned(),
                });
            }
        };
        Ok(Platform {
            os: os.to_owned(),
            architecture: architecture.to_owned(),
            variant: variant.map(str::to_owned),
        })
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.os, self.architecture)?;
        match &self.variant {
            Some(variant) => write!(formatter, "/{variant}"),
            None => Ok(()),
        }
    }
}
