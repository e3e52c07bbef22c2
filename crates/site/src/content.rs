//! The content folder: which file answers a path, and which files there are.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use glob::{MatchOptions, Pattern};
use web::path::RequestPath;

use crate::index::PageIndex;

/// The folder of the content files, relative to the root of the site.
const FOLDER: &str = "content";
/// What the name of every content file ends with.
const EXTENSION: &str = ".md";
/// `*` stands for a part of one name; unlike in a shell it also stands for a leading dot.
const MATCHING: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: false,
};

/// The content files of a site.
#[derive(Debug)]
pub(crate) struct Content {
    root: PathBuf,
    folder: PathBuf,
}

/// A content file that answers a path.
#[derive(Debug)]
pub(crate) struct ContentFile {
    /// Its path relative to the site's root, for messages.
    pub(crate) path: String,
    pub(crate) text: String,
    /// Whether it answers as the index of the folder that the path names.
    pub(crate) is_folder_index: bool,
}

/// Which files a listing is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Selection<'a> {
    All,
    /// Those that match one of the patterns, which are relative to the content folder.
    Matching(&'a [String]),
}

/// A selection, ready to be asked about names.
#[derive(Debug)]
pub(crate) enum Selected {
    All,
    Matching(Vec<Pattern>),
}

/// Why a selection of files cannot be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SelectError {
    #[error("`{pattern}` in `read_pages_glob` is not a pattern")]
    Pattern {
        pattern: String,
        source: glob::PatternError,
    },
    #[error("failed to read `{path}`")]
    Read { path: String, source: io::Error },
}

impl Content {
    pub(crate) fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            folder: root.join(FOLDER),
        }
    }

    /// The file that answers a path, hidden ones included.
    pub(crate) fn find(&self, path: &str) -> Option<ContentFile> {
        candidates(path)
            .into_iter()
            .find_map(|candidate| self.open(&candidate))
    }

    /// The file that answers a path for someone who may only see what is not hidden.
    pub(crate) fn find_visible(&self, path: &str) -> Option<ContentFile> {
        candidates(path)
            .into_iter()
            .filter(|candidate| !is_hidden(&candidate.name))
            .find_map(|candidate| self.open(&candidate))
    }

    /// The names of the files of a listing, relative to the content folder, in order. Hidden files are not listed.
    pub(crate) fn names(&self, selection: Selection<'_>) -> Result<BTreeSet<String>, SelectError> {
        let mut names = BTreeSet::new();
        match selection {
            Selection::All => self.walk("", &mut |name| {
                names.insert(name.to_owned());
            })?,
            Selection::Matching(patterns) => {
                for written in patterns {
                    self.match_into(&mut names, written)?;
                }
            }
        }
        Ok(names)
    }

    /// The index of the pages, if the site has one.
    pub(crate) fn index(&self) -> Option<PageIndex> {
        PageIndex::read(&self.root)
    }

    /// Tells which names a selection has, for who knows all names already.
    pub(crate) fn selected(&self, selection: Selection<'_>) -> Result<Selected, SelectError> {
        match selection {
            Selection::All => Ok(Selected::All),
            Selection::Matching(patterns) => patterns
                .iter()
                .filter_map(|written| pattern(written).transpose())
                .collect::<Result<_, _>>()
                .map(Selected::Matching),
        }
    }

    /// The text of the file of that name.
    pub(crate) fn read(&self, name: &str) -> io::Result<String> {
        fs::read_to_string(self.folder.join(name))
    }

    /// A folder, and a file that is unreadable or not text, is no page.
    fn open(&self, candidate: &Candidate) -> Option<ContentFile> {
        let text = self.read(&candidate.name).ok()?;
        Some(ContentFile {
            path: path_of(&candidate.name),
            text,
            is_folder_index: candidate.is_folder_index,
        })
    }

    fn match_into(&self, names: &mut BTreeSet<String>, written: &str) -> Result<(), SelectError> {
        let Some(pattern) = pattern(written)? else {
            return Ok(());
        };
        self.walk(literal_folder(pattern.as_str()), &mut |name| {
            if pattern.matches_with(name, MATCHING) {
                names.insert(name.to_owned());
            }
        })
    }

    /// Calls `visit` with each content file below a folder that is not hidden.
    fn walk(&self, start: &str, visit: &mut dyn FnMut(&str)) -> Result<(), SelectError> {
        let mut folders = vec![start.to_owned()];
        while let Some(folder) = folders.pop() {
            self.visit_folder(&folder, &mut folders, visit)
                .map_err(|source| SelectError::Read {
                    path: path_of(&folder),
                    source,
                })?;
        }
        Ok(())
    }

    fn visit_folder(
        &self,
        folder: &str,
        folders: &mut Vec<String>,
        visit: &mut dyn FnMut(&str),
    ) -> io::Result<()> {
        let entries = match fs::read_dir(self.folder.join(folder)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let file_name = entry.file_name();
            // A name that is not text has no address either.
            let Some(file_name) = file_name.to_str() else {
                continue;
            };
            let name = if folder.is_empty() {
                file_name.to_owned()
            } else {
                format!("{folder}/{file_name}")
            };
            if entry.file_type()?.is_dir() {
                folders.push(name);
            } else if file_name.ends_with(EXTENSION) && !file_name.starts_with('.') {
                visit(&name);
            }
        }
        Ok(())
    }
}

