//! `cargo xtask test`: everything that CI runs, from set-up to the closing counts.

use std::fmt;
use std::io::{BufRead, BufReader, Write, stdout};
use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::step::Outcome;
use crate::{
    browser, chart, commonmark, components, http_cache, instructions, lints, policy, rehearse, tool,
};

/// The registry that tests push to: program and Debian package.
const REGISTRY: &str = "docker-registry";

pub(crate) fn run() -> Result<()> {
    let mut for_wasm = components::packages()?;
    for_wasm.push(components::PROBE.to_owned());
    step("set-up", || {
        tool::ensure_wasm_target()?;
        tool::install_if_possible(REGISTRY);
        Ok(())
    })?;
    step("format", || {
        tool::run(tool::cargo().args(["fmt", "--all", "--check"]))
    })?;
    step("dependency directions and licences", policy::check)?;
    step("clippy, native", || {
        let mut clippy = tool::cargo();
        clippy.args(["clippy", "--locked", "--workspace", "--all-targets"]);
        for package in &for_wasm {
            clippy.args(["--exclude", package]);
        }
        tool::run(clippy.args(["--", "--deny", "warnings"]))
    })?;
    step("clippy, Wasm", || {
        let mut clippy = tool::cargo();
        clippy.args(["clippy", "--locked", "--target", tool::WASM_TARGET]);
        for package in &for_wasm {
            clippy.args(["--package", package]);
        }
        tool::run(clippy.args(["--", "--deny", "warnings"]))
    })?;
    let specification = step("the CommonMark specification", || Ok(commonmark::fetch()))?;
    let mut counts = step("tests", || tests(specification.as_deref()))?;
    counts.count("browser test", browser::run_where_possible);
    counts.count(
        "public tests of HTTP caches",
        http_cache::run_where_possible,
    );
    counts.count("lints", lints::run_where_possible);
    counts.count("chart and Flux", chart::run_where_possible);
    counts.count("instruction counts", instructions::run_where_possible);
    counts.count("rehearsal of a release", rehearse::run_where_possible);
    // The form that CI reads.
    writeln!(stdout(), "{counts}").context("failed to print the counts")?;
    if counts.failed > 0 {
        bail!("{} tests failed", counts.failed);
    }
    Ok(())
}

/// Tests by how they ended.
#[derive(Default)]
struct Counts {
    passed: u64,
    failed: u64,
    skipped: u64,
    /// Those among the passed that said that they could not run here.
    skipped_by_name: u64,
}

impl fmt::Display for Counts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counts {
            passed,
            failed,
            skipped,
            skipped_by_name,
        } = self;
        write!(
            formatter,
            "{} passed, {failed} failed, {} skipped",
            passed.saturating_sub(*skipped_by_name),
            skipped + skipped_by_name
        )
    }
}

impl Counts {
    /// Runs a step, and counts its checks.
    fn count(&mut self, name: &str, work: impl FnOnce() -> Result<Outcome>) {
        match step(name, work) {
            Ok(Outcome::Done { passed, skipped }) => {
                self.passed += passed;
                self.skipped += skipped;
            }
            Ok(Outcome::Skipped(reason)) => {
                self.skipped += 1;
                tool::say(&format!("skipped: {name}: {reason}"));
            }
            Err(error) => {
                self.failed += 1;
                tool::say(&format!("error: {error:#}"));
            }
        }
    }

    /// Adds a line such as `test result: ok. 5 passed; 0 failed; 1 ignored; ...`, or `skipped: NAME: REASON`, which a test prints
    /// that cannot run here and that the runner then counts as passed.
    fn add(&mut self, line: &str) {
        if line.contains("skipped: ") {
            self.skipped_by_name += 1;
        }
        let Some(result) = line.strip_prefix("test result: ") else {
            return;
        };
        for part in result.split(['.', ';']) {
            let mut words = part.split_whitespace();
            let (Some(number), Some(what)) = (words.next(), words.next()) else {
                continue;
            };
            let Ok(number) = number.parse::<u64>() else {
                continue;
            };
            match what {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.skipped += number,
                _ => {}
            }
        }
    }
}

fn tests(specification: Option<&Path>) -> Result<Counts> {
    let mut cargo = tool::cargo();
    cargo
        .args(["test", "--locked", "--no-fail-fast"])
        .stdout(Stdio::piped());
    if let Some(path) = specification {
        cargo.env(commonmark::SPECIFICATION, path);
    }
    let mut child = cargo.spawn().context("failed to start `cargo test`")?;
    let output = child.stdout.take().expect("stdout is piped");
    let mut counts = Counts::default();
    for line in BufReader::new(output).lines() {
        let line = line.context("failed to read the output of `cargo test`")?;
        writeln!(stdout(), "{line}").context("failed to print")?;
        counts.add(&line);
    }
    let status = child.wait().context("failed to wait for `cargo test`")?;
    if !status.success() && counts.failed == 0 {
        bail!("`cargo test` failed with {status}");
    }
    Ok(counts)
}

fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    tool::say(&format!("== {name}"));
    let start = Instant::now();
    let result = work().with_context(|| format!("step `{name}`"));
    tool::say(&format!(
        "== {name}: {:.1} s",
        start.elapsed().as_secs_f64()
    ));
    result
}
