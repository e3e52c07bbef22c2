//! How a pull shows that it goes on: a bar on a terminal, a line of the log elsewhere.

use std::io::{IsTerminal, stderr};
use std::sync::atomic::{AtomicBool, Ordering};

use artifact::Descriptor;
use indicatif::{ProgressBar, ProgressStyle};

use crate::quantity::Bytes;

/// How much of what is needed is there.
const BAR: &str = "pulling {bar:30} {msg} of {prefix}";

/// Fewer bytes are there before anybody could read a line about them.
const WORTH_A_LINE: u64 = 100_000;

/// The progress of some blobs; the bar goes away with it.
pub(super) struct Progress {
    bar: ProgressBar,
    shared_level_is_slow: AtomicBool,
}

impl Progress {
    pub(super) fn of(blobs: &[Descriptor]) -> Progress {
        let total = blobs.iter().map(|blob| blob.size).sum();
        if total < WORTH_A_LINE {
            return Progress::shown(ProgressBar::hidden());
        }
        if !stderr().is_terminal() {
            tracing::info!("pulling {} blobs, {}", blobs.len(), Bytes(total));
            return Progress::shown(ProgressBar::hidden());
        }
        let style = ProgressStyle::with_template(BAR).expect("the template is right");
        let bar = ProgressBar::new(total)
            .with_style(style)
            .with_prefix(Bytes(total).to_string());
        Progress::shown(bar)
    }

    const fn shown(bar: ProgressBar) -> Progress {
        Progress {
            bar,
            shared_level_is_slow: AtomicBool::new(false),
        }
    }

    /// Whether the shared level took too long for a blob.
    pub(super) fn shared_level_is_slow(&self) -> bool {
        self.shared_level_is_slow.load(Ordering::Relaxed)
    }

    /// Notes that it did. Tells whether that is news.
    pub(super) fn note_slow_shared_level(&self) -> bool {
        !self.shared_level_is_slow.swap(true, Ordering::Relaxed)
    }

    /// Notes that so many bytes more are there.
    pub(super) fn passed(&self, bytes: u64) {
        self.bar.inc(bytes);
        self.bar.set_message(Bytes(self.bar.position()).to_string());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
