//! What a site answers.

use crate::dependencies::Dependencies;
use crate::failure::Failure;

/// The answer to a request for a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A page.
    Page {
        /// The HTTP status.
        status: u16,
        /// The `Content-Type`.
        content_type: String,
        /// The `Cache-Control` that the page asks for.
        cache_control: Option<String>,
        /// The content.
        body: String,
        /// What the page depended on.
        dependencies: Dependencies,
    },
    /// A page that sends its readers elsewhere.
    Redirect {
        /// The HTTP status.
        status: u16,
        /// Where to: a URL or a relative reference, as the page has it.
        location: String,
        /// What the redirect depended on.
        dependencies: Dependencies,
    },
    /// No page, or none that may be seen.
    NotFound {
        /// The content, in HTML.
        body: String,
        /// What the page depended on.
        dependencies: Dependencies,
    },
    /// A page that cannot be shown: status 500.
    Failed(Failure),
}
