//! The result: a Markdown table that says on what machine and commit it was measured.

use std::fmt::Write;
use std::fs;

use anyhow::Result;

use super::load::Load;
use crate::tool;

/// One line of the table.
pub(super) struct Row {
    name: String,
    load: Load,
    ratio: Option<f64>,
}

/// All lines.
pub(super) struct Table {
    rows: Vec<Row>,
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
        Table { rows: Vec::new() }
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
        Ok(text)
    }
}
