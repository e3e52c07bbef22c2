//! Media types by file name: what to declare, and whether compressing pays.

use std::path::Path;

use http::HeaderValue;

const UNKNOWN: &str = "application/octet-stream";

/// Types that are text although their name does not say so. They get a charset and are worth compressing.
const TEXT: [&str; 11] = [
    "application/ecmascript",
    "application/graphql",
    "application/javascript",
    "application/json",
    "application/rtf",
    "application/sql",
    "application/toml",
    "application/x-javascript",
    "application/x-sh",
    "application/xml",
    "application/yaml",
];

/// Binary types without compression of their own.
const PLAIN_BINARY: [&str; 13] = [
    "application/font-sfnt",
    "application/vnd.ms-fontobject",
    "application/wasm",
    "application/x-font-ttf",
    "application/x-tar",
    "audio/wav",
    "audio/x-wav",
    "font/otf",
    "font/ttf",
    "image/bmp",
    "image/vnd.microsoft.icon",
    "image/x-icon",
    "model/gltf-binary",
];

/// Application types that are compressed already, beside images, audio and video.
const PACKED: [&str; 16] = [
    "application/epub+zip",
    "application/font-woff",
    "application/gzip",
    "application/java-archive",
    "application/ogg",
    "application/pdf",
    "application/vnd.android.package-archive",
    "application/vnd.rar",
    "application/x-7z-compressed",
    "application/x-bzip2",
    "application/x-rar-compressed",
    "application/x-xz",
    "application/zip",
    "application/zstd",
    "font/woff",
    "font/woff2",
];

/// The media type of a file, by the extension of its name (RFC 9110 section 8.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MediaType {
    essence: &'static str,
    known: bool,
}

/// Whether a content coding makes a file of some type smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compressibility {
    /// Text and the like: compress it.
    Good,
    /// Nothing is known: only someone who compressed it beforehand knows.
    Unknown,
    /// The format is compressed already.
    None,
}

impl MediaType {
    /// The type of the file `name`, which may be a whole path.
    pub fn of_file(name: &str) -> Self {
        Path::new(name)
            .extension()
            .and_then(|extension| extension.to_str())
            .and_then(|extension| mime_guess::from_ext(extension).first_raw())
            .map_or(
                Self {
                    essence: UNKNOWN,
                    known: false,
                },
                |essence| Self {
                    essence,
                    known: true,
                },
            )
    }

    /// `type/subtype` without parameters; `application/octet-stream` when the name says nothing.
    pub fn essence(self) -> &'static str {
        self.essence
    }

    /// Whether the name said something. If not, the response should carry `X-Content-Type-Options: nosniff`, so that
    /// a browser does not guess.
    pub fn is_known(self) -> bool {
        self.known
    }

    /// Whether the content is text, and so declared as UTF-8.
    pub fn is_text(self) -> bool {
        self.essence.starts_with("text/")
            || self.essence.ends_with("+json")
            || self.essence.ends_with("+xml")
            || TEXT.contains(&self.essence)
    }

    /// Whether compressing the content pays.
    pub fn compressibility(self) -> Compressibility {
        if self.is_text() || PLAIN_BINARY.contains(&self.essence) {
            return Compressibility::Good;
        }
        let kind = self.essence.split('/').next().unwrap_or_default();
        if matches!(kind, "image" | "audio" | "video") || PACKED.contains(&self.essence) {
            return Compressibility::None;
        }
        Compressibility::Unknown
    }

    /// The value of `Content-Type`: the type, and `charset=utf-8` for text.
    pub fn content_type(self) -> HeaderValue {
        match self.essence {
            // The common ones, without an allocation.
            "text/html" => HeaderValue::from_static("text/html; charset=utf-8"),
            "text/css" => HeaderValue::from_static("text/css; charset=utf-8"),
            "text/javascript" => HeaderValue::from_static("text/javascript; charset=utf-8"),
            essence if self.is_text() => {
                HeaderValue::from_str(&format!("{essence}; charset=utf-8"))
                    .expect("a media type is visible ASCII")
            }
            essence => HeaderValue::from_static(essence),
        }
    }
}
