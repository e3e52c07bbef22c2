//! `site.pages`: the pages of a site as templates see them.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use crate::body::{BodyRenderer, ShortcodeUse};
use crate::content::{Content, SelectError, Selection, path_of};
use crate::document::Document;
use crate::environment::Audience;
use crate::failure::report;
use crate::json::object;
use crate::links::Links;
use crate::log;

/// The pages that a template is given.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// The pages by their path in a component's file system, such as `/content/blog/hello.md`.
    pub(crate) pages: Map<String, Value>,
    /// The next moment at which a page goes public by itself.
    pub(crate) scheduled: Option<DateTime<Utc>>,
}

/// How much of each page a template looks at.
#[derive(Clone, Copy)]
pub(crate) enum Detail {
    /// Bodies are left empty.
    Heads,
    /// Bodies are rendered.
    Bodies,
}

/// Lists the selected pages that may be seen. A file that cannot be understood is left out with a warning.
pub(crate) fn list(
    content: &Content,
    selection: Selection<'_>,
    detail: Detail,
    renderer: &BodyRenderer<'_>,
) -> Result<Listing, SelectError> {
    let mut listing = Listing::default();
    for name in content.names(selection)? {
        let path = path_of(&name);
        match content.read(&name) {
            Ok(text) => listing.add(&path, text, detail, renderer),
            Err(error) => log::warn(format_args!("failed to read `{path}`: {error}")),
        }
    }
    Ok(listing)
}

impl Listing {
    fn add(&mut self, path: &str, text: String, detail: Detail, renderer: &BodyRenderer<'_>) {
        let document = match Document::parse(path, text) {
            Ok(document) => document,
            Err(error) => {
                log::warn(format_args!("{}", report(&error, error.hint.as_deref())));
                return;
            }
        };
        let now = renderer.surroundings.now();
        if let Some(date) = document.head.scheduled(now) {
            self.scheduled = Some(self.scheduled.map_or(date, |earlier| earlier.min(date)));
        }
        let published = document.head.is_published(now);
        if !published && renderer.audience == Audience::Readers {
            return;
        }
        let body = match detail {
            Detail::Heads => String::new(),
            Detail::Bodies => renderer.render(
                path,
                &document,
                ShortcodeUse::of(document.head.enable_shortcodes),
                Links::Listed,
            ),
        };
        self.pages.insert(
            format!("/{path}"),
            object([
                ("head", document.head.into_value()),
                ("body", body.into()),
                ("published", published.into()),
            ]),
        );
    }
}
