//! How a command fails: one line that says what, where and why, a hint apart, and an exit code.

use std::fmt::{self, Write};
use std::io::{self, ErrorKind};
use std::process::ExitCode;

use artifact::StoreError;

/// Why a command failed.
#[derive(Debug)]
pub struct Failure {
    error: anyhow::Error,
    hint: Option<String>,
    code: u8,
}

/// Exit codes, so that scripts can tell failures apart.
pub mod exit {
    /// Anything that has no code of its own, a tag that is taken by other content among it.
    pub const FAILED: u8 = 1;
    /// A mistake in a file or an argument.
    pub const USAGE: u8 = 2;
    /// The registry's name has no address.
    pub const UNKNOWN_HOST: u8 = 10;
    /// The registry refuses connections.
    pub const REFUSED: u8 = 11;
    /// No secure connection.
    pub const TLS: u8 = 12;
    /// The registry wants other credentials, or these cannot be used.
    pub const UNAUTHORIZED: u8 = 13;
    /// The registry does not allow it.
    pub const FORBIDDEN: u8 = 14;
    /// The registry does not have it.
    pub const NOT_FOUND: u8 = 15;
    /// The registry takes no upload of this size.
    pub const TOO_LARGE: u8 = 16;
    /// The registry limits the rate of requests.
    pub const RATE_LIMITED: u8 = 17;
    /// The registry is in trouble.
    pub const UNAVAILABLE: u8 = 18;
    /// The connection failed, or ended too early.
    pub const CUT_SHORT: u8 = 19;
    /// Bytes are not those that were asked for.
    pub const WRONG_BYTES: u8 = 20;
    /// The manifest is too large.
    pub const MANIFEST_TOO_LARGE: u8 = 21;
    /// There is something else than a Spin artifact, or a damaged one.
    pub const NOT_AN_ARTIFACT: u8 = 22;
}

impl Failure {
    /// A mistake in a file or an argument: exit code 2.
    pub fn usage(error: impl Into<anyhow::Error>) -> Failure {
        Failure {
            error: error.into(),
            hint: None,
            code: exit::USAGE,
        }
    }

    /// Anything else: exit code 1.
    pub fn failed(error: impl Into<anyhow::Error>) -> Failure {
        Failure {
            error: error.into(),
            hint: None,
            code: exit::FAILED,
        }
    }

    /// With another of the [`exit`] codes.
    #[must_use]
    pub fn code(mut self, code: u8) -> Failure {
        self.code = code;
        self
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

    /// Its exit code.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        self.code
    }

    /// Whether it may be over in a while, as when a registry is away.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        matches!(
            self.code,
            exit::UNKNOWN_HOST
                | exit::REFUSED
                | exit::RATE_LIMITED
                | exit::UNAVAILABLE
                | exit::CUT_SHORT
        )
    }

    /// Whether the disk refused what it should keep: it is full, read-only, or not for this user.
    #[must_use]
    pub fn is_of_the_disk(&self) -> bool {
        self.error.chain().any(|cause| {
            let inner = cause.downcast_ref::<io::Error>();
            // What a custom error of std's carries is not in the chain.
            let carried = inner.and_then(io::Error::get_ref);
            let store = carried.and_then(|carried| carried.downcast_ref());
            let full = inner.is_some_and(|error| error.kind() == ErrorKind::StorageFull);
            full || store.or(cause.downcast_ref()).is_some_and(is_of_the_disk)
        })
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

fn is_of_the_disk(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Full { .. } | StoreError::ReadOnly { .. } | StoreError::Permission { .. }
    )
}
