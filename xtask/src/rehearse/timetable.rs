//! How long each step took.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::tool;

/// The steps so far.
#[derive(Default)]
pub(super) struct Timetable {
    rows: Vec<(&'static str, Duration)>,
}

impl Timetable {
    /// Takes a step.
    pub(super) fn step<T>(
        &mut self,
        name: &'static str,
        work: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        tool::say(&format!("-- {name}"));
        let start = Instant::now();
        let done = work().with_context(|| format!("failed to {name}"))?;
        self.rows.push((name, start.elapsed()));
        Ok(done)
    }

    /// Prints the steps as a Markdown table.
    pub(super) fn print(&self) -> Result<()> {
        let mut table = String::from("| step | seconds |\n|---|---|");
        for (name, time) in &self.rows {
            table.push_str(&format!("\n| {name} | {:.2} |", time.as_secs_f64()));
        }
        tool::say(&table);
        Ok(())
    }
}
