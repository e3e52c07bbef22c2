//! What the `bart` command is made of. A library so that tests can run sites in their own process.

mod bundled;
mod cache;
pub mod caches;
pub mod check;
mod cli;
mod clock;
pub mod failure;
mod faults;
pub mod image;
pub mod inspect;
mod listening;
mod log;
mod modules;
pub mod native;
pub mod publish;
pub mod pull;
pub mod quantity;
pub mod registries;
pub mod release;
mod runtime;
pub mod serve;
pub mod settings;
mod signals;
mod table;
pub mod up;
mod uses;

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;

use cli::{Cli, Command};
pub use failure::Failure;

/// Runs `bart` with these arguments, the program's name first.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let start = Instant::now();
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers, not errors; there is nothing to do where even they cannot be printed.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let result = match cli.command {
        Command::Up(arguments) => up::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Release(arguments) => release::run(&arguments),
        Command::Cache(arguments) => cache::run(&arguments),
        Command::Pull(arguments) => pull::run(&arguments),
        Command::Serve(arguments) => serve::run(&arguments, start),
        Command::Push(arguments) => publish::run(&arguments),
        Command::Image(arguments) => image::run(&arguments),
        Command::Inspect(arguments) => inspect::run(&arguments),
        Command::Native(arguments) => native::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
