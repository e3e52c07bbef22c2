//! A fault of a site as data: where it is, what it is, and what to do about it.

use crate::failure::report;
use crate::settings::SiteError;
use crate::source_error::SourceError;
use crate::templates::TemplateError;

/// A fault in one of the files of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// The file, relative to the site's root, where it is known.
    pub path: Option<String>,
    /// The line in that file, counted from 1, where it is known.
    pub line: Option<usize>,
    /// What is wrong, with its causes, in one line.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Diagnosis {
    /// A fault that is of no file in particular.
    pub(crate) fn without_place(error: &dyn std::error::Error) -> Self {
        Self {
            path: None,
            line: None,
            message: report(error, None),
            hint: None,
        }
    }
}

impl From<&SourceError> for Diagnosis {
    fn from(error: &SourceError) -> Self {
        Self {
            path: Some(error.path.clone()),
            line: Some(error.line),
            message: error.message.clone(),
            hint: error.hint.clone(),
        }
    }
}

impl From<&TemplateError> for Diagnosis {
    fn from(error: &TemplateError) -> Self {
        Self {
            path: error.path().map(str::to_owned),
            line: error.line(),
            message: error.message().replace('\n', " "),
            hint: error.hint().map(str::to_owned),
        }
    }
}

impl From<&SiteError> for Diagnosis {
    fn from(error: &SiteError) -> Self {
        match error {
            SiteError::Mistake(mistake) => mistake.into(),
            SiteError::Read(_) => Self {
                hint: error.hint().map(str::to_owned),
                ..Self::without_place(error)
            },
        }
    }
}
