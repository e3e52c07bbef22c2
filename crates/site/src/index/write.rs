//! Writing the page index.

use std::borrow::Borrow;
use std::fmt::Write as _;

use serde_json::Value;

use super::HEADER;
use crate::content;
use crate::document::Document;
use crate::source_error::SourceError;

/// A page as a line of the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexedDocument {
    name: String,
    line: String,
}

impl IndexedDocument {
    /// The page in the file at `path`, relative to the site's root, that holds `text`; `None` when the file is no page that
    /// is ever listed.
    ///
    /// # Errors
    ///
    /// When its head has a mistake. Such a page is in no list.
    pub fn new(path: &str, text: String) -> Result<Option<Self>, SourceError> {
        let Some(name) = content::listed_name(path) else {
            return Ok(None);
        };
        let document = Document::parse(path, text)?;
        Ok(Some(Self {
            line: line(name, document),
            name: name.to_owned(),
        }))
    }

    /// Whether a file at `path`, relative to the site's root, can be a page that is listed.
    #[must_use]
    pub fn is_listed(path: &str) -> bool {
        content::listed_name(path).is_some()
    }

    /// The index of those pages.
    pub fn index(pages: impl IntoIterator<Item = impl Borrow<Self>>) -> String {
        let mut pages: Vec<_> = pages.into_iter().collect();
        pages.sort_by(|one, other| one.borrow().name.cmp(&other.borrow().name));
        let mut index = HEADER.to_owned();
        for page in pages {
            index.push_str(&page.borrow().line);
        }
        index
    }
}

fn line(name: &str, document: Document) -> String {
    let publication = document.head.publication();
    let mut line = Value::from(name).to_string();
    let published = truth(publication.published);
    // Writing to a string cannot fail.
    let _ = write!(line, "\t{published}\t");
    if let Some(date) = publication.date {
        let _ = write!(
            line,
            "{}.{:09}",
            date.timestamp(),
            date.timestamp_subsec_nanos()
        );
    }
    let shortcodes = truth(document.head.enable_shortcodes);
    let _ = write!(line, "\t{}\t{shortcodes}\t", document.body.start());
    let present: serde_json::Map<_, _> = document
        .head
        .into_map()
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .collect();
    let _ = writeln!(line, "{}", Value::Object(present));
    line
}

/// A truth value that may be absent.
const fn truth(value: Option<bool>) -> &'static str {
    match value {
        None => "",
        Some(false) => "0",
        Some(true) => "1",
    }
}
