//! Developer tasks: `cargo xtask up`, `components`, `test`, `browser`, `lints`, `chart`, `image`, `rehearse`, `instructions`, `http-cache`, `bench`, `sbom`, `tree`.

mod bench;
mod browser;
mod chart;
mod commonmark;
mod components;
mod grid;
mod http_cache;
mod image;
mod instructions;
mod lints;
mod metadata;
mod node;
mod policy;
mod process;
mod python;
mod rehearse;
mod sbom;
mod server;
mod step;
mod test;
mod tool;
mod up;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Developer tasks of bart.
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build everything and serve the site of this repository on http://127.0.0.1:3000.
    Up {
        /// Arguments for `bart up`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Build the components as files for Spin, with the bytes that bart carries.
    Components,
    /// Run everything that CI runs.
    Test,
    /// Walk the site of this repository in headless Chromium; also the last step of `test`.
    Browser(browser::Options),
    /// Check workflows, scripts and the Dockerfile; also a step of `test`.
    Lints,
    /// Check, document, pack and push the Helm chart.
    Chart(chart::Options),
    /// Build the shim image as an OCI layout, without Docker.
    Image(image::Options),
    /// Go the whole way of a release on this machine.
    Rehearse(rehearse::Options),
    /// Count the instructions of what requests go through most; also a step of `test`.
    Instructions,
    /// Run the public tests of HTTP caches against the response cache; also a step of `test`.
    HttpCache,
    /// Measure, and print a table.
    Bench(bench::Options),
    /// Write what is compiled into bart as an SPDX document.
    Sbom {
        /// The file.
        file: PathBuf,
    },
    /// Write `tree.txt`, the map of the repository.
    Tree,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tool::say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    match Cli::parse().task {
        Task::Up { arguments } => up::run(&arguments),
        Task::Components => components::build(),
        Task::Test => test::run(),
        Task::Browser(options) => browser::run(&options),
        Task::Lints => lints::run(),
        Task::Chart(options) => chart::run(&options),
        Task::Sbom { file } => sbom::write(&file),
        Task::Image(options) => image::run(&options),
        Task::Rehearse(options) => rehearse::run(&options),
        Task::Instructions => instructions::run(),
        Task::HttpCache => http_cache::run(),
        Task::Bench(options) => bench::run(&options),
        Task::Tree => xtask::tree::write(&tool::root()),
    }
}
