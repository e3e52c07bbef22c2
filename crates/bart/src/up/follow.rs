//! Follows edits: when the site's files, its manifest, a module or the run-time configuration change, a new release takes the place of the old one.

use std::env;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use engine::Current;

use super::indexes::Indexes;
use super::modules::Modules;
use super::prepare::{Site, Stamp};
use crate::Failure;
use crate::settings::Configuration;

/// The time between two looks at the files.
const INTERVAL: Duration = Duration::from_millis(500);

/// A look may take this part of the time at most, so that a site of many files does not keep a core busy.
const SHARE: u32 = 20;

/// A site that somebody writes.
pub(super) struct Follower {
    pub(super) site: Site,
    pub(super) modules: Modules,
    pub(super) indexes: Indexes,
    pub(super) configuration: Configuration,
    /// What was there before the release that answers now was made.
    pub(super) stamp: Option<Stamp>,
}

impl Follower {
    /// Looks at the files until `stopped` is closed. Blocks.
    pub(super) fn run(mut self, current: &Current, stopped: &Receiver<()>) {
        let mut pause = INTERVAL;
        while stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
            let start = Instant::now();
            let seen = self.site.stamp(&self.configuration.inputs()).ok();
            pause = INTERVAL.max(start.elapsed() * SHARE);
            if seen.is_none() || seen == self.stamp {
                continue;
            }
            self.stamp = seen;
            // What fails while somebody writes is told, and the last good release goes on.
            if let Err(failure) = self.replace(current) {
                tracing::warn!("kept the site as it was: {failure}");
            }
        }
    }

    fn replace(&mut self, current: &Current) -> Result<(), Failure> {
        let site = self.site.read_again()?;
        self.modules.forget_files();
        let settings = self.configuration.read(site.app(), env::vars_os())?;
        let prepared = site.prepare(&mut self.modules, &mut self.indexes, &settings)?;
        current.replace(prepared.release);
        self.site = site;
        Ok(())
    }
}
