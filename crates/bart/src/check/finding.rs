//! What `bart check` finds: a place, a code, what is wrong there, and what to do about it.

use std::collections::BTreeSet;
use std::fmt;

use clap::ValueEnum;
use serde::Serialize;

/// Something that is wrong with a site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The file, relative to the working directory if the site is.
    pub path: String,
    /// The line in that file, counted from 1, where it is known.
    pub line: Option<usize>,
    /// How bad it is.
    pub severity: Severity,
    /// What kind of fault it is.
    pub code: Code,
    /// What is wrong, in one line.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Readers meet it.
    Error,
    /// It may be meant so.
    Warning,
}

/// The kinds of faults. Their names are stable: `--allow` and programs that read the output know them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// The manifest or the settings of the site cannot be used.
    BrokenSite,
    /// A page cannot be shown, or its head cannot be understood.
    BrokenPage,
    /// A template does not compile, or fails.
    BrokenTemplate,
    /// A script does not compile, or fails.
    BrokenScript,
    /// A shortcode does not compile, or fails.
    BrokenShortcode,
    /// A page or a setting names a template that does not exist.
    UnknownTemplate,
    /// A page has no title.
    MissingTitle,
    /// A page takes its body from a page that does not exist.
    MissingSource,
    /// A link leads to nothing in the site.
    BrokenLink,
    /// A link leads to a page that readers cannot see yet.
    UnpublishedLink,
    /// A link leads to a part of a page that it does not have.
    MissingAnchor,
    /// An image, script or other file that a page needs is not there.
    MissingFile,
    /// A redirect leads to nothing in the site.
    BrokenRedirect,
    /// Redirects lead to each other.
    RedirectLoop,
    /// Two files or routes are for the same address.
    DuplicateAddress,
    /// No address leads to a page.
    HiddenPage,
    /// A link leads to a heading that has no id.
    HeadingWithoutId,
    /// A link names a file, not the address of a page.
    MdLink,
    /// A key that means nothing.
    UnknownKey,
    /// Nothing uses a template.
    UnusedTemplate,
    /// Nothing uses a script.
    UnusedScript,
    /// Nothing uses a shortcode.
    UnusedShortcode,
    /// A template includes a partial that does not exist, which shows nothing.
    MissingPartial,
    /// A template lists pages and is given none.
    NoPageList,
    /// A template reads a variable that there is no more.
    OldVariable,
    /// An entry of `files` matches no file.
    EmptyFiles,
}

/// Findings as they come, each once.
#[derive(Debug, Default)]
pub(super) struct Findings {
    found: Vec<Finding>,
    known: BTreeSet<(String, Option<usize>, Code, String)>,
}

impl Code {
    /// How bad a fault of this kind is.
    pub(super) fn severity(self) -> Severity {
        match self {
            Self::BrokenSite
            | Self::BrokenPage
            | Self::BrokenTemplate
            | Self::BrokenScript
            | Self::BrokenShortcode
            | Self::UnknownTemplate
            | Self::MissingTitle
            | Self::MissingSource
            | Self::BrokenLink
            | Self::UnpublishedLink
            | Self::MissingAnchor
            | Self::MissingFile
            | Self::BrokenRedirect
            | Self::RedirectLoop => Severity::Error,
            Self::DuplicateAddress
            | Self::HiddenPage
            | Self::HeadingWithoutId
            | Self::MdLink
            | Self::UnknownKey
            | Self::UnusedTemplate
            | Self::UnusedScript
            | Self::UnusedShortcode
            | Self::MissingPartial
            | Self::NoPageList
            | Self::OldVariable
            | Self::EmptyFiles => Severity::Warning,
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.to_possible_value().expect("no code is hidden");
        formatter.write_str(value.get_name())
    }
}

impl Finding {
    pub(super) fn new(code: Code, path: impl Into<String>, message: impl Into<String>) -> Finding {
        Finding {
            path: path.into(),
            line: None,
            severity: code.severity(),
            code,
            message: message.into(),
            hint: None,
        }
    }

    pub(super) fn line(mut self, line: Option<usize>) -> Finding {
        self.line = line;
        self
    }

    pub(super) fn hint(mut self, hint: Option<impl Into<String>>) -> Finding {
        self.hint = hint.map(Into::into);
        self
    }
}

impl Findings {
    /// Adds a finding, unless there is one that says the same of the same place.
    pub(super) fn add(&mut self, finding: Finding) {
        let Finding {
            path,
            line,
            code,
            message,
            ..
        } = &finding;
        if self
            .known
            .insert((path.clone(), *line, *code, message.clone()))
        {
            self.found.push(finding);
        }
    }

    /// All of them in the order of the files, but for those with an allowed code.
    pub(super) fn sorted(self, allowed: &[Code]) -> Vec<Finding> {
        let mut found = self.found;
        found.retain(|finding| !allowed.contains(&finding.code));
        found.sort_by(|one, other| {
            (&one.path, one.line, one.code, &one.message).cmp(&(
                &other.path,
                other.line,
                other.code,
                &other.message,
            ))
        });
        found
    }
}
