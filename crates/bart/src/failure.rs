//! How a command fails: one line that says what, where and why, a hint apart, and an exit code.

use std::fmt::{self, Write};
use std::process::ExitCode;

/// Why a command failed.
#[derive(Debug)]
pub struct Failure {
    error: anyhow::Error,
    hint: Option<String>,
    code: u8,
}

/// The exit code for what the user can mend in files or flags.
const USAGE: u8 = 2;

/// The exit code for what went wrong around them.
const FAILED: u8 = 1;

impl Failure {
    /// A mistake in a file or an argument: exit code 2.
    pub fn usage(error: impl Into<anyhow::Error>) -> Failure {
        Failure {
            error: error.into(),
            hint: None,
            code: USAGE,
        }
    }

    /// Anything else: exit code 1.
    pub fn failed(error: impl Into<anyhow::Error>) -> Failure {
        Failure {
            error: error.into(),
            hint: None,
            code: FAILED,
        }
    }

    /// With advice on what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Failure {
        self.hint = Some(hint.into());
        self
    }

    /// With advice, where there is any.
    #[must_use]
    pub fn hint_if_any(mut self, hint: Option<impl Into<String>>) -> Failure {
        self.hint = hint.map(Into::into);
        self
    }

    /// Prints the failure to stderr and gives the exit code.
    #[must_use]
    pub fn report(&self) -> ExitCode {
        let (red, cyan, plain) = if crate::log::colours() {
            ("\u{1b}[1;31m", "\u{1b}[1;36m", "\u{1b}[0m")
        } else {
            ("", "", "")
        };
        let mut text = format!("{red}error{plain}: {}", self.line());
        if let Some(hint) = &self.hint {
            // Writing to a string cannot fail.
            let _ = write!(text, "\n{cyan}hint{plain}: {hint}");
        }
        crate::log::line(&text);
        ExitCode::from(self.code)
    }

    /// The error and its causes in one line. A cause that its effect already quotes is not said twice.
    fn line(&self) -> String {
        let mut line = String::new();
        for cause in self.error.chain() {
            let cause = cause.to_string();
            if line.is_empty() {
                line = cause;
            } else if !line.ends_with(&cause) {
                line = format!("{line}: {cause}");
            }
        }
        line.replace('\n', " ")
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.line())
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Failure {
        Failure::failed(error)
    }
}
