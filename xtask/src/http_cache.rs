//! `cargo xtask http-cache`: the public tests of HTTP caches (the package `http-cache-tests` of npm) against the response cache. The server behind it
//! is the tests' own, to which a component hands on each request; what is known not to pass, and why, is in a list.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::grid::Grid;
use crate::process::Group;
use crate::server::Server;
use crate::step::Outcome;
use crate::{components, node, tool};

/// The tests, relative to the repository.
const FOLDER: &str = "tests/http-cache";
/// The server that the tests script.
const ORIGIN: &str = "origin.js";
/// What runs the tests.
const RUN: &str = "run.js";
/// What is known not to pass.
const KNOWN: &str = "known.toml";
/// The name under which the results have this cache.
const BART: &str = "bart";

/// A test, and how it went with each cache.
#[derive(Deserialize)]
struct Test {
    id: String,
    kind: Kind,
    name: String,
    /// What was wrong with [`BART`].
    why: Option<String>,
    outcomes: BTreeMap<String, Went>,
}

/// What a test asks.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    /// What every cache must do.
    Required,
    /// What a good cache does.
    Optimal,
    /// Which of two ways a cache goes, of which neither is wrong.
    Check,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Went {
    Passed,
    Failed,
    /// Its own preparation failed.
    Unprepared,
    /// What another test asks for is missing, and without that it shows nothing.
    Undecided,
}

/// The list of what is known not to pass.
#[derive(Deserialize)]
struct List {
    known: Vec<Known>,
}

#[derive(Deserialize)]
struct Known {
    why: String,
    tests: BTreeSet<String>,
}

/// Runs the tests, prints how many pass beside other caches, and fails where that differs from the list.
///
/// # Errors
///
/// When something is missing, or a test does not go as it is known to.
pub(crate) fn run() -> Result<()> {
    let folder = prepare().context("there can be no tests of the cache")?;
    check(&folder).map(drop)
}

/// The same as a step of all tests: skipped where something is missing.
///
/// # Errors
///
/// When a test does not go as it is known to.
pub(crate) fn run_where_possible() -> Result<Outcome> {
    match prepare() {
        Ok(folder) => check(&folder),
        // As without a network.
        Err(missing) => Ok(Outcome::Skipped(format!("{missing:#}"))),
    }
}

fn prepare() -> Result<PathBuf> {
    node::prepare(FOLDER, &[ORIGIN, RUN])
}

fn check(folder: &Path) -> Result<Outcome> {
    // All of the workspace, as the tests do: with fewer packages the features of dependencies differ, and much is compiled again.
    tool::run(tool::cargo().arg("build"))?;
    let tests = results(folder)?;
    tool::say(&table(&tests));
    let known = known()?;
    let faults: Vec<String> = tests
        .iter()
        .filter_map(|test| test.fault(&known))
        .chain(without_test(&known, &tests))
        .collect();
    if !faults.is_empty() {
        bail!("not as `{FOLDER}/{KNOWN}` has it:\n{}", faults.join("\n"));
    }
    let judged = tests.iter().filter(|test| test.is_judged());
    let passed = judged
        .filter(|test| test.went(BART) == Went::Passed)
        .count();
    Ok(Outcome::Done {
        passed: passed as u64,
        skipped: 0,
    })
}

/// Runs the tests.
fn results(folder: &Path) -> Result<Vec<Test>> {
    let (_origin, port) = origin(folder)?;
    let site = tempfile::tempdir().context("failed to make a folder for a site")?;
    write_site(site.path(), port)?;
    let mut bart = Command::new(tool::bart("debug")?);
    // What fails on purpose is no news.
    bart.stderr(Stdio::null())
        .env("BART_RESPONSE_CACHE", "32MiB");
    let server = Server::start_with(bart, site.path())?;
    let output = tool::output(node_program(folder, RUN).arg(&server.url))?;
    serde_json::from_str(&output).context("the tests printed no results")
}

