//! Templates: found by name, compiled with what they include, rendered with a context.

mod broken;
mod budget;
mod chain;
mod closure;
mod direct;
mod error;
mod front_matter;
mod library;
mod mentions;
mod nesting;
mod output;
mod pieces;
mod program;
mod sources;
mod tags;

use std::path::PathBuf;
use std::sync::Arc;

pub(crate) use self::budget::is_counter;
use self::closure::Closure;
pub use self::error::TemplateError;
use self::library::Library;
pub(crate) use self::mentions::Mentions;
pub(crate) use self::program::{Origin, Program};
pub(crate) use self::sources::TemplateSource;
use crate::reads::Reads;
use crate::scripts::ScriptFolder;
use crate::surroundings::Surroundings;

/// The templates of a site and of its theme, with the scripts that they call.
#[derive(Debug)]
pub struct Templates {
    library: Library,
    scripts: ScriptFolder,
}

/// A template with all that it includes, ready to be rendered.
#[derive(Debug)]
pub struct TemplateSet {
    name: String,
    program: Program,
    read_pages_glob: Option<Vec<String>>,
    reads: Reads,
}

impl Templates {
    /// The templates of the site at `root`, on top of those of `theme`. Reads nothing yet.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>, theme: Option<&str>) -> Self {
        let root = root.into();
        let theme_scripts = theme.map(|theme| format!("themes/{theme}/scripts"));
        let script_folders = theme_scripts
            .into_iter()
            .chain(["scripts".to_owned()])
            .collect();
        Self {
            scripts: ScriptFolder::new(root.clone(), script_folders),
            library: Library::new(root, theme),
        }
    }

    /// The template `name` and its closure: the partials that it includes and the scripts that it calls.
    ///
    /// # Errors
    ///
    /// When there is no such template, or it does not compile. Partials that are missing render nothing, and partials and
    /// scripts that do not compile fail the render that comes to them.
    pub fn load(&self, name: &str) -> Result<TemplateSet, TemplateError> {
        let Closure {
            program,
            settings,
            mentions,
        } = closure::load(&self.library, &self.scripts, name)?;
        Ok(TemplateSet {
            reads: Reads::of(name, &program, &mentions),
            name: name.to_owned(),
            program,
            read_pages_glob: settings.read_pages_glob,
        })
    }
}

impl TemplateSet {
    /// The patterns below `content/` that the template's front matter restricts `site.pages` to, if it does.
    #[must_use]
    pub fn read_pages_glob(&self) -> Option<&[String]> {
        self.read_pages_glob.as_deref()
    }

    /// What the closure may read of the context.
    #[must_use]
    pub const fn reads(&self) -> &Reads {
        &self.reads
    }

    /// The template rendered with `context`.
    ///
    /// # Errors
    ///
    /// When a helper, a partial or a script fails, or the output grows too large.
    pub fn render(
        &self,
        context: serde_json::Value,
        surroundings: &Arc<Surroundings>,
    ) -> Result<String, TemplateError> {
        self.program.render(&self.name, context, surroundings)
    }
}
