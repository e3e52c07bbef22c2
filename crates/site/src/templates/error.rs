//! Why a template could not be loaded or rendered, and where.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// A template, a script or a shortcode that failed.
#[derive(Debug, Clone, thiserror::Error)]
pub struct TemplateError {
    path: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
    message: String,
    hint: Option<String>,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl TemplateError {
    /// The file at fault, relative to the site's root. `None` for the body given to [`Shortcodes::expand`].
    ///
    /// [`Shortcodes::expand`]: crate::Shortcodes::expand
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        self.path.as_deref()
    }

    /// The line at fault, from 1.
    #[must_use]
    pub const fn line(&self) -> Option<usize> {
        self.line
    }

    /// The column at fault in characters, from 1.
    #[must_use]
    pub const fn column(&self) -> Option<usize> {
        self.column
    }

    /// What is wrong, without the place.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The same error in a body that begins after `lines_before` lines of the file at `path`.
    #[must_use]
    pub fn in_file(mut self, path: impl Into<String>, lines_before: usize) -> Self {
        if self.path.is_none() {
            self.path = Some(path.into());
            self.line = self.line.map(|line| line + lines_before);
        }
        self
    }

    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            path: None,
            line: None,
            column: None,
            message: message.into(),
            hint: None,
            source: None,
        }
    }

    pub(crate) fn with_path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    pub(crate) const fn with_position(
        mut self,
        line: Option<usize>,
        column: Option<usize>,
    ) -> Self {
        self.line = line;
        self.column = column;
        self
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same error with the place of `caller` as its hint, unless it has a better one.
    pub(crate) fn called_from(mut self, caller: &Self) -> Self {
        let place = caller.place();
        if self.hint.is_none() && !place.is_empty() {
            self.hint = Some(format!("called from {place}"));
        }
        self
    }

    pub(crate) fn with_source(mut self, source: impl Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// Where the error is, as far as is known.
    fn place(&self) -> String {
        match (&self.path, self.line, self.column) {
            (Some(path), Some(line), Some(column)) => format!("`{path}:{line}:{column}`"),
            (Some(path), Some(line), None) => format!("`{path}:{line}`"),
            (Some(path), None, _) => format!("`{path}`"),
            (None, Some(line), Some(column)) => format!("line {line}, column {column}"),
            (None, Some(line), None) => format!("line {line}"),
            (None, None, _) => String::new(),
        }
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.place();
        if !place.is_empty() {
            write!(f, "{place}: ")?;
        }
        f.write_str(&self.message)
    }
}
