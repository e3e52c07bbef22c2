//! `site.pages`: the pages of a site as templates see them.

use std::io;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use crate::body::{BodyRenderer, ShortcodeUse};
use crate::content::{Content, SelectError, Selection, path_of};
use crate::document::{Body, Document};
use crate::environment::Audience;
use crate::failure::report;
use crate::head::{self, Publication};
use crate::index::{IndexedPage, Malformed, PageIndex};
use crate::json::object;
use crate::links::Links;
use crate::log;
use crate::reads::HeadReads;

/// The pages that a template is given.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// The pages by their path in a component's file system, such as `/content/blog/hello.md`.
    pub(crate) pages: Map<String, Value>,
    /// The next moment at which a page goes public by itself.
    pub(crate) scheduled: Option<DateTime<Utc>>,
}

/// What a template wants to know of which pages.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub(crate) selection: Selection<'a>,
    /// The fields of the heads. Others may be left out.
    pub(crate) heads: &'a HeadReads,
    pub(crate) detail: Detail,
}

/// How much of each page a template looks at.
#[derive(Clone, Copy)]
pub(crate) enum Detail {
    /// Bodies are left empty.
    Heads,
    /// Bodies are rendered.
    Bodies,
}

/// Why the page index cannot be used.
#[derive(Debug, thiserror::Error)]
enum IndexError {
    #[error("it is damaged")]
    Malformed,
    #[error("it is not of the file `{path}`")]
    Stale { path: String },
    #[error("failed to read `{path}`")]
    Read { path: String, source: io::Error },
}

/// Lists the selected pages that may be seen, from the page index where there is one. A file that cannot be understood is left
/// out with a warning.
pub(crate) fn list(
    content: &Content,
    wanted: Wanted<'_>,
    renderer: &BodyRenderer<'_>,
) -> Result<Listing, SelectError> {
    let lister = Lister {
        content,
        wanted,
        renderer,
        now: renderer.surroundings.now(),
    };
    if let Some(index) = content.index() {
        match lister.list_indexed(&index) {
            Ok(listing) => return Ok(listing),
            Err(Unlisted::Selection(error)) => return Err(error),
            Err(Unlisted::Index(error)) => {
                log::warn(format_args!(
                    "passed over the page index: {}",
                    report(&error, None)
                ));
            }
        }
    }
    lister.list_files()
}

/// Why there is no list.
enum Unlisted {
    Selection(SelectError),
    Index(IndexError),
}

struct Lister<'a> {
    content: &'a Content,
    wanted: Wanted<'a>,
    renderer: &'a BodyRenderer<'a>,
    now: DateTime<Utc>,
}

impl Lister<'_> {
    fn list_files(&self) -> Result<Listing, SelectError> {
        let mut listing = Listing::default();
        for name in self.content.names(self.wanted.selection)? {
            let path = path_of(&name);
            match self.content.read(&name) {
                Ok(text) => self.add_file(&mut listing, &path, text),
                Err(error) => log::warn(format_args!("failed to read `{path}`: {error}")),
            }
        }
        Ok(listing)
    }

    fn add_file(&self, listing: &mut Listing, path: &str, text: String) {
        let document = match Document::parse(path, text) {
            Ok(document) => document,
            Err(error) => {
                log::warn(format_args!("{}", report(&error, error.hint.as_deref())));
                return;
            }
        };
        let publication = document.head.publication();
        if !self.admits(listing, publication) {
            return;
        }
        let body = match self.wanted.detail {
            Detail::Heads => String::new(),
            Detail::Bodies => self.body(path, &document.body, document.head.enable_shortcodes),
        };
        let head = document.head.into_map();
        self.add(listing, path, head, body, publication);
    }

    fn list_indexed(&self, index: &PageIndex) -> Result<Listing, Unlisted> {
        let selected = self
            .content
            .selected(self.wanted.selection)
            .map_err(Unlisted::Selection)?;
        let mut listing = Listing::default();
        for page in index.pages() {
            let page = page.map_err(|Malformed| Unlisted::Index(IndexError::Malformed))?;
            if selected.contains(&page.name) && self.admits(&mut listing, page.publication) {
                self.add_indexed(&mut listing, &page)
                    .map_err(Unlisted::Index)?;
            }
        }
        Ok(listing)
    }

    fn add_indexed(&self, listing: &mut Listing, page: &IndexedPage<'_>) -> Result<(), IndexError> {
        let path = path_of(&page.name);
        let mut head = page
            .head(self.wanted.heads)
            .map_err(|Malformed| IndexError::Malformed)?;
        let body = match self.wanted.detail {
            Detail::Heads => String::new(),
            Detail::Bodies => {
                let text = self.content.read(&page.name).map_err(|source| {
                    let path = path.clone();
                    IndexError::Read { path, source }
                })?;
                let body = Body::from_file(text, page.body)
                    .ok_or_else(|| IndexError::Stale { path: path.clone() })?;
                self.body(&path, &body, page.enables_shortcodes)
            }
        };
        head::complete(&mut head, self.wanted.heads);
        self.add(listing, &path, head, body, page.publication);
        Ok(())
    }

    /// Whether a page may be seen now. One that will be seen later limits how long the list is good.
    fn admits(&self, listing: &mut Listing, publication: Publication) -> bool {
        if let Some(date) = publication.scheduled(self.now) {
            let earlier = listing.scheduled.unwrap_or(date);
            listing.scheduled = Some(date.min(earlier));
        }
        self.renderer.audience == Audience::Authors || publication.is_published(self.now)
    }

    fn body(&self, path: &str, body: &Body, enable_shortcodes: Option<bool>) -> String {
        let shortcodes = ShortcodeUse::of(enable_shortcodes);
        self.renderer.render(path, body, shortcodes, Links::Listed)
    }

    fn add(
        &self,
        listing: &mut Listing,
        path: &str,
        head: Map<String, Value>,
        body: String,
        publication: Publication,
    ) {
        let published = publication.is_published(self.now);
        listing.pages.insert(
            format!("/{path}"),
            object([
                ("head", head.into()),
                ("body", body.into()),
                ("published", published.into()),
            ]),
        );
    }
}
