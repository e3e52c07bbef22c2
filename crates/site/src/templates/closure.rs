//! Loading a template with all that it includes and calls, and nothing else.

use std::collections::BTreeSet;

use super::error::TemplateError;
use super::front_matter::{self, Settings};
use super::library::{Library, TemplateFile};
use super::mentions::Mentions;
use super::program::{Origin, Program};
use crate::log;
use crate::scripts::ScriptFolder;

/// A template's closure.
#[derive(Debug)]
pub(super) struct Closure {
    pub(super) program: Program,
    pub(super) settings: Settings,
    pub(super) mentions: Mentions,
}

/// Loads the template `name` with its partials and scripts. Only what is wrong with itself is an error here.
pub(super) fn load(
    library: &Library,
    scripts: &ScriptFolder,
    name: &str,
) -> Result<Closure, TemplateError> {
    let mut closure = Closure::empty();
    let file = library.find(name).ok_or_else(|| {
        TemplateError::new(format!("no template `{name}`"))
            .with_hint(format!("add `templates/{name}.hbs`"))
    })?;
    closure.settings = closure.add(name, &file)?;
    closure.add_partials(library, name);
    closure
        .program
        .add_helpers(&closure.mentions.helpers, scripts);
    Ok(closure)
}

/// A template file by itself: compiled, with what it names.
pub(super) fn inspect(file: &TemplateFile) -> Result<Closure, TemplateError> {
    let mut closure = Closure::empty();
    closure.settings = closure.add(&file.path, file)?;
    Ok(closure)
}

impl Closure {
    fn empty() -> Self {
        Self {
            program: Program::for_html(),
            settings: Settings::default(),
            mentions: Mentions::default(),
        }
    }

    /// Adds the partials that are named so far, and what these name.
    fn add_partials(&mut self, library: &Library, root: &str) {
        let mut known = BTreeSet::from([root.to_owned()]);
        let mut all_wanted = false;
        loop {
            let mut wanted: Vec<String> =
                self.mentions.partials.difference(&known).cloned().collect();
            if self.mentions.dynamic_partial && !all_wanted {
                // Any template may be meant.
                all_wanted = true;
                wanted.extend(library.names());
            }
            if wanted.is_empty() {
                return;
            }
            for name in wanted {
                // A partial that is not there renders nothing.
                if !known.contains(&name)
                    && let Some(file) = library.find(&name)
                {
                    self.add_partial(&name, &file);
                }
                known.insert(name);
            }
        }
    }

    /// Adds a partial. One that does not compile fails the pages on which it is rendered. One that is no text or has broken
    /// front matter counts as missing, as it did in the reference.
    fn add_partial(&mut self, name: &str, file: &TemplateFile) {
        match self.add(name, file) {
            Ok(_) => {}
            Err(error) if error.line().is_none() => {
                log::warn(format_args!("skipped a template: {error}"));
            }
            Err(error) => self.program.add_broken(name, error),
        }
    }

    fn add(&mut self, name: &str, file: &TemplateFile) -> Result<Settings, TemplateError> {
        let text = std::str::from_utf8(&file.bytes).map_err(|error| {
            TemplateError::new("the file is not UTF-8")
                .with_path(&*file.path)
                .with_source(error)
        })?;
        let unix = text.contains("\r\n").then(|| text.replace("\r\n", "\n"));
        let parts = front_matter::split(unix.as_deref().unwrap_or(text)).map_err(|error| {
            TemplateError::new(format!("the front matter is not TOML: {}", error.message()))
                .with_path(&*file.path)
                .with_source(error)
        })?;
        let origin = Origin {
            path: Some(file.path.clone()),
            lines_before: parts.lines_before,
        };
        let template = self.program.add(name, parts.template, origin)?;
        self.mentions.add(template);
        Ok(parts.settings)
    }
}
