//! Where an author wrote what readers get: the file and line of a link.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::fs;

use chrono::{DateTime, Utc};
use site::SETTINGS_PATH;

use super::pages::{self, Page};
use super::parts::{Parts, Renderer};

/// The sources of the pages, each read once.
pub(super) struct Origins<'a> {
    parts: &'a Parts,
    now: DateTime<Utc>,
    texts: RefCell<HashMap<String, String>>,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) path: String,
    pub(super) line: Option<usize>,
}

impl<'a> Origins<'a> {
    pub(super) fn new(parts: &'a Parts, now: DateTime<Utc>) -> Origins<'a> {
        Origins {
            parts,
            now,
            texts: RefCell::default(),
        }
    }

    /// Where the link `target` of a page is written: in its file, in the one that lends it its body, or in what pages share. `None`
    /// where it is nowhere to be found: something computed it.
    pub(super) fn of_link(&self, page: &Page, target: &str) -> Option<Origin> {
        let renderer = self.parts.renderer(page.component)?;
        let lender = page.document.head.body_source.as_deref();
        let lender = lender.and_then(|source| renderer.site.lender(source));
        let lender = lender.and_then(|file| renderer.sources.get(&file));
        self.in_body(renderer, page, target)
            .or_else(|| self.in_text(&page.path, target))
            .or_else(|| self.in_text(lender?, target))
            .or_else(|| self.in_shared(renderer, target))
    }

    /// Where a link of no page in particular is written.
    pub(super) fn in_shared(&self, renderer: &Renderer, target: &str) -> Option<Origin> {
        shared(&renderer.sources).find_map(|path| self.in_text(path, target))
    }

    /// The line of a file with a word, which stands alone.
    pub(super) fn in_text(&self, path: &str, word: &str) -> Option<Origin> {
        let line = self.line(path, word)?;
        Some(Origin {
            path: path.to_owned(),
            line: Some(line),
        })
    }

    fn line(&self, path: &str, word: &str) -> Option<usize> {
        let mut texts = self.texts.borrow_mut();
        let text = texts
            .entry(path.to_owned())
            .or_insert_with(|| fs::read_to_string(path).unwrap_or_default());
        line_of(text, word)
    }

    /// A link of Markdown is not written as readers get it.
    fn in_body(&self, renderer: &Renderer, page: &Page, target: &str) -> Option<Origin> {
        let written = pages::written_links(self.parts, page, self.now);
        let link = written
            .into_iter()
            .find(|link| link.destination == target)?;
        Some(Origin {
            path: renderer.sources.get(&link.path)?.clone(),
            line: Some(link.line),
        })
    }
}

/// The files that several pages are made of: settings, templates, scripts and shortcodes.
fn shared(sources: &BTreeMap<String, String>) -> impl Iterator<Item = &str> {
    let settings = sources.get(SETTINGS_PATH).into_iter();
    let others = sources.iter().filter(|(file, _)| {
        let folders = ["templates/", "scripts/", "shortcodes/", "themes/"];
        folders.iter().any(|folder| file.starts_with(folder))
    });
    settings
        .chain(others.map(|(_, path)| path))
        .map(String::as_str)
}

/// The first line, counted from 1, that has `word` and no letter of an address beside it.
pub(super) fn line_of(text: &str, word: &str) -> Option<usize> {
    if word.is_empty() {
        return None;
    }
    let is_part = |letter: char| letter.is_alphanumeric() || "/_-.#%?&=~+".contains(letter);
    let found = text.match_indices(word).find(|(at, _)| {
        let before = text[..*at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    });
    found.map(|(at, _)| 1 + text[..at].matches('\n').count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_stands_alone() {
        let text = "a /docs/x\n<a href=\"/x\">\n";
        for (word, line) in [
            ("/x", Some(2)),
            ("/docs/x", Some(1)),
            ("/docs", None),
            ("", None),
        ] {
            assert_eq!(line_of(text, word), line, "{word}");
        }
    }
}
