//! A site: its settings and files, and the answer to a request for a page.

use std::path::PathBuf;
use std::sync::Arc;

use crate::answer::Answer;
use crate::content::Content;
use crate::decision::path_info;
use crate::environment::Environment;
use crate::markdown::WrittenLink;
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

    /// The file of the page that a request asks for, relative to the site's root, whether it may be seen or not.
    pub fn source(&self, request: &PageRequest) -> Option<String> {
        let path = path_info(&self.settings, request);
        self.content.find_visible(&path).map(|file| file.path)
    }

    /// The file that a `body_source` names, relative to the site's root.
    pub fn lender(&self, body_source: &str) -> Option<String> {
        self.content.find(body_source).map(|file| file.path)
    }

    /// Whether there is a template of that name.
    pub fn has_template(&self, name: &str) -> bool {
        self.templates.path(name).is_some()
    }

    /// What goes into the bodies of the site's pages.
    pub fn shortcodes(&self) -> &Shortcodes {
        &self.shortcodes
    }

    /// The answer to a request. The surroundings are those of this request alone, as they remember what it read.
    ///
    /// It costs the reading of one content file, of the page's template with what that includes, and, only if the
    /// template looks at `site.pages`, of the pages it is given.
    pub fn answer(&self, request: &PageRequest, surroundings: &Arc<Surroundings>) -> Answer {
        self.rendering(request, surroundings).answer()
    }

    /// The links that the author of the page wrote in Markdown, with their files and lines, as readers get them.
    pub fn written_links(
        &self,
        request: &PageRequest,
        surroundings: &Arc<Surroundings>,
    ) -> Vec<WrittenLink> {
        self.rendering(request, surroundings).written_links()
    }

    fn rendering<'a>(
        &'a self,
        request: &'a PageRequest,
        surroundings: &'a Arc<Surroundings>,
    ) -> Rendering<'a> {
        Rendering {
            site: self,
            request,
            environment: Environment::new(&request.environment),
            surroundings,
        }
    }
}
