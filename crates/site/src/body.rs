//! The body of a page: shortcodes, then Markdown.

use std::borrow::Cow;
use std::sync::Arc;

use crate::document::Body;
use crate::environment::Audience;
use crate::failure::report;
use crate::heading_ids::HeadingIds;
use crate::links::Links;
use crate::shortcodes::Shortcodes;
use crate::surroundings::Surroundings;
use crate::{log, markdown};

/// Turns bodies into HTML.
pub(crate) struct BodyRenderer<'a> {
    pub(crate) shortcodes: &'a Shortcodes,
    pub(crate) surroundings: &'a Arc<Surroundings>,
    pub(crate) audience: Audience,
    /// Of the page that is shown.
    pub(crate) heading_ids: HeadingIds,
}

impl BodyRenderer<'_> {
    /// The HTML of `body`, which is of the file at `path`; shortcodes are expanded if the page's head says so.
    ///
    /// A shortcode that fails does not take the page down: an error block stands in for the body.
    pub(crate) fn render(
        &self,
        path: &str,
        body: &Body,
        shortcodes: ShortcodeUse,
        links: Links<'_>,
    ) -> String {
        let markdown = body.markdown();
        let expanded = match shortcodes {
            ShortcodeUse::Off => Ok(Cow::Borrowed(markdown)),
            ShortcodeUse::On => self
                .shortcodes
                .expand(markdown, self.surroundings)
                .map(Cow::Owned),
        };
        match expanded {
            Ok(expanded) => markdown::render(&expanded, links, self.heading_ids(links)),
            Err(error) => {
                let error = error.in_file(path, body.lines_above());
                let report = report(&error, error.hint());
                log::warn(format_args!("{report}"));
                self.error_block(&report)
            }
        }
    }

    /// Bodies of other pages may follow each other on one page, where an id must not come twice.
    fn heading_ids(&self, links: Links<'_>) -> HeadingIds {
        match links {
            Links::Shown { .. } => self.heading_ids,
            Links::Listed => HeadingIds::Written,
        }
    }

    fn error_block(&self, report: &str) -> String {
        let details = match self.audience {
            Audience::Readers => Cow::Borrowed("This part of the page could not be shown."),
            Audience::Authors => Cow::Owned(handlebars::html_escape(report)),
        };
        format!("<div class=\"shortcode-error\" role=\"alert\">\n<p>{details}</p>\n</div>\n")
    }
}

/// Whether a body goes through the shortcodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ShortcodeUse {
    On,
    Off,
}

impl ShortcodeUse {
    /// What the head of the shown page says.
    pub(crate) fn of(enable_shortcodes: Option<bool>) -> Self {
        if enable_shortcodes.unwrap_or(false) {
            Self::On
        } else {
            Self::Off
        }
    }
}
