//! The result: two Markdown tables, of load and of single commands, that say on what machine and commit it was measured.

use std::fmt::{self, Write};
use std::fs;
use std::time::Duration;

use anyhow::Result;

use super::load::Load;
use crate::tool;

/// One line of the table.
pub(super) struct Row {
    name: String,
    load: Load,
    ratio: Option<f64>,
}

/// What one command, run several times, showed.
#[derive(Debug)]
pub(super) struct Command {
    pub(super) name: String,
    /// How long each run took.
    pub(super) times: Vec<Duration>,
    /// What the last run moved over the network, where it moves anything.
    pub(super) traffic: Option<Traffic>,
}

/// Blobs that were uploaded or downloaded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Traffic {
    pub(super) blobs: u64,
    pub(super) bytes: u64,
}

/// All lines.
pub(super) struct Table {
    rows: Vec<Row>,
    commands: Vec<Command>,
}

impl Row {
    pub(super) fn new(name: &str, load: Load) -> Row {
        Row {
            name: name.to_owned(),
            load,
            ratio: None,
        }
    }

    /// With the ratio of its cost to that of the row it is compared with.
    pub(super) fn compared(self, ratio: f64) -> Row {
        Row {
            ratio: Some(ratio),
            ..self
        }
    }
}

impl Table {
    pub(super) fn new() -> Table {
        Table {
            rows: Vec::new(),
            commands: Vec::new(),
        }
    }

    pub(super) fn add_command(&mut self, command: Command) {
        self.commands.push(command);
    }

    pub(super) fn add(&mut self, row: Row) {
        self.rows.push(row);
    }

    pub(super) fn markdown(&self) -> Result<String> {
        let commit = tool::output(tool::program("git").args(["rev-parse", "--short", "HEAD"]))?;
        let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let mut text = format!(
            "Commit {}, {cores} cores, load average {} at the end.\n\n",
            commit.trim(),
            load.split(' ').next().unwrap_or("unknown")
        );
        if !self.rows.is_empty() {
            self.write_load(&mut text)?;
        }
        if !self.commands.is_empty() {
            self.write_commands(&mut text)?;
        }
        Ok(text)
    }

    fn write_load(&self, text: &mut String) -> fmt::Result {
        text.push_str("| what | requests/s | CPU per request | p50 | p99 | ratio of CPU |\n");
        text.push_str("|---|---:|---:|---:|---:|---:|\n");
        for Row { name, load, ratio } in &self.rows {
            let ratio = ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}"));
            writeln!(
                text,
                "| {name} | {:.0} | {:.0} µs | {:.2} ms | {:.2} ms | {ratio} |",
                load.requests_per_second,
                load.cpu_micros,
                load.median_micros / 1e3,
                load.p99_micros / 1e3,
            )?;
        }
        text.push('\n');
        Ok(())
    }

    fn write_commands(&self, text: &mut String) -> fmt::Result {
        text.push_str("| what | runs | median | slowest | blobs | bytes |\n");
        text.push_str("|---|---:|---:|---:|---:|---:|\n");
        for Command {
            name,
            times,
            traffic,
        } in &self.commands
        {
            let mut times = times.clone();
            times.sort();
            let milliseconds = |time: Option<&Duration>| {
                time.map_or_else(String::new, |time| {
                    format!("{:.1} ms", time.as_secs_f64() * 1e3)
                })
            };
            let (blobs, bytes) = traffic.map_or_else(Default::default, |traffic| {
                (traffic.blobs.to_string(), traffic.bytes.to_string())
            });
            writeln!(
                text,
                "| {name} | {} | {} | {} | {blobs} | {bytes} |",
                times.len(),
                milliseconds(times.get(times.len() / 2)),
                milliseconds(times.last()),
            )?;
        }
        text.push('\n');
        Ok(())
    }
}
