//! What a site needs to know of a request.

use std::collections::BTreeMap;

/// A request for a page. The method is not part of it: whoever asks has decided that the answer is wanted.
#[derive(Debug, Clone, Default)]
pub struct PageRequest {
    /// The path below the component's route, as sent (not percent-decoded): empty or with a leading slash.
    pub path_info: String,
    /// The component's route without its final `/...`.
    pub component_route: String,
    /// The query without its `?`, as sent.
    pub query: String,
    /// The header fields under their lower-case names; of repeated ones the last.
    pub headers: BTreeMap<String, String>,
    /// The component's environment variables.
    pub environment: BTreeMap<String, String>,
}
