//! A site: its settings and files, and the answer to a request for a page.

use std::path::PathBuf;
use std::sync::Arc;

use crate::answer::Answer;
use crate::content::Content;
use crate::environment::Environment;
use crate::rendering::Rendering;
use crate::request::PageRequest;
use crate::settings::{Settings, SiteError};
use crate::shortcodes::Shortcodes;
use crate::surroundings::Surroundings;
use crate::templates::Templates;

/// A site in a folder.
#[derive(Debug)]
pub struct Site {
    pub(crate) settings: Settings,
    pub(crate) content: Content,
    pub(crate) templates: Templates,
    pub(crate) shortcodes: Shortcodes,
}

impl Site {
    /// Opens the site in the folder `root`. Only its settings are read.
    ///
    /// # Errors
    /// When there are no settings, or they have a mistake.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, SiteError> {
        let root = root.into();
        let settings = Settings::read(&root)?;
        Ok(Self {
            content: Content::new(&root),
            templates: Templates::new(root.clone(), settings.theme.as_deref()),
            shortcodes: Shortcodes::new(root),
            settings,
        })
    }

    /// What the site says about itself.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The answer to a request. The surroundings are those of this request alone, as they remember what it read.
    ///
    /// It costs the reading of one content file, of the page's template with what that includes, and, only if the
    /// template looks at `site.pages`, of the pages it is given.
    pub fn answer(&self, request: &PageRequest, surroundings: &Arc<Surroundings>) -> Answer {
        let rendering = Rendering {
            site: self,
            request,
            environment: Environment::new(&request.environment),
            surroundings,
        };
        rendering.answer()
    }
}
