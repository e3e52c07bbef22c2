//! The front matter of a template file.

use serde::Deserialize;

const SEPARATOR: &str = "\n---\n";

/// A template file, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parts<'file> {
    /// The front matter; empty when there is none.
    pub(super) settings: Settings,
    /// The template itself.
    pub(super) template: &'file str,
    /// How many lines of the file come before the template.
    pub(super) lines_before: usize,
}

/// What front matter can say. Other keys are ignored.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
pub(super) struct Settings {
    /// Patterns below `content/` that `site.pages` is restricted to.
    pub(super) read_pages_glob: Option<Vec<String>>,
}

/// Takes the template file `text` apart, the lines of which end in LF.
///
/// What comes before the first line `---` is front matter if the file begins with `---`, or if it is TOML. Otherwise
/// that line belongs to the template.
///
/// # Errors
///
/// When the file begins with `---` and what follows is no TOML.
pub(super) fn split(text: &str) -> Result<Parts<'_>, toml::de::Error> {
    let whole = Parts {
        settings: Settings::default(),
        template: text,
        lines_before: 0,
    };
    let Some((head, template)) = text.split_once(SEPARATOR) else {
        return Ok(whole);
    };
    match toml::from_str(head.trim_start_matches("---").trim()) {
        Ok(settings) => Ok(Parts {
            settings,
            template,
            lines_before: head.matches('\n').count() + 2,
        }),
        Err(error) if head.starts_with("---") => Err(error),
        Err(_) => Ok(whole),
    }
}
