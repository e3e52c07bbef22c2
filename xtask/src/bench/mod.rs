//! `cargo xtask bench`: measures each row of `rows.rs` beside its peers, and says which budgets are met.

mod accept;
mod calls;
mod chart;
mod client;
mod compare;
mod fixture;
mod foreign;
mod image;
mod load;
mod loads;
mod machine;
mod memory;
mod metrics;
mod options;
mod peers;
mod plan;
mod registry;
mod releases;
mod results;
mod rows;
pub(crate) mod sites;
mod starts;
mod statistics;
mod table;
mod tools;
mod verdict;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::tool;
use fixture::Fixture;
use loads::Asked;
use machine::Machine;
use options::Effort;
pub(crate) use options::Options;
use plan::{How, Row};
use registry::Registry;
use results::{BART, Recorder, Results};
use tools::REGISTRY;

pub(crate) fn run(options: &Options) -> Result<()> {
    let folder = tool::target_dir()?.join("bench");
    fs::create_dir_all(&folder).context("failed to make the folder for results")?;
    // Read first: a base that is not there should not take half an hour to be found.
    let base = options.compare.as_deref().map(Results::read).transpose()?;
    let (raw, failures) = match &options.from {
        Some(raw) => (raw.clone(), 0),
        None => measure(options, &folder)?,
    };
    let results = Results::read(&raw)?;
    let table = table::markdown(&results);
    let chart = chart::svg(&results).context("failed to draw the chart")?;
    for (name, text) in [("table.md", &table), ("chart.svg", &chart)] {
        accept::replace(&folder.join(name), text)?;
    }
    let names = "table.md, chart.svg";
    tool::say(&format!(
        "\n{table}\nwritten to {}: {names}; raw results: {}",
        folder.display(),
        raw.display()
    ));
    if failures > 0 {
        bail!("{failures} measurements failed");
    }
    if options.accept {
        accept::write(&table, &chart)?;
    }
    match base {
        Some(base) => compare(&base, &results, options.threshold / 100.0),
        None => Ok(()),
    }
}

/// Prints what changed.
///
/// # Errors
///
/// When something became worse beyond noise by more than `threshold`, a part of the former value.
fn compare(base: &Results, results: &Results, threshold: f64) -> Result<()> {
    let changes = compare::changes(base, results);
    tool::say(&compare::report(&changes, base));
    let regressions = changes
        .iter()
        .filter(|change| change.is_regression(threshold));
    match regressions.count() {
        0 => Ok(()),
        count => bail!(
            "{count} values are worse by more than {:.0} %",
            threshold * 100.0
        ),
    }
}

/// Measures the chosen rows and gives the file of raw results, with the number of measurements that failed.
fn measure(options: &Options, folder: &Path) -> Result<(PathBuf, usize)> {
    tools::install();
    let bart = program(options)?;
    let effort = options.effort();
    let raw = folder.join("runs.jsonl");
    let mut recorder = Recorder::create(&raw, Machine::look(&bart, effort.describe())?)?;
    let rows = options.rows()?;
    if let Some(missing) = REGISTRY.missing() {
        // Everything is served from a release.
        for row in rows {
            recorder.skip(row, BART, &missing)?;
        }
        recorder.end(machine::load_average())?;
        return Ok((raw, 0));
    }
    load::prepare(folder)?;
    let registry = Registry::start(&folder.join("registry"))?;
    let fixture = Fixture::new(bart, folder.to_owned(), effort, registry, recorder)?;
    for row in rows {
        tool::say(&format!("measuring {}: {}", row.id, row.what));
        if let Err(error) = measure_row(&fixture, row) {
            fixture.fail(row, BART, &error)?;
        }
    }
    let failures = fixture.end(machine::load_average())?;
    Ok((raw, failures))
}

fn measure_row(fixture: &Fixture, row: &Row) -> Result<()> {
    match row.how {
        How::Start {
            pages,
            store,
            components,
            rival,
        } => starts::measure(fixture, row, (pages, store, components), rival),
        How::Load {
            pages,
            path,
            answers,
            connections,
            rivals,
        } => {
            let asked = Asked {
                pages,
                path,
                answers,
            };
            loads::measure(fixture, row, asked, connections, rivals)
        }
        How::Loaded { path, answers } => memory::loaded(fixture, row, path, answers),
        How::Together { processes } => memory::together(fixture, row, processes),
        How::Idle { connections } => memory::idle(fixture, row, connections),
        How::Release { pages, step } => releases::measure(fixture, row, pages, step),
        How::Stamp => image::stamp(fixture, row),
        How::ImageSize => image::size(fixture, row),
        How::Calls {
            path,
            answers,
            rivals,
        } => {
            let asked = Asked {
                pages: 10,
                path,
                answers,
            };
            calls::measure(fixture, row, asked, rivals)
        }
    }
}

/// The program to measure: a given one, or the one of this checkout, built now.
fn program(options: &Options) -> Result<PathBuf> {
    if let Some(bart) = &options.bart {
        return fs::canonicalize(bart)
            .with_context(|| format!("failed to find `{}`", bart.display()));
    }
    tool::ensure_wasm_target()?;
    tool::run(tool::cargo().args(["build", "--release", "--package", "bart"]))?;
    tool::bart("release")
}
