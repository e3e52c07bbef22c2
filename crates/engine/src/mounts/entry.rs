//! The paths and patterns of `files`.

use glob::{MatchOptions, Pattern};
use thiserror::Error;

use crate::app::FileEntry;

/// What is wrong with an entry of `files`, whatever the files.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum EntryProblem {
    /// An absolute path, or more `..` than folders.
    #[error("it is outside of the manifest's folder")]
    Outside,
    /// A pattern that ends in `.` or `..`.
    #[error(
        "a pattern cannot end in `.` or `..`; place the folder with `source` and `destination`"
    )]
    Dots,
    /// Not a pattern.
    #[error("it is not a pattern: {0}")]
    Pattern(&'static str),
    /// A destination with `..`.
    #[error("its destination has `..`")]
    Destination,
    /// A file whose destination is a folder's name.
    #[error("a single file needs a file's name as destination")]
    FileName,
}

/// A pattern of files below a folder.
#[derive(Debug)]
pub(super) struct FilePattern {
    /// The folder to look in, relative, `/` between names.
    pub(super) folder: String,
    /// How deep below it.
    pub(super) depth: usize,
    pattern: Pattern,
}

/// Checks an entry without a look at the files.
///
/// # Errors
/// What is wrong with it.
pub fn check(entry: &FileEntry) -> Result<(), EntryProblem> {
    match entry {
        FileEntry::Pattern(pattern) => FilePattern::new(&pattern_path(pattern)?).map(drop),
        FileEntry::Placement {
            source,
            destination,
        } => {
            relative(source)?;
            guest(destination).map(drop)
        }
    }
}

impl FilePattern {
    /// `path` comes from [`pattern_path`].
    pub(super) fn new(path: &str) -> Result<Self, EntryProblem> {
        let pattern = Pattern::new(path).map_err(|error| EntryProblem::Pattern(error.msg))?;
        let names: Vec<_> = path.split('/').collect();
        let literal = names.iter().take_while(|name| !is_pattern(name)).count();
        let depth = if path.contains("**") {
            usize::MAX
        } else {
            names.len() - literal
        };
        Ok(Self {
            folder: names[..literal].join("/"),
            depth,
            pattern,
        })
    }

    /// Whether the file at a path relative to the manifest's folder is one of these. As in Spin, `*` and `?` match a
    /// leading dot and no slash.
    pub(super) fn matches(&self, path: &str) -> bool {
        let options = MatchOptions {
            case_sensitive: true,
            require_literal_separator: true,
            require_literal_leading_dot: false,
        };
        self.pattern.matches_with(path, options)
    }
}

pub(super) fn is_pattern(path: &str) -> bool {
    path.contains(['*', '?', '['])
}

/// The path of a pattern relative to the manifest's folder.
pub(super) fn pattern_path(pattern: &str) -> Result<String, EntryProblem> {
    if matches!(pattern.rsplit('/').next(), Some("." | "..")) {
        return Err(EntryProblem::Dots);
    }
    relative(pattern)
}

/// A path relative to the manifest's folder without `.`, `..` and repeated slashes. The folder itself is empty.
pub(super) fn relative(path: &str) -> Result<String, EntryProblem> {
    if path.starts_with('/') {
        return Err(EntryProblem::Outside);
    }
    let mut names = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." => drop(names.pop().ok_or(EntryProblem::Outside)?),
            _ => names.push(name),
        }
    }
    Ok(names.join("/"))
}

/// A path in the guest without its leading slash. The root is empty.
pub(super) fn guest(destination: &str) -> Result<String, EntryProblem> {
    let names = destination
        .split('/')
        .filter(|name| !matches!(*name, "" | "."));
    let names: Vec<_> = names.collect();
    if names.contains(&"..") {
        Err(EntryProblem::Destination)
    } else {
        Ok(names.join("/"))
    }
}

/// The name of a single file's destination.
pub(super) fn guest_file(destination: &str) -> Result<String, EntryProblem> {
    match guest(destination)? {
        path if path.is_empty() || destination.ends_with(['/', '.']) => Err(EntryProblem::FileName),
        path => Ok(path),
    }
}
