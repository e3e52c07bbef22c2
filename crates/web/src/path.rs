//! Request paths: decoded, normalised, and safe to join to a folder.

use std::borrow::Cow;
use std::fmt;

use percent_encoding::percent_decode_str;
use thiserror::Error;

/// The one folder whose name starts with a dot and which is public all the same (RFC 8615).
const WELL_KNOWN: &str = ".well-known";

/// A path below a root that a request may name: no empty, `.` or `..` segments, and none with a separator or a NUL.
///
/// It reads as a relative path (`blog/post.html`; the root itself is empty), so joining it to a folder stays inside it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RequestPath {
    relative: String,
    trailing_slash: bool,
}

/// Why a path cannot name anything below a root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PathError {
    /// More `..` than segments before them.
    #[error("the path leads out of its root")]
    Escape,
    /// A segment holds a NUL.
    #[error("the path holds a NUL")]
    Nul,
    /// A segment holds `/` after decoding, or a `\`.
    #[error("a segment of the path holds a separator")]
    Separator,
    /// The decoded bytes are not UTF-8.
    #[error("the path is not UTF-8")]
    NotUtf8,
}

impl RequestPath {
    /// Reads the path of a URI (without its query), decoding percent escapes (RFC 3986 section 2.1) after the split
    /// into segments. A `%` that starts no escape stands for itself. Dot segments are removed, encoded ones too
    /// (RFC 3986 section 5.2.4), and so are empty ones.
    ///
    /// # Errors
    /// When the path leads out of its root, or has a segment that no safe file name can hold.
    pub fn decode(raw: &str) -> Result<Self, PathError> {
        Self::read(raw, |segment| {
            percent_decode_str(segment)
                .decode_utf8()
                .map_err(|_| PathError::NotUtf8)
        })
    }

    /// Reads a path in which `%` means nothing: a configured file name, or a request for a file with an escape in its
    /// very name.
    ///
    /// # Errors
    /// As [`RequestPath::decode`].
    pub fn literal(raw: &str) -> Result<Self, PathError> {
        Self::read(raw, |segment| Ok(Cow::Borrowed(segment)))
    }

    /// The path relative to its root, without slashes at either end; empty for the root.
    pub fn as_str(&self) -> &str {
        &self.relative
    }

    /// The segments from the root on; none for the root.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.relative
            .split('/')
            .filter(|segment| !segment.is_empty())
    }

    /// The last segment, unless this is the root.
    pub fn file_name(&self) -> Option<&str> {
        self.segments().next_back()
    }

    /// Whether this is the root.
    pub fn is_root(&self) -> bool {
        self.relative.is_empty()
    }

    /// Whether the request named a folder: it ended in `/`, `/.` or `/..`.
    pub fn has_trailing_slash(&self) -> bool {
        self.trailing_slash
    }

    /// Whether a segment starts with a dot, not counting a leading `.well-known` (RFC 8615).
    pub fn is_hidden(&self) -> bool {
        self.segments().enumerate().any(|(index, segment)| {
            segment.starts_with('.') && !(index == 0 && segment == WELL_KNOWN)
        })
    }

    fn read<'a>(
        raw: &'a str,
        decode: impl Fn(&'a str) -> Result<Cow<'a, str>, PathError>,
    ) -> Result<Self, PathError> {
        let mut path = Self {
            relative: String::with_capacity(raw.len()),
            trailing_slash: false,
        };
        for raw_segment in raw.split('/') {
            let segment = decode(raw_segment)?;
            path.trailing_slash = matches!(&*segment, "" | "." | "..");
            match &*segment {
                "" | "." => {}
                ".." => path.pop()?,
                name => path.push(name)?,
            }
        }
        // An empty path has one empty segment, but no slash.
        path.trailing_slash &= !raw.is_empty();
        Ok(path)
    }

    fn push(&mut self, segment: &str) -> Result<(), PathError> {
        if segment.contains('\0') {
            return Err(PathError::Nul);
        }
        if segment.contains(['/', '\\']) {
            return Err(PathError::Separator);
        }
        if !self.relative.is_empty() {
            self.relative.push('/');
        }
        self.relative.push_str(segment);
        Ok(())
    }

    fn pop(&mut self) -> Result<(), PathError> {
        if self.relative.is_empty() {
            return Err(PathError::Escape);
        }
        let parent = self.relative.rfind('/').unwrap_or(0);
        self.relative.truncate(parent);
        Ok(())
    }
}

/// The path from the root: `/` and the segments, with the trailing slash if there was one. Not percent-encoded.
impl fmt::Display for RequestPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "/{}", self.relative)?;
        if self.trailing_slash && !self.is_root() {
            formatter.write_str("/")?;
        }
        Ok(())
    }
}
