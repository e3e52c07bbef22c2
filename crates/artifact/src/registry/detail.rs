//! The words in which a registry explains an error, made fit to be quoted.

use std::fmt;

use serde::Deserialize;

/// What a registry says of an error (distribution-spec, "Error codes"), cut and freed of control characters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Detail(String);

/// The longest text that is quoted, in characters.
const LONGEST: usize = 200;

impl Detail {
    pub(super) fn of(body: &[u8]) -> Detail {
        #[derive(Deserialize)]
        struct Body {
            errors: Vec<Entry>,
        }
        #[derive(Deserialize)]
        struct Entry {
            #[serde(default)]
            code: String,
            #[serde(default)]
            message: String,
        }
        let Ok(Body { errors }) = serde_json::from_slice(body) else {
            return Detail::default();
        };
        let texts: Vec<String> = errors
            .into_iter()
            .map(
                |Entry { code, message }| match (code.as_str(), message.as_str()) {
                    ("", text) | (text, "") => text.to_owned(),
                    (code, message) => format!("{code}, {message}"),
                },
            )
            .collect();
        let plain = texts.join("; ").replace(char::is_control, " ");
        Detail(plain.chars().take(LONGEST).collect())
    }

    /// Whether the registry misses a blob that a manifest names.
    pub(super) fn misses_blob(&self) -> bool {
        self.0.contains("MANIFEST_BLOB_UNKNOWN") || self.0.contains("BLOB_UNKNOWN")
    }
}

impl fmt::Display for Detail {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        write!(formatter, " (it says: {})", self.0)
    }
}
