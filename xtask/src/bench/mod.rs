//! `cargo xtask bench`: requests per second and CPU per request of what bart serves, and how long publishing, pulling and starting take.

mod load;
mod registry;
mod releases;
mod sites;
mod start;
mod table;

use std::fs;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};

use crate::server::Server;
use crate::tool;
use load::Load;
use table::{Row, Table};

/// What to measure, and how long.
#[derive(Args)]
pub(crate) struct Options {
    /// Seconds of each run.
    #[arg(long, default_value_t = 3)]
    seconds: u32,
    /// Runs of each measurement; the median counts.
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// Connections that ask at once.
    #[arg(long, default_value_t = 16)]
    connections: u32,
    /// Measure only this; can be given several times.
    #[arg(long, value_enum)]
    only: Vec<Part>,
}

/// What is measured together.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Each kind of answer.
    Pages,
    /// A page of sites of several sizes.
    Sizes,
    /// Pages that list many others.
    Listings,
    /// Publishing, pulling and starting releases, with a registry.
    Releases,
}

/// Sites over which the cost of a page must not grow (design.md section 8: at most 1.2 times).
const SITE_SIZES: [usize; 4] = [10, 100, 1_000, 10_000];

/// Pages of the site whose listing is measured.
const LISTED: usize = 100;

/// Pages of the site whose listings have a budget (design.md section 8).
const MANY_LISTED: usize = 5_000;

pub(crate) fn run(options: &Options) -> Result<()> {
    if !tool::is_present("wrk")
        && tool::run(tool::program("apt-get").args(["install", "--yes", "wrk"])).is_err()
    {
        bail!("`wrk` is missing: install it, on Debian with `apt-get install wrk`");
    }
    tool::ensure_wasm_target()?;
    tool::run(tool::cargo().args(["build", "--release", "--package", "bart"]))?;
    let folder = tool::target_dir()?.join("bench");
    let mut table = Table::new();
    if options.includes(Part::Pages) {
        pages(&folder, options, &mut table)?;
    }
    if options.includes(Part::Sizes) {
        sizes(&folder, options, &mut table)?;
    }
    if options.includes(Part::Listings) {
        listings(&folder, options, &mut table)?;
    }
    if options.includes(Part::Releases) {
        releases::measure(&folder.join("releases"), options.runs.max(1), &mut table)?;
    }
    let text = table.markdown()?;
    fs::create_dir_all(&folder).context("failed to make the folder for results")?;
    let path = folder.join("table.md");
    #[expect(
        clippy::disallowed_methods,
        reason = "a result that a further run makes again"
    )]
    fs::write(&path, &text).context("failed to write the table")?;
    tool::say(&format!("\n{text}\nwritten to {}", path.display()));
    Ok(())
}

impl Options {
    fn includes(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }
}

fn pages(folder: &std::path::Path, options: &Options, table: &mut Table) -> Result<()> {
    let site = sites::generate(&folder.join("site"), LISTED)?;
    let server = Server::start(&tool::bart("release")?, &site)?;
    let rows = [
        ("rendered page", "/page-1"),
        ("listing of 100 pages, with a script", "/list"),
        ("file of 1 KB", "/static/1k.txt"),
        ("file of 100 KB", "/static/100k.bin"),
        ("redirect", "/old"),
    ];
    for (name, path) in rows {
        let load = measure(&server, path, options)?;
        table.add(Row::new(name, load));
    }
    Ok(())
}

fn sizes(folder: &std::path::Path, options: &Options, table: &mut Table) -> Result<()> {
    let mut smallest = None;
    for size in SITE_SIZES {
        let site = sites::generate(&folder.join(format!("site-{size}")), size)?;
        let server = Server::start(&tool::bart("release")?, &site)?;
        let load = measure(&server, "/page-1", options)?;
        let base = *smallest.get_or_insert(load.cpu_micros);
        let row = Row::new(&format!("page of a site of {size}"), load);
        table.add(row.compared(load.cpu_micros / base));
    }
    Ok(())
}

/// One connection: with more of them, the latency would be that of a queue.
fn listings(folder: &std::path::Path, options: &Options, table: &mut Table) -> Result<()> {
    let site = sites::generate(&folder.join(format!("site-{MANY_LISTED}")), MANY_LISTED)?;
    let server = Server::start(&tool::bart("release")?, &site)?;
    let alone = Options {
        connections: 1,
        only: Vec::new(),
        ..*options
    };
    let rows = [
        ("without a script", "/plain-list"),
        ("with a sorting script", "/list"),
    ];
    for (how, path) in rows {
        let load = measure(&server, path, &alone)?;
        let name = format!("listing of {MANY_LISTED} pages, {how}, 1 connection");
        table.add(Row::new(&name, load));
    }
    Ok(())
}

/// The median of several runs, after one to warm up.
fn measure(server: &Server, path: &str, options: &Options) -> Result<Load> {
    tool::say(&format!("measuring {path}"));
    load::run(server, path, options.connections, 1)?;
    let mut loads = Vec::new();
    for _ in 0..options.runs.max(1) {
        loads.push(load::run(
            server,
            path,
            options.connections,
            options.seconds,
        )?);
    }
    loads.sort_by(|a, b| a.requests_per_second.total_cmp(&b.requests_per_second));
    Ok(loads[loads.len() / 2])
}
