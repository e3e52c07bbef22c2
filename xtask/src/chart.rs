//! `cargo xtask chart`: checks the Helm chart and the manifests of Flux, writes the chart's tables of values, packs and pushes it.

use std::env;
use std::path::{self, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use xtask::chart_docs;

use crate::python::Environment;
use crate::step::Outcome;
use crate::tool;

/// What Helm comes from, relative to the repository.
const PACKAGES: &str = "tests/chart/requirements.txt";
/// The checks, relative to the repository.
const CHECKS: &str = "tests/chart/run.py";
/// What packs and pushes, relative to the repository.
const PACKAGE: &str = "charts/publish/package.py";
const PUSH: &str = "charts/publish/push.py";
/// What is in front of the version in the tags of git that release the chart.
const TAG: &str = "chart-";

#[derive(Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Render the chart with Helm for many sets of values, check what comes out, and check `deploy/flux`; also a step of `test`.
    Test,
    /// Write the tables of the chart's README and the descriptions of its schema from `values.yaml`.
    Docs,
    /// Pack the chart; the same content gives the same bytes. Prints the path.
    Package {
        /// The folder for the archive; `chart` below the target folder without it.
        output: Option<PathBuf>,
    },
    /// Pack the chart and push it. Prints the digest. A version that exists with other content is refused.
    Push(Destination),
}

#[derive(Args)]
struct Destination {
    /// Where to, without the chart's name, such as `registry.example.com/you/site/charts`.
    remote: String,
    /// The tag of git that releases the chart: an error where it is not `chart-` and the chart's version.
    #[arg(long)]
    tag: Option<String>,
    /// Speak plain HTTP, as with registries on this machine.
    #[arg(long)]
    insecure: bool,
}

/// # Errors
///
/// When Helm is missing, or the task fails, which has printed why.
pub(crate) fn run(options: &Options) -> Result<()> {
    match &options.task {
        Task::Test => check(&helm()?).map(drop),
        Task::Docs => chart_docs::write(&tool::root()),
        Task::Package { output } => {
            let archive = package(&helm()?, output.as_ref())?;
            tool::print(&archive.display().to_string())
        }
        Task::Push(destination) => push(&helm()?, destination),
    }
}

/// The checks as a step of all tests: skipped where Helm is missing.
///
/// # Errors
///
/// When one of them fails.
pub(crate) fn run_where_possible() -> Result<Outcome> {
    match helm() {
        Ok(helm) => check(&helm),
        // As without Python or a network.
        Err(error) => Ok(Outcome::Skipped(format!("{error:#}"))),
    }
}

/// Helm and the schemas of Kubernetes, which are packages of Python.
fn helm() -> Result<Environment> {
    Environment::prepare("chart", &tool::root().join(PACKAGES)).context("there is no Helm")
}

fn python(helm: &Environment, program: &str) -> Command {
    let mut command = helm.program("python");
    command
        .arg(program)
        // No compiled files beside the sources.
        .env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

fn check(helm: &Environment) -> Result<Outcome> {
    let output = python(helm, CHECKS)
        .stderr(Stdio::inherit())
        .output()
        .context("failed to start the checks of the chart")?;
    let lines = String::from_utf8_lossy(&output.stdout);
    tool::say(lines.trim_end());
    if !output.status.success() {
        bail!("the checks of the chart failed with {}", output.status);
    }
    let counts = lines.lines().last().and_then(counts);
    let (passed, skipped) = counts.context("the checks of the chart printed no counts")?;
    Ok(Outcome::Done { passed, skipped })
}

/// Reads `5 passed, 0 failed, 1 skipped`.
fn counts(line: &str) -> Option<(u64, u64)> {
    let (passed, rest) = line.split_once(" passed, 0 failed, ")?;
    let skipped = rest.strip_suffix(" skipped")?;
    Some((passed.parse().ok()?, skipped.parse().ok()?))
}

fn package(helm: &Environment, output: Option<&PathBuf>) -> Result<PathBuf> {
    let folder = match output {
        Some(folder) => {
            path::absolute(folder).context("failed to find the folder for the archive")?
        }
        None => tool::target_dir()?.join("chart"),
    };
    let mut command = python(helm, PACKAGE);
    command.arg(folder).arg("--time").arg(time()?);
    Ok(PathBuf::from(tool::output(&mut command)?.trim()))
}

fn push(helm: &Environment, destination: &Destination) -> Result<()> {
    if let Some(tag) = &destination.tag {
        let version = chart_docs::version(&tool::root())?;
        if tag.strip_prefix(TAG) != Some(&version) {
            bail!("the tag is `{tag}`, and `Chart.yaml` has the version {version}");
        }
    }
    let archive = package(helm, None)?;
    let remote = &destination.remote;
    let remote = remote.strip_prefix("oci://").unwrap_or(remote);
    let remote = remote.trim_end_matches('/');
    let mut command = python(helm, PUSH);
    command.arg(archive).arg(format!("oci://{remote}"));
    if destination.insecure || is_here(remote) {
        command.arg("--plain-http");
    }
    tool::run(&mut command)
}

/// Whether a registry is on this machine, where there is no TLS.
fn is_here(remote: &str) -> bool {
    let host = remote.split(['/', ':']).next();
    matches!(host, Some("127.0.0.1" | "localhost"))
}

/// The time that the archive carries: `SOURCE_DATE_EPOCH`, or that of the last commit that changed the chart.
fn time() -> Result<String> {
    if let Ok(seconds) = env::var("SOURCE_DATE_EPOCH") {
        return Ok(seconds);
    }
    let mut git = tool::program("git");
    git.args(["log", "-1", "--format=%ct", "--", chart_docs::CHART]);
    let seconds = tool::output(&mut git)?;
    match seconds.trim() {
        "" => bail!("no commit has the chart: set `SOURCE_DATE_EPOCH`"),
        seconds => Ok(seconds.to_owned()),
    }
}
