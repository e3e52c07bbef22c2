//! What a request comes to, in the order of the checks: the first half of an answer.

use chrono::{DateTime, Utc};

use crate::content::{Content, ContentFile};
use crate::document::{Body, Document};
use crate::environment::Audience;
use crate::request::PageRequest;
use crate::settings::Settings;
use crate::source_error::SourceError;

/// The status of a redirect that does not say another: moved permanently.
const REDIRECT_STATUS: u16 = 301;

/// What a request comes to.
#[derive(Debug)]
pub(crate) enum Decision {
    Show(Box<ShownPage>),
    Redirect {
        status: u16,
        location: String,
    },
    Missing {
        /// When the page will be there.
        scheduled: Option<DateTime<Utc>>,
    },
}

/// A page that is to be rendered.
#[derive(Debug)]
pub(crate) struct ShownPage {
    /// The file, relative to the site's root.
    pub(crate) path: String,
    /// The head, and the body unless another file has it.
    pub(crate) document: Document,
    /// The file that the body is taken from.
    pub(crate) borrowed: Option<Borrowed>,
    /// The path that the request asked for, as templates see it.
    pub(crate) path_info: String,
    /// The path that relative links start from.
    pub(crate) link_path: String,
}

impl ShownPage {
    /// The body that is shown, and its file.
    pub(crate) fn body(&self) -> (&str, &Body) {
        match &self.borrowed {
            Some(borrowed) => (&borrowed.path, &borrowed.body),
            None => (&self.path, &self.document.body),
        }
    }
}

/// The body of another file.
#[derive(Debug)]
pub(crate) struct Borrowed {
    pub(crate) path: String,
    pub(crate) body: Body,
}

/// Finds the page that a request asks for, for that audience at that moment.
pub(crate) struct Decider<'a> {
    pub(crate) content: &'a Content,
    pub(crate) audience: Audience,
    pub(crate) now: DateTime<Utc>,
}

impl Decider<'_> {
    /// What becomes of a request for the page at `path_info`.
    pub(crate) fn decide(&self, path_info: String) -> Result<Decision, SourceError> {
        match self.content.find_visible(&path_info) {
            Some(file) => self.decide_on(file, path_info),
            None => Ok(Decision::Missing { scheduled: None }),
        }
    }

    /// The page at `path`, which answers a request for `path_info`.
    pub(crate) fn stand_in(
        &self,
        path: &str,
        path_info: String,
    ) -> Result<Option<ShownPage>, SourceError> {
        let Some(file) = self.content.find(path) else {
            return Ok(None);
        };
        match self.decide_on(file, path_info)? {
            Decision::Show(page) => Ok(Some(*page)),
            Decision::Redirect { .. } | Decision::Missing { .. } => Ok(None),
        }
    }

    fn decide_on(&self, file: ContentFile, path_info: String) -> Result<Decision, SourceError> {
        let document = Document::parse(&file.path, file.text)?;
        let borrowed = match &document.head.body_source {
            None => None,
            Some(source) => match self.borrow(source)? {
                None => return Ok(Decision::Missing { scheduled: None }),
                borrowed => borrowed,
            },
        };
        let head = &document.head;
        if self.audience == Audience::Readers && !head.is_published(self.now) {
            let scheduled = head.scheduled(self.now);
            return Ok(Decision::Missing { scheduled });
        }
        if let Some(location) = &head.redirect {
            return Ok(Decision::Redirect {
                status: sendable(head.status).unwrap_or(REDIRECT_STATUS),
                location: location.clone(),
            });
        }
        let link_path = match &head.path_info {
            Some(path) => path.clone(),
            None if file.is_folder_index => format!("{}/index", path_info.trim_end_matches('/')),
            None => path_info.clone(),
        };
        Ok(Decision::Show(Box::new(ShownPage {
            path: file.path,
            document,
            borrowed,
            path_info,
            link_path,
        })))
    }

    /// Hidden files may lend their body: it is their site that says so.
    fn borrow(&self, source: &str) -> Result<Option<Borrowed>, SourceError> {
        let Some(file) = self.content.find(source) else {
            return Ok(None);
        };
        let document = Document::parse(&file.path, file.text)?;
        Ok(Some(Borrowed {
            path: file.path,
            body: document.body,
        }))
    }
}

/// The path that a request asks for, relative to the content folder.
pub(crate) fn path_info(settings: &Settings, request: &PageRequest) -> String {
    let below = match request.path_info.as_str() {
        "/" => "/index",
        path => path,
    };
    if settings.prepend_route_info {
        format!("{}{below}", request.component_route)
    } else {
        below.to_owned()
    }
}

/// The status of a page with content, from what its head says.
pub(crate) fn page_status(written: Option<u16>) -> u16 {
    // These have no content (RFC 9110 section 6.4.1), and what is shown has.
    sendable(written)
        .filter(|status| !matches!(status, 204 | 205 | 304))
        .unwrap_or(200)
}

/// Interim statuses, and numbers that are no status, cannot end a request (RFC 9110 section 15).
fn sendable(written: Option<u16>) -> Option<u16> {
    written.filter(|status| (200..=599).contains(status))
}
