//! What to measure, how long, and what to do with it.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use super::plan::{Part, Row};
use super::rows::ROWS;

/// Without options: everything, in about 20 minutes.
#[derive(Args)]
pub(crate) struct Options {
    /// Measure shortly, in under 3 minutes: to see that each row works, not for figures.
    #[arg(long)]
    quick: bool,
    /// Measure this program instead of building one.
    #[arg(long, value_name = "PATH")]
    pub(super) bart: Option<PathBuf>,
    /// Measure only this part; can be given several times.
    #[arg(long, value_enum)]
    only: Vec<Part>,
    /// Measure only the row of this name, as raw results have it; can be given several times.
    #[arg(long = "row", value_name = "NAME")]
    names: Vec<String>,
    /// Seconds of each run of load.
    #[arg(long)]
    seconds: Option<u32>,
    /// Runs of each measurement; the median counts.
    #[arg(long)]
    runs: Option<usize>,
    /// Starts with a warm cache.
    #[arg(long)]
    starts: Option<usize>,
    /// Connections that ask at once.
    #[arg(long, default_value_t = 16)]
    connections: u32,
    /// Measure nothing, and show these raw results.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["quick", "bart", "only", "names"])]
    pub(super) from: Option<PathBuf>,
    /// Say what became slower or faster since these raw results; exit code 1 for a regression.
    #[arg(long, value_name = "FILE")]
    pub(super) compare: Option<PathBuf>,
    /// Percent by which a value must be worse, beyond noise, to be a regression.
    #[arg(long, value_name = "PERCENT", default_value_t = 10.0)]
    pub(super) threshold: f64,
    /// Put the tables and the chart into the manual.
    #[arg(long)]
    pub(super) accept: bool,
}

/// How long and how often.
#[derive(Clone, Copy, Debug)]
pub(super) struct Effort {
    pub(super) seconds: u32,
    pub(super) runs: usize,
    /// With a warm cache.
    pub(super) starts: usize,
    /// With an empty cache: slower, so there are fewer.
    pub(super) empty_starts: usize,
    pub(super) connections: u32,
    /// Seconds of load before memory is looked at.
    pub(super) memory_seconds: u32,
    /// Servers that run together.
    pub(super) most_processes: usize,
}

impl Options {
    pub(super) fn effort(&self) -> Effort {
        let usual = if self.quick {
            Effort {
                seconds: 1,
                runs: 2,
                starts: 5,
                empty_starts: 2,
                connections: self.connections,
                memory_seconds: 2,
                most_processes: 10,
            }
        } else {
            Effort {
                seconds: 4,
                runs: 5,
                starts: 60,
                empty_starts: 10,
                connections: self.connections,
                memory_seconds: 10,
                most_processes: 50,
            }
        };
        Effort {
            seconds: self.seconds.unwrap_or(usual.seconds).max(1),
            runs: self.runs.unwrap_or(usual.runs).max(1),
            starts: self.starts.unwrap_or(usual.starts).max(1),
            ..usual
        }
    }

    /// The chosen rows.
    ///
    /// # Errors
    ///
    /// When a name is of no row.
    pub(super) fn rows(&self) -> Result<Vec<&'static Row>> {
        let named = self.names.iter().map(|name| {
            Row::find(name).with_context(|| {
                let names: Vec<&str> = ROWS.iter().map(|row| row.id).collect();
                format!("no row `{name}`: there are {}", names.join(", "))
            })
        });
        let named = named.collect::<Result<Vec<&Row>>>()?;
        let all = self.only.is_empty() && named.is_empty();
        let chosen = ROWS.iter().filter(|row| {
            all || self.only.contains(&row.part) || named.iter().any(|name| name.id == row.id)
        });
        Ok(chosen.collect())
    }
}

impl Effort {
    /// For the head of the table.
    pub(super) fn describe(&self) -> String {
        format!(
            "Medians of {} runs of {} s with {} connections, {} starts with a warm cache",
            self.runs, self.seconds, self.connections, self.starts
        )
    }
}
