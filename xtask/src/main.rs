//! Developer tasks: `cargo xtask up`, `components`, `test`, `browser`, `bench`, `tree`.

mod bench;
mod browser;
mod commonmark;
mod components;
mod policy;
mod server;
mod test;
mod tool;
mod up;

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
    /// Measure, and print a table.
    Bench(bench::Options),
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
        Task::Bench(options) => bench::run(&options),
        Task::Tree => xtask::tree::write(&tool::root()),
    }
}
