//! `bart inspect`: what an artifact is made of, and what it shares with another one.

mod load;
mod picture;
mod tree;

use std::path::PathBuf;

use clap::Args;

use crate::Failure;
use crate::log::{self, Format};
use crate::publish::runtime;
use crate::registries::RegistryArguments;
use load::Place;
use picture::Picture;

/// Show what an artifact is made of.
#[derive(Clone, Debug, Args)]
pub struct Inspect {
    /// The artifact, such as `ghcr.io/me/site:1.2.3`. With `--layout` its name there, which an only artifact does not need.
    #[arg(value_name = "REF", required_unless_present = "layout")]
    pub reference: Option<String>,
    /// Look into an OCI layout instead of a registry.
    #[arg(long, value_name = "DIR")]
    pub layout: Option<PathBuf>,
    /// Mark what is new, changed or the same in comparison with another artifact, and say what a pull needs that has the other one.
    #[arg(long, value_name = "REF")]
    pub compare: Option<String>,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
    /// The way to registries.
    #[command(flatten)]
    pub registry: RegistryArguments,
}

pub(crate) fn run(arguments: &Inspect) -> Result<(), Failure> {
    log::start(Format::Text, false);
    let picture = runtime()?.block_on(picture(arguments))?;
    if arguments.json {
        log::print_json(&picture)
    } else {
        log::print(&tree::draw(&picture, log::colours_on_stdout()))
    }
}

async fn picture(arguments: &Inspect) -> Result<Picture, Failure> {
    let registry = arguments.registry.registry()?;
    let place =
        |text: Option<&String>| Place::parse(text.map(String::as_str), arguments.layout.as_deref());
    let shown = place(arguments.reference.as_ref())?;
    let other = match &arguments.compare {
        Some(text) => Some(place(Some(text))?),
        None => None,
    };
    let shown = load::load(&registry, shown).await?;
    let other = match other {
        Some(other) => Some(load::load(&registry, other).await?),
        None => None,
    };
    Ok(Picture::of(&shown, other.as_ref()))
}
