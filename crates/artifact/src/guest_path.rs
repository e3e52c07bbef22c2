//! Paths of files as components see them: never outside the tree of the component.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt;

/// The longest name in a path, in bytes, as on Linux (`NAME_MAX`).
const LONGEST_NAME: usize = 255;
/// The longest path, in bytes, as on Linux (`PATH_MAX`).
const LONGEST_PATH: usize = 4096;
/// The most names in a path, so that nothing that walks a tree runs out of stack or descriptors.
const DEEPEST: usize = 128;

/// A path below the root of a component's files: names with `/` between them, none of them empty, `.` or `..`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GuestPath(String);

/// Why a text is no path of a file.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{}` is not a path of a file: {reason}", shown(text))]
pub struct GuestPathError {
    text: String,
    reason: &'static str,
}

impl GuestPath {
    /// Reads a path. Empty names and `.` are left out, as file systems do.
    ///
    /// # Errors
    ///
    /// When the path is absolute, leads upwards, is empty, or is longer or deeper than a file system allows.
    pub fn parse(text: &str) -> Result<GuestPath, GuestPathError> {
        let error = |reason| GuestPathError {
            text: text.to_owned(),
            reason,
        };
        if text.len() > LONGEST_PATH {
            return Err(error("it is longer than 4096 bytes"));
        }
        if text.starts_with('/') {
            return Err(error("it is absolute"));
        }
        if text.contains('\0') {
            return Err(error("it contains a NUL"));
        }
        let mut path = String::with_capacity(text.len());
        let mut depth = 0;
        for name in text.split('/') {
            match name {
                "" | "." => continue,
                ".." => return Err(error("it leads upwards")),
                _ if name.len() > LONGEST_NAME => {
                    return Err(error("one of its names is longer than 255 bytes"));
                }
                _ if depth == DEEPEST => return Err(error("it is deeper than 128 names")),
                _ if depth > 0 => path.push('/'),
                _ => {}
            }
            path.push_str(name);
            depth += 1;
        }
        if path.is_empty() {
            return Err(error("it names no file"));
        }
        Ok(GuestPath(path))
    }

    /// The path as a text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The folders that the file is in, from the outermost.
    pub fn folders(&self) -> impl Iterator<Item = &str> {
        self.0.match_indices('/').map(|(end, _)| &self.0[..end])
    }
}

/// The first file, if any, that is a folder of other files too: no tree can hold both.
#[must_use]
pub fn file_and_folder<T>(files: &BTreeMap<GuestPath, T>) -> Option<&GuestPath> {
    let mut last = None;
    for path in files.keys() {
        // Neighbours are mostly in one folder.
        let folder = path.as_str().rsplit_once('/').map(|(folder, _)| folder);
        if folder == last {
            continue;
        }
        last = folder;
        if let Some((file, _)) = path
            .folders()
            .find_map(|folder| files.get_key_value(folder))
        {
            return Some(file);
        }
    }
    None
}

impl Borrow<str> for GuestPath {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for GuestPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for GuestPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

/// A path as an error shows it: on one line, and not 4 KiB long.
fn shown(text: &str) -> String {
    const LONGEST: usize = 200;
    let mut shown: String = text.escape_debug().take(LONGEST).collect();
    if text.len() > LONGEST {
        shown.push('…');
    }
    shown
}
