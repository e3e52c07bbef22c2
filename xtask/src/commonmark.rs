//! The text of the CommonMark specification, which the tests of `site` read: fetched, as its licence is not that of the project.

use std::path::PathBuf;

use crate::{node, tool};

/// The variable that tells the tests where the text is.
pub(crate) const SPECIFICATION: &str = "COMMONMARK_SPEC";

/// Installs the package below the target folder and gives the path of the text; nothing where npm is missing or fails, as
/// without a network. The test that needs it is then skipped by name.
pub(crate) fn fetch() -> Option<PathBuf> {
    match node::prepare("tests/commonmark", &[]) {
        Ok(folder) => Some(folder.join("node_modules/commonmark-spec/spec.txt")),
        Err(error) => {
            tool::say(&format!("no CommonMark specification: {error:#}"));
            None
        }
    }
}
