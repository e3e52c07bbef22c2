//! Raw results: JSON lines, one for each run, written as they come and read again for tables and comparisons.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::machine::Machine;
use super::metrics::Metric;
use super::plan::Row;
use super::statistics;
use crate::tool;

/// The name of bart in results.
pub(super) const BART: &str = "bart";

/// What one run counted.
pub(super) type Values = BTreeMap<Metric, f64>;

/// A line of the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Line {
    Begin(Machine),
    Run(Run),
    Skip(Skip),
    End { load_average: String },
}

/// One run of one of those who are compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Run {
    row: String,
    who: String,
    /// Runs of one row with the same number followed each other at once.
    run: usize,
    values: Values,
}

/// What was not measured, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Skip {
    pub(super) row: String,
    pub(super) who: String,
    pub(super) reason: String,
}

/// Everything that a file has.
#[derive(Debug, Default)]
pub(super) struct Results {
    pub(super) machine: Machine,
    /// The load average at the end, if the run came to its end.
    pub(super) load_after: Option<String>,
    runs: Vec<Run>,
    pub(super) skips: Vec<Skip>,
}

/// A file of results that grows.
pub(super) struct Recorder {
    file: File,
}

impl Recorder {
    pub(super) fn create(path: &Path, machine: Machine) -> Result<Recorder> {
        let file =
            File::create(path).with_context(|| format!("failed to make `{}`", path.display()))?;
        let mut recorder = Recorder { file };
        recorder.write(&Line::Begin(machine))?;
        Ok(recorder)
    }

    pub(super) fn run(&mut self, row: &Row, who: &str, run: usize, values: Values) -> Result<()> {
        self.write(&Line::Run(Run {
            row: row.id.to_owned(),
            who: who.to_owned(),
            run,
            values,
        }))
    }

    /// Notes and says what is not measured.
    pub(super) fn skip(&mut self, row: &Row, who: &str, reason: &str) -> Result<()> {
        tool::say(&format!("skipped: {} ({who}): {reason}", row.id));
        self.write(&Line::Skip(Skip {
            row: row.id.to_owned(),
            who: who.to_owned(),
            reason: reason.to_owned(),
        }))
    }

    pub(super) fn end(&mut self, load_average: String) -> Result<()> {
        self.write(&Line::End { load_average })
    }

    fn write(&mut self, line: &Line) -> Result<()> {
        let mut text = serde_json::to_string(line).context("failed to write a result as JSON")?;
        text.push('\n');
        self.file
            .write_all(text.as_bytes())
            .context("failed to write a result")
    }
}

impl Results {
    /// Reads a file that [`Recorder`] wrote, perhaps not to its end.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or has a line that is no result.
    pub(super) fn read(path: &Path) -> Result<Results> {
        let text = fs::read_to_string(path)
            .with_context(|| format!("failed to read `{}`", path.display()))?;
        Results::parse(&text).with_context(|| format!("failed to read `{}`", path.display()))
    }

    fn parse(text: &str) -> Result<Results> {
        let mut results = Results::default();
        for (number, line) in text.lines().enumerate() {
            let line = serde_json::from_str(line)
                .with_context(|| format!("line {} is no result", number + 1))?;
            match line {
                Line::Begin(machine) => results.machine = machine,
                Line::Run(run) => results.runs.push(run),
                Line::Skip(skip) => results.skips.push(skip),
                Line::End { load_average } => results.load_after = Some(load_average),
            }
        }
        Ok(results)
    }

    /// Those who were measured for a row, in the order in which they came.
    pub(super) fn who(&self, row: &str) -> Vec<&str> {
        let mut who: Vec<&str> = Vec::new();
        for run in self.runs.iter().filter(|run| run.row == row) {
            if !who.contains(&run.who.as_str()) {
                who.push(&run.who);
            }
        }
        who
    }

    /// What all runs of somebody showed.
    pub(super) fn values(&self, row: &str, who: &str, metric: Metric) -> Vec<f64> {
        self.runs_of(row, who)
            .filter_map(|run| run.values.get(&metric).copied())
            .collect()
    }

    pub(super) fn median(&self, row: &str, who: &str, metric: Metric) -> Option<f64> {
        statistics::median(&self.values(row, who, metric))
    }

    /// bart's values as multiples of another's, of runs that followed each other.
    pub(super) fn ratios(&self, row: &str, other: &str, metric: Metric) -> Vec<f64> {
        let pairs = self.runs_of(row, BART).filter_map(|run| {
            let other = self
                .runs_of(row, other)
                .find(|other| other.run == run.run)?;
            Some((*run.values.get(&metric)?, *other.values.get(&metric)?))
        });
        pairs
            .filter(|(_, other)| *other > 0.0)
            .map(|(own, other)| own / other)
            .collect()
    }

    /// What bart's runs of a row counted.
    pub(super) fn metrics(&self, row: &str) -> Vec<Metric> {
        let run = self.runs_of(row, BART).next();
        run.map_or_else(Vec::new, |run| run.values.keys().copied().collect())
    }

    /// Why somebody was not measured.
    pub(super) fn skip(&self, row: &str, who: &str) -> Option<&Skip> {
        self.skips
            .iter()
            .find(|skip| skip.row == row && skip.who == who)
    }

    fn runs_of(&self, row: &str, who: &str) -> impl Iterator<Item = &Run> {
        self.runs
            .iter()
            .filter(move |run| run.row == row && run.who == who)
    }

    /// Results with these runs, for tests.
    #[cfg(test)]
    pub(super) fn of(runs: &[(&str, &str, usize, Metric, f64)]) -> Results {
        let runs = runs.iter().map(|(row, who, run, metric, value)| Run {
            row: (*row).to_owned(),
            who: (*who).to_owned(),
            run: *run,
            values: Values::from([(*metric, *value)]),
        });
        Results {
            runs: runs.collect(),
            ..Results::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::rows::ROWS;

    #[test]
    fn what_was_written_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("runs.jsonl");
        let mut recorder = Recorder::create(&path, Machine::default()).unwrap();
        let values = Values::from([(Metric::CpuMicros, 8.5)]);
        recorder.run(&ROWS[0], BART, 0, values).unwrap();
        recorder.skip(&ROWS[0], "spin", "not installed").unwrap();
        let torn = Results::read(&path).unwrap();
        assert_eq!(torn.load_after, None);
        recorder.end("0.50".to_owned()).unwrap();
        let whole = Results::read(&path).unwrap();
        assert_eq!(whole.values(ROWS[0].id, BART, Metric::CpuMicros), [8.5]);
        assert_eq!(whole.skips[0].reason, "not installed");
        assert_eq!(whole.load_after.as_deref(), Some("0.50"));
    }

    #[test]
    fn a_line_that_is_no_result_is_named() {
        let error = Results::parse("{\"kind\":\"end\",\"load_average\":\"1\"}\nno\n").unwrap_err();
        assert_eq!(error.to_string(), "line 2 is no result");
    }

    #[test]
    fn only_runs_that_followed_each_other_are_compared() {
        let metric = Metric::RequestsPerSecond;
        let results = Results::of(&[
            ("a", BART, 0, metric, 10.0),
            ("a", "nginx", 0, metric, 5.0),
            ("a", BART, 1, metric, 30.0),
            ("a", "nginx", 2, metric, 1.0),
            ("b", "nginx", 1, metric, 1.0),
        ]);
        assert_eq!(results.ratios("a", "nginx", metric), [2.0]);
        assert_eq!(results.who("a"), [BART, "nginx"]);
    }
}
