//! The one place where the site writes to its log, which is stderr: what is worth knowing but stops no page.

use std::fmt;

/// Logs what was left out or put right.
pub(crate) fn warn(message: fmt::Arguments<'_>) {
    eprintln!("warning: {message}");
}

/// Logs what a script says.
pub(crate) fn script_says(text: &str) {
    eprintln!("{text}");
}
