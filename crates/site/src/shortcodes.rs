//! Shortcodes: a Markdown body that is rendered as a template before it is Markdown.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;

use crate::scripts::ScriptFolder;
use crate::surroundings::Surroundings;
use crate::templates::{Mentions, Origin, Program, TemplateError};

/// No partial can have this name, so a body includes itself under none.
const BODY: &str = "the body";

/// The scripts of `<root>/shortcodes`.
#[derive(Debug)]
pub struct Shortcodes {
    scripts: ScriptFolder,
}

impl Shortcodes {
    /// The shortcodes of the site at `root`. Reads nothing yet.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self {
            scripts: ScriptFolder::new(root.into(), vec!["shortcodes".to_owned()]),
        }
    }

    /// What a body calls; `None` when it is no valid template.
    pub(crate) fn mentions(&self, body: &str) -> Option<Mentions> {
        let mut mentions = Mentions::default();
        mentions.add(
            Program::for_text()
                .add(BODY, body, Origin::default())
                .ok()?,
        );
        Some(mentions)
    }

    pub(crate) const fn scripts(&self) -> &ScriptFolder {
        &self.scripts
    }

    /// The Markdown `body` with its shortcodes replaced by what they write.
    ///
    /// A body sees no context: a name that is no shortcode and no helper is empty. Values are not escaped. A shortcode
    /// that does not compile fails the bodies that use it and no other.
    ///
    /// # Errors
    ///
    /// When the body is no valid template, or a shortcode fails. The place in the error counts from the body's first
    /// line, unless it is in a shortcode.
    pub fn expand(
        &self,
        body: &str,
        surroundings: &Arc<Surroundings>,
    ) -> Result<String, TemplateError> {
        if !body.contains("{{") {
            return Ok(body.to_owned());
        }
        let mut program = Program::for_text();
        let mut mentions = Mentions::default();
        mentions.add(program.add(BODY, body, Origin::default())?);
        program.add_helpers(&mentions.helpers, &self.scripts);
        program.render(BODY, Value::Null, surroundings)
    }
}