/// The name of the content file at `path`, relative to the site's root, if it can be in a list.
pub(crate) fn listed_name(path: &str) -> Option<&str> {
    let name = path.strip_prefix(FOLDER)?.strip_prefix('/')?;
    (name.ends_with(EXTENSION) && !is_hidden(name)).then_some(name)
}

/// The pattern that a template's author wrote; `None` when it leads out of the content folder, where there are no pages.
fn pattern(written: &str) -> Result<Option<Pattern>, SelectError> {
    let relative = written.trim_start_matches("./").trim_start_matches('/');
    let pattern = Pattern::new(relative).map_err(|source| SelectError::Pattern {
        pattern: written.to_owned(),
        source,
    })?;
    let leads_out = literal_folder(relative).split('/').any(|part| part == "..");
    Ok((!leads_out).then_some(pattern))
}

impl Selected {
    pub(crate) fn contains(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Matching(patterns) => patterns
                .iter()
                .any(|pattern| pattern.matches_with(name, MATCHING)),
        }
    }
}

/// The path of a content file relative to the site's root.
pub(crate) fn path_of(name: &str) -> String {
    format!("{FOLDER}/{name}")
}

/// A file that may answer a path.
#[derive(Debug, PartialEq, Eq)]
struct Candidate {
    name: String,
    is_folder_index: bool,
}

/// The files that may answer a path, the first that exists wins: the path as it is written before its percent-decoded
/// form, and in each the file without the path's extension before the one with it, before the index of a folder.
fn candidates(path: &str) -> Vec<Candidate> {
    let mut candidates = Vec::with_capacity(3);
    if let Ok(literal) = RequestPath::literal(path) {
        push_candidates(&mut candidates, &literal);
    }
    if path.contains('%')
        && let Ok(decoded) = RequestPath::decode(path)
    {
        push_candidates(&mut candidates, &decoded);
    }
    candidates
}

fn push_candidates(candidates: &mut Vec<Candidate>, path: &RequestPath) {
    let folder = path.as_str();
    let mut push = |name: String, is_folder_index| {
        let candidate = Candidate {
            name,
            is_folder_index,
        };
        if !candidates.contains(&candidate) {
            candidates.push(candidate);
        }
    };
    match path.file_name() {
        Some(last) => {
            let extension = last
                .rfind('.')
                .filter(|&at| at > 0)
                .map_or(0, |at| last.len() - at);
            let stem = &folder[..folder.len() - extension];
            push(format!("{stem}{EXTENSION}"), false);
            push(format!("{folder}{EXTENSION}"), false);
            push(format!("{folder}/index{EXTENSION}"), true);
        }
        None => push(format!("index{EXTENSION}"), true),
    }
}

fn is_hidden(name: &str) -> bool {
    name.rsplit('/')
        .next()
        .is_some_and(|file| file.starts_with('.'))
}

/// The folder that every match of a pattern is in.
fn literal_folder(pattern: &str) -> &str {
    let literal = pattern.find(['*', '?', '[']).unwrap_or(pattern.len());
    pattern[..literal]
        .rfind('/')
        .map_or("", |end| &pattern[..end])
}
