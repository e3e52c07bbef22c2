//! The one place where the site writes to its log, which is stderr: what is worth knowing but stops no page.

use std::cell::Cell;
use std::fmt;

thread_local! {
    static SILENT: Cell<bool> = const { Cell::new(false) };
}

/// Logs what was left out or put right.
pub(crate) fn warn(message: fmt::Arguments<'_>) {
    if !SILENT.get() {
        eprintln!("warning: {message}");
    }
}

/// Logs what a script says.
pub(crate) fn script_says(text: &str) {
    if !SILENT.get() {
        eprintln!("{text}");
    }
}

/// Does `work` on this thread without a word in the log, for who asks for faults in another way.
pub fn silently<T>(work: impl FnOnce() -> T) -> T {
    let before = SILENT.replace(true);
    let result = work();
    SILENT.set(before);
    result
}
