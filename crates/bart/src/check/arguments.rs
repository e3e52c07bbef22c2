//! The arguments of `bart check`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::finding::Code;
use crate::settings::Configuration;

/// Check that all of a site can be shown and that its links lead somewhere.
#[derive(Clone, Debug, Args)]
pub struct Check {
    /// The site: a folder with a `spin.toml`, or the manifest itself.
    #[arg(value_name = "DIR|spin.toml", default_value = ".")]
    pub site: PathBuf,
    /// Fail on warnings too.
    #[arg(long, value_enum, value_name = "WHAT")]
    pub deny: Option<Deny>,
    /// Say nothing of findings with this code. May be repeated.
    #[arg(long, value_enum, value_name = "CODE", hide_possible_values = true)]
    pub allow: Vec<Code>,
    /// Print the findings to stdout as one JSON object.
    #[arg(long)]
    pub json: bool,
    /// Environment variables of the components.
    #[command(flatten)]
    pub configuration: Configuration,
}

/// What is treated as an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Deny {
    /// All warnings.
    Warnings,
}
