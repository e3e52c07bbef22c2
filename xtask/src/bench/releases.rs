//! Publishing sites, pulling and starting their releases, each with a registry on this machine.

use std::path::{Path, PathBuf};
use std::process::Command as Process;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::registry::Registry;
use super::table::{Command, Table, Traffic};
use super::{sites, start};
use crate::tool;

/// Sites that are published and pulled.
const PUBLISHED: [usize; 3] = [10, 1_000, 10_000];

/// Sites that are started (design.md section 8).
const STARTED: [usize; 2] = [10, 5_000];

/// Starts with everything in the cache: short, so there can be more of them.
const WARM_STARTS: usize = 20;

/// The tag that is pushed first.
const FIRST: &str = "1";

pub(super) fn measure(folder: &Path, runs: usize, table: &mut Table) -> Result<()> {
    let Some(registry) = Registry::start(&folder.join("registry"))? else {
        tool::say("skipped: publishing, pulling and starting of releases: no docker-registry");
        return Ok(());
    };
    for pages in PUBLISHED {
        tool::say(&format!("measuring releases of {pages} pages"));
        let bench = Bench::new(&registry, folder, pages)?;
        bench.pushes(runs, table)?;
        bench.pulls(runs, table)?;
    }
    for pages in STARTED {
        tool::say(&format!("measuring starts of {pages} pages"));
        Bench::new(&registry, folder, pages)?.starts(runs, table)?;
    }
    Ok(())
}

/// A site with what is needed to publish it.
struct Bench<'a> {
    registry: &'a Registry,
    bart: PathBuf,
    pages: usize,
    manifest: PathBuf,
    /// The caches of commands, each below a name of its own.
    caches: PathBuf,
}

impl Bench<'_> {
    fn new<'a>(registry: &'a Registry, folder: &Path, pages: usize) -> Result<Bench<'a>> {
        let manifest = sites::generate(&folder.join(format!("site-{pages}")), pages)?;
        let caches = folder.join(format!("caches-{pages}"));
        sites::empty(&caches)?;
        Ok(Bench {
            registry,
            bart: tool::bart("release")?,
            pages,
            manifest,
            caches,
        })
    }

    /// From nothing, each time to a new repository; after a change, each time to a new tag; and with nothing changed.
    fn pushes(&self, runs: usize, table: &mut Table) -> Result<()> {
        let mut first = self.command("push, from nothing");
        let mut changed = self.command("push, after one page changed");
        let mut unchanged = self.command("push, nothing changed");
        for run in 0..runs {
            let repository = format!("push-{run}");
            let cache = self.cache(&repository)?;
            sites::change(&self.manifest, run)?;
            self.push(&repository, FIRST, &cache, &mut first)?;
            sites::change(&self.manifest, runs + run)?;
            self.push(&repository, "2", &cache, &mut changed)?;
            self.push(&repository, "2", &cache, &mut unchanged)?;
        }
        for command in [first, changed, unchanged] {
            table.add_command(command);
        }
        Ok(())
    }

    /// Into an empty store, and into one that has the release.
    fn pulls(&self, runs: usize, table: &mut Table) -> Result<()> {
        self.publish("pull")?;
        let mut cold = self.command("pull, empty store");
        let mut warm = self.command("pull, warm store");
        for run in 0..runs {
            let cache = self.cache(&format!("pull-{run}"))?;
            for command in [&mut cold, &mut warm] {
                let mut pull = self.process("pull", &cache);
                pull.args([&self.reference("pull", FIRST), "--json"]);
                run_command(&mut pull, "downloaded", command)?;
            }
        }
        table.add_command(cold);
        table.add_command(warm);
        Ok(())
    }

    /// From the start of the program to the first page.
    fn starts(&self, runs: usize, table: &mut Table) -> Result<()> {
        self.publish("start")?;
        let mut cold = self.command("start to first 200, empty store");
        let mut warm = self.command("start to first 200, warm store");
        let mut cache = PathBuf::new();
        for run in 0..runs {
            cache = self.cache(&format!("start-{run}"))?;
            cold.times.push(self.start(&cache)?);
        }
        for _ in 0..WARM_STARTS {
            warm.times.push(self.start(&cache)?);
        }
        table.add_command(cold);
        table.add_command(warm);
        Ok(())
    }

    fn start(&self, cache: &Path) -> Result<Duration> {
        let mut serve = self.process("serve", cache);
        serve.args(["--repository", &self.repository("start")]);
        serve.args(["--build-id", FIRST]);
        start::to_first_page(&mut serve)
    }

    /// Publishes the site without measuring it.
    fn publish(&self, repository: &str) -> Result<()> {
        let cache = self.cache(repository)?;
        self.push(repository, FIRST, &cache, &mut self.command(""))
    }

    fn push(&self, repository: &str, tag: &str, cache: &Path, command: &mut Command) -> Result<()> {
        let mut push = self.process("push", cache);
        push.args([
            &self.reference(repository, tag),
            "--json",
            "--quiet",
            "--site",
        ]);
        push.arg(&self.manifest);
        run_command(&mut push, "uploaded", command)
    }

    fn command(&self, what: &str) -> Command {
        Command {
            name: format!("{what}, {} pages", self.pages),
            times: Vec::new(),
            traffic: None,
        }
    }

    fn process(&self, command: &str, cache: &Path) -> Process {
        let mut process = Process::new(&self.bart);
        process.arg(command).arg("--cache-dir").arg(cache);
        process
    }

    /// An empty folder.
    fn cache(&self, name: &str) -> Result<PathBuf> {
        let folder = self.caches.join(name);
        sites::empty(&folder)?;
        Ok(folder)
    }

    fn repository(&self, name: &str) -> String {
        format!("{}/bench/{name}-{}", self.registry.host, self.pages)
    }

    fn reference(&self, repository: &str, tag: &str) -> String {
        format!("{}:{tag}", self.repository(repository))
    }
}

/// Runs a command that prints a JSON object, in which `field` says what was moved.
fn run_command(process: &mut Process, field: &str, command: &mut Command) -> Result<()> {
    let begin = Instant::now();
    let output = process.output().context("failed to start bart")?;
    command.times.push(begin.elapsed());
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let json: Value = serde_json::from_slice(&output.stdout).context("bart printed no JSON")?;
    let number = |name: &str| {
        let number = json[field][name].as_u64();
        number.with_context(|| format!("`{field}.{name}` is missing in {json}"))
    };
    command.traffic = Some(Traffic {
        blobs: number("blobs")?,
        bytes: number("bytes")?,
    });
    Ok(())
}
