//! Publishing and pulling sites, each with a registry on this machine.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::fixture::{Fixture, TAG};
use super::metrics::Metric;
use super::plan::{Row, Step};
use super::results::{BART, Values};
use super::sites;

/// The tag after [`TAG`].
const NEXT: &str = "2";

/// The fields of bart's JSON that say what was moved.
const UPLOADED: &str = "uploaded";
const DOWNLOADED: &str = "downloaded";

pub(super) fn measure(fixture: &Fixture, row: &Row, pages: usize, step: Step) -> Result<()> {
    // A folder of its own, since pages of it change.
    let folder = fixture.folder.join(format!("published-{pages}"));
    let site = Site {
        fixture,
        manifest: sites::generate(&folder, pages)?,
        name: row.id,
    };
    for run in 0..fixture.effort.runs {
        let values = match step {
            Step::PushNew => site.push_new(run),
            Step::PushChanged => site.push_changed(run),
            Step::PushUnchanged => site.push_unchanged(run),
            Step::PullEmpty => site.pull_empty(run),
            Step::PullWarm => site.pull_warm(run),
        };
        fixture.run(row, BART, run, values?)?;
    }
    Ok(())
}

/// A site that each step publishes to a repository of its own.
struct Site<'a> {
    fixture: &'a Fixture,
    manifest: PathBuf,
    name: &'static str,
}

impl Site<'_> {
    fn push_new(&self, run: usize) -> Result<Values> {
        sites::change(&self.manifest, run)?;
        self.push(run, TAG, &self.cache(run)?)
    }

    fn push_changed(&self, run: usize) -> Result<Values> {
        let cache = self.cache(run)?;
        sites::change(&self.manifest, run)?;
        self.push(run, TAG, &cache)?;
        sites::change(&self.manifest, self.fixture.effort.runs + run)?;
        self.push(run, NEXT, &cache)
    }

    fn push_unchanged(&self, run: usize) -> Result<Values> {
        let cache = self.cache(run)?;
        self.push(run, TAG, &cache)?;
        self.push(run, TAG, &cache)
    }

    fn pull_empty(&self, run: usize) -> Result<Values> {
        self.push(run, TAG, &self.cache(run)?)?;
        self.pull(run, &self.cache(run)?)
    }

    fn pull_warm(&self, run: usize) -> Result<Values> {
        let cache = self.cache(run)?;
        self.push(run, TAG, &cache)?;
        self.pull(run, &cache)?;
        self.pull(run, &cache)
    }

    fn push(&self, run: usize, tag: &str, cache: &Path) -> Result<Values> {
        let mut push = self.fixture.command("push", cache);
        push.args([&self.reference(run, tag), "--json", "--quiet", "--site"]);
        timed(push.arg(&self.manifest), UPLOADED)
    }

    fn pull(&self, run: usize, cache: &Path) -> Result<Values> {
        let mut pull = self.fixture.command("pull", cache);
        timed(pull.args([&self.reference(run, TAG), "--json"]), DOWNLOADED)
    }

    /// An empty folder.
    fn cache(&self, run: usize) -> Result<PathBuf> {
        self.fixture.empty_cache(&format!("{}-{run}", self.name))
    }

    fn reference(&self, run: usize, tag: &str) -> String {
        let host = &self.fixture.registry.host;
        format!("{host}/bench/{}-{run}:{tag}", self.name)
    }
}

/// Runs a command that prints a JSON object, in which `field` says what was moved.
fn timed(command: &mut Command, field: &str) -> Result<Values> {
    let begin = Instant::now();
    let output = command.output().context("failed to start bart")?;
    let time = begin.elapsed();
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let json: Value = serde_json::from_slice(&output.stdout).context("bart printed no JSON")?;
    let number = |name: &str| {
        let number = json[field][name].as_f64();
        number.with_context(|| format!("`{field}.{name}` is missing in {json}"))
    };
    Ok(Values::from([
        (Metric::Milliseconds, time.as_secs_f64() * 1e3),
        (Metric::Blobs, number("blobs")?),
        (Metric::Bytes, number("bytes")?),
    ]))
}
