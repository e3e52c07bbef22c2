//! What goes to stderr: warnings and what components print, as text for people or as JSON lines for machines.

use std::fmt::Display;
use std::io::{IsTerminal, Write, stderr, stdout};

use anyhow::Context;
use clap::ValueEnum;
use serde::Serialize;
use tracing_subscriber::EnvFilter;

use crate::Failure;

/// The form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The environment variable that sets what is logged, in the syntax of `tracing-subscriber`, such as `debug` or `engine=trace`.
const FILTER_VARIABLE: &str = "BART_LOG";

/// Starts logging. `--quiet` leaves errors only. A second call in one process changes nothing.
pub(crate) fn start(format: Format, quiet: bool) {
    let default = if quiet { "error" } else { "info" };
    let filter = filter().unwrap_or_else(|| EnvFilter::new(default));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr);
    // An error means that a test has started logging before.
    let _ = match format {
        Format::Text => log
            .with_target(false)
            .without_time()
            .with_ansi(colours())
            .try_init(),
        Format::Json => log.json().flatten_event(true).try_init(),
    };
}

/// What the environment asks for.
fn filter() -> Option<EnvFilter> {
    let wanted = std::env::var(FILTER_VARIABLE).ok()?;
    match EnvFilter::try_new(&wanted) {
        Ok(filter) => Some(filter),
        Err(error) => {
            line(&format!(
                "warning: `{FILTER_VARIABLE}={wanted}` is ignored: {error}"
            ));
            None
        }
    }
}

/// Whether stderr shows colours: a terminal, and `NO_COLOR` is not set.
pub(crate) fn colours() -> bool {
    stderr().is_terminal() && are_wanted()
}

/// The same for stdout.
pub(crate) fn colours_on_stdout() -> bool {
    stdout().is_terminal() && are_wanted()
}

fn are_wanted() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Writes one line to stderr. A closed stderr is nobody who could be told.
pub(crate) fn line(text: &str) {
    let _ = writeln!(stderr(), "{text}");
}

/// Writes data to stdout; the last line is ended where it is not.
///
/// # Errors
///
/// When stdout is closed.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let text = text.strip_suffix('\n').unwrap_or(text);
    // In one piece: who reads the first line and leaves must not end what goes on serving.
    let text = format!("{text}\n");
    let mut out = stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .context("failed to print the result")?;
    Ok(())
}

/// Writes a result to stdout, as JSON or in words.
///
/// # Errors
///
/// When stdout is closed.
pub(crate) fn print_result(result: &(impl Serialize + Display), json: bool) -> Result<(), Failure> {
    if json {
        print_json(result)
    } else {
        print(&result.to_string())
    }
}

/// Writes one JSON object to stdout, on a line.
///
/// # Errors
///
/// When stdout is closed.
pub(crate) fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string(value).expect("what is printed has texts as keys");
    print(&text)
}
