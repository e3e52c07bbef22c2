//! `bart cache`: what is in the store of releases, whether it is right, and how it gets smaller.

mod gc;
mod ls;
mod prewarm;
mod rm;
mod selector;
mod verify;

use std::time::SystemTime;

use artifact::Digest;
use clap::{Args, Subcommand};
use serde_json::Value;

use crate::caches::CacheArguments;
use crate::log::Format;
use crate::{Failure, log};

/// How much of a digest is shown, in hexadecimal digits.
const SHORT_DIGEST: usize = 12;

/// Look into the cache of releases, check it, and clean it up.
#[derive(Debug, Args)]
pub(crate) struct Cache {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the releases, with their sizes and who uses them.
    Ls(Place),
    /// Read everything again, and set aside what is damaged. The exit code is 20 if anything was.
    Verify(Place),
    /// Remove releases that are too many or too old, and whatever no release needs. Without a limit only the latter. What is in use
    /// stays, and so does what was used in the last hour.
    Gc(gc::Gc),
    /// Bring releases from a registry into the cache, so that they start without it.
    Prewarm(prewarm::Prewarm),
    /// Remove a release, unless it is in use.
    Rm(rm::Rm),
}

/// Which cache, and how to answer.
#[derive(Debug, Args)]
struct Place {
    #[command(flatten)]
    cache: CacheArguments,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Cache) -> Result<(), Failure> {
    log::start(Format::Text, false);
    let now = SystemTime::now();
    match &arguments.command {
        Command::Ls(place) => ls::run(place, now),
        Command::Verify(place) => verify::run(place),
        Command::Gc(arguments) => gc::run(arguments, now),
        Command::Prewarm(arguments) => prewarm::run(arguments),
        Command::Rm(arguments) => rm::run(arguments, now),
    }
}

impl Place {
    /// Prints the answer in the form that was asked for.
    fn answer(&self, json: &Value, text: &str) -> Result<(), Failure> {
        if self.json {
            log::print_json(json)
        } else {
            log::print(text)
        }
    }
}

/// The beginning of a digest, enough to tell releases apart.
fn short(digest: &Digest) -> String {
    let mut hex = digest.hex();
    hex.truncate(SHORT_DIGEST);
    hex
}

/// A number of things, such as `1 blob` or `2 blobs`.
fn count(number: usize, one: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        _ => format!("{number} {one}s"),
    }
}
