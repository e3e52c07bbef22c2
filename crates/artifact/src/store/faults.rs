//! Fault points: named places where a test can end or hold the process, to see what is left on the disk.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::process::{Signal, getpid, kill_process};

/// The environment variable that names a fault point. `NAME` kills the process there with SIGKILL. `NAME=PIPE` writes
/// the name to the named pipe when it comes there first, and then waits until somebody opens it to write. Unset, the points do nothing.
pub const VARIABLE: &str = "BART_FAULT";

/// All points, in the order in which a pull and a clean-up reach them.
pub const POINTS: [&str; 27] = [
    "lease.created",
    "blob.created",
    "blob.torn",
    "blob.written",
    "blob.checked",
    "blob.renamed",
    "shared.created",
    "shared.renamed",
    "blob.set-aside",
    "release.staged",
    "release.torn",
    "release.built",
    "release.placed",
    "release.synced",
    "marker.written",
    "marker.renamed",
    "ref.written",
    "ref.renamed",
    "native.written",
    "lease.touched",
    "gc.lease-removed",
    "gc.chosen",
    "gc.marker-removed",
    "gc.rechecked",
    "gc.tree-removed",
    "gc.blob-removed",
    "gc.tmp-removed",
];

/// Says that the process has come to `point`.
pub(super) fn reach(point: &'static str) {
    debug_assert!(POINTS.contains(&point), "`{point}` is not in the list");
    static FAULT: OnceLock<Option<Fault>> = OnceLock::new();
    if let Some(fault) = FAULT.get_or_init(Fault::from_environment)
        && fault.point == point
        && !fault.happened.swap(true, Ordering::Relaxed)
    {
        fault.happen();
    }
}

struct Fault {
    point: String,
    pipe: Option<PathBuf>,
    happened: AtomicBool,
}

impl Fault {
    fn from_environment() -> Option<Fault> {
        let value = std::env::var(VARIABLE).ok()?;
        let (point, pipe) = match value.split_once('=') {
            Some((point, pipe)) => (point, Some(PathBuf::from(pipe))),
            None => (value.as_str(), None),
        };
        Some(Fault {
            point: point.to_owned(),
            pipe,
            happened: AtomicBool::new(false),
        })
    }

    fn happen(&self) {
        let held = (self.pipe.as_deref()).is_some_and(|pipe| self.hold(pipe).is_ok());
        if !held {
            // Nothing can refuse a process a signal to itself.
            let _ = kill_process(getpid(), Signal::KILL);
        }
    }

    /// To open a named pipe waits for the other end.
    fn hold(&self, pipe: &Path) -> io::Result<()> {
        let mut writer = File::options().write(true).open(pipe)?;
        writer.write_all(self.point.as_bytes())?;
        drop(writer);
        File::open(pipe).map(drop)
    }
}
