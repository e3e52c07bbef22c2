//! The result of `bart check`: a line for each finding, or one JSON object, annotations for GitHub, and a closing line.

use std::env;

use serde::Serialize;

use super::finding::{Finding, Severity};
use crate::table::plain;
use crate::{Failure, log};

/// Set to `true` where GitHub runs a workflow (GitHub's documentation, "Variables reference").
const GITHUB: &str = "GITHUB_ACTIONS";

/// What was looked at, and what was found.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// What is wrong, in the order of the files.
    pub findings: Vec<Finding>,
    /// How many findings are errors.
    pub errors: usize,
    /// How many are warnings.
    pub warnings: usize,
    /// The pages that were rendered.
    pub pages: usize,
    /// Those among them that their heads hold back.
    pub drafts: usize,
    /// Those among them that go public at a later date.
    pub scheduled: usize,
}

/// How many pages there are, by what readers see of them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Count {
    pub(super) pages: usize,
    pub(super) drafts: usize,
    pub(super) scheduled: usize,
}

impl Report {
    pub(super) fn new(findings: Vec<Finding>, count: Count) -> Report {
        let of = |severity| findings.iter().filter(|it| it.severity == severity).count();
        Report {
            errors: of(Severity::Error),
            warnings: of(Severity::Warning),
            pages: count.pages,
            drafts: count.drafts,
            scheduled: count.scheduled,
            findings,
        }
    }

    /// Prints the findings, for programs to stdout or for people to stderr, and where GitHub runs this its annotations.
    pub(crate) fn print(&self, json: bool) -> Result<(), Failure> {
        if json {
            log::print_json(self)?;
        } else {
            self.findings.iter().for_each(|it| log::line(&line(it)));
        }
        if env::var_os(GITHUB).is_some_and(|value| value == "true") {
            for finding in &self.findings {
                log::line(&annotation(finding));
            }
        }
        Ok(())
    }

    /// What was looked at and found, in one line.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut parts = vec![count(self.pages, "page")];
        if self.drafts > 0 {
            parts.push(count(self.drafts, "draft"));
        }
        if self.scheduled > 0 {
            parts.push(format!("{} scheduled", self.scheduled));
        }
        let (errors, warnings) = (count(self.errors, "error"), count(self.warnings, "warning"));
        format!("{errors}, {warnings} ({})", parts.join(", "))
    }
}

/// `path:line: message (code)`, and the hint on a line of its own.
fn line(finding: &Finding) -> String {
    let place = match finding.line {
        Some(line) => format!("{}:{line}", plain(&finding.path)),
        None => plain(&finding.path),
    };
    let severity = match finding.severity {
        Severity::Error => "",
        Severity::Warning => "warning: ",
    };
    let message = plain(&finding.message);
    let mut text = format!("{place}: {severity}{message} ({})", finding.code);
    if let Some(hint) = &finding.hint {
        text.push_str("\n  hint: ");
        text.push_str(&plain(hint));
    }
    text
}

/// A finding as GitHub shows it beside the line (GitHub's documentation, "Workflow commands").
fn annotation(finding: &Finding) -> String {
    let kind = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let line = match finding.line {
        Some(line) => format!(",line={line}"),
        None => String::new(),
    };
    let hint = match &finding.hint {
        Some(hint) => format!("\nhint: {hint}"),
        None => String::new(),
    };
    format!(
        "::{kind} file={}{line},title={}::{}",
        property(&finding.path),
        property(&finding.code.to_string()),
        data(&format!("{}{hint}", finding.message))
    )
}

/// The escapes of what follows the second `::` (`@actions/core`, `command.ts`).
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The escapes of the value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

fn count(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Code;
    use super::*;

    #[test]
    fn findings_are_escaped_as_github_demands() {
        let finding = Finding::new(Code::BrokenLink, "content/a,b:c.md", "100% gone\r\nreally")
            .line(Some(7))
            .hint(Some("a: b, c"));
        assert_eq!(
            annotation(&finding),
            "::error file=content/a%2Cb%3Ac.md,line=7,title=broken-link::100%25 gone%0D%0Areally%0Ahint: a: b, c"
        );
        let finding = Finding::new(Code::UnusedScript, "scripts/a.rhai", "unused");
        assert_eq!(
            annotation(&finding),
            "::warning file=scripts/a.rhai,title=unused-script::unused"
        );
    }

    #[test]
    fn a_line_has_the_place_and_the_code_and_moves_no_cursor() {
        let finding = Finding::new(Code::MdLink, "content/a.md", "a \u{1b}[2J b")
            .line(Some(3))
            .hint(Some("do it"));
        assert_eq!(
            line(&finding),
            "content/a.md:3: warning: a \\u{1b}[2J b (md-link)\n  hint: do it"
        );
    }
}