/// Starts the server behind the cache, and gives its port.
fn origin(folder: &Path) -> Result<(Group, u16)> {
    let mut group = Group::spawn(node_program(folder, ORIGIN).stdout(Stdio::piped()))?;
    let stdout = group.take_stdout().expect("stdout is piped");
    let mut line = String::new();
    BufReader::new(stdout)
        .read_line(&mut line)
        .context("failed to read the port of the server of the tests")?;
    let port = line.trim().parse();
    Ok((
        group,
        port.context("the server of the tests did not start")?,
    ))
}

/// A site whose only component hands each request on to the server at `port`.
fn write_site(folder: &Path, port: u16) -> Result<()> {
    let component = components::probe()?;
    let component = component
        .to_str()
        .context("the target folder is not UTF-8")?;
    let manifest = format!(
        r#"spin_manifest_version = 2

[application]
name = "http-cache"

[[trigger.http]]
route = "/..."
component = "probe"

[component.probe]
source = '{component}'
environment = {{ ORIGIN = "http://127.0.0.1:{port}" }}
allowed_outbound_hosts = ["http://127.0.0.1:{port}"]
"#
    );
    #[expect(clippy::disallowed_methods, reason = "nobody reads it meanwhile")]
    fs::write(folder.join("spin.toml"), manifest).context("failed to write a manifest")
}

fn node_program(folder: &Path, file: &str) -> Command {
    let mut node = tool::program("node");
    node.arg(folder.join(file));
    node
}

fn known() -> Result<Vec<Known>> {
    let path = tool::root().join(FOLDER).join(KNOWN);
    let text = fs::read_to_string(&path)
        .with_context(|| format!("failed to read `{}`", path.display()))?;
    let list: List =
        toml::from_str(&text).with_context(|| format!("`{}` is malformed", path.display()))?;
    Ok(list.known)
}

impl Test {
    /// Whether a cache can do it wrong.
    fn is_judged(&self) -> bool {
        self.kind != Kind::Check
    }

    fn went(&self, cache: &str) -> Went {
        self.outcomes.get(cache).copied().unwrap_or(Went::Undecided)
    }

    /// In one line what is unlike the list.
    fn fault(&self, known: &[Known]) -> Option<String> {
        let listed = known.iter().find(|known| known.tests.contains(&self.id));
        let Test { id, name, .. } = self;
        let fails = matches!(self.went(BART), Went::Failed | Went::Unprepared);
        match listed {
            Some(known) if !fails || !self.is_judged() => Some(format!(
                "`{id}` is listed and does not fail ({}): {name}",
                known.why
            )),
            None if fails && self.is_judged() => {
                let why = self.why.as_deref().unwrap_or_default();
                Some(format!("`{id}` fails: {name}: {why}"))
            }
            Some(_) | None => None,
        }
    }
}

fn without_test<'a>(known: &'a [Known], tests: &[Test]) -> impl Iterator<Item = String> + use<'a> {
    let names: BTreeSet<String> = tests.iter().map(|test| test.id.clone()).collect();
    known
        .iter()
        .flat_map(|known| &known.tests)
        .filter(move |id| !names.contains(*id))
        .map(|id| format!("`{id}` is listed, and there is no such test"))
}

/// How many tests pass, for each cache.
fn table(tests: &[Test]) -> String {
    let mut grid = Grid::new(&[
        "cache",
        "#must: passed",
        "#failed",
        "#undecided",
        "#should: passed",
        "#failed",
        "#undecided",
    ]);
    let caches = tests
        .first()
        .into_iter()
        .flat_map(|test| test.outcomes.keys());
    let mut caches: Vec<&String> = caches.collect();
    caches.sort_by_key(|name| *name != BART);
    for cache in caches {
        let mut cells = vec![cache.clone()];
        for kind in [Kind::Required, Kind::Optimal] {
            let ends = [
                &[Went::Passed][..],
                &[Went::Failed],
                &[Went::Unprepared, Went::Undecided],
            ];
            cells.extend(ends.map(|ends| {
                let like = |test: &&Test| test.kind == kind && ends.contains(&test.went(cache));
                tests.iter().filter(like).count().to_string()
            }));
        }
        grid.add(cells);
    }
    grid.markdown()
}
