//! The arguments of `bart release`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::version::Version;

/// Make a release: new versions, a commit and a tag.
#[derive(Clone, Debug, Args)]
pub struct Release {
    /// What is released.
    #[command(subcommand)]
    pub what: What,
}

/// What is released.
#[derive(Clone, Debug, Subcommand)]
pub enum What {
    /// Release the site: its version in `spin.toml`, in the chart and in the changelog, and a tag such as `1.2.3`.
    Site(Cut),
    /// Release the chart: its version in `charts/bart/Chart.yaml`, and a tag such as `chart-1.2.3`.
    Chart(Cut),
}

/// How a release is made.
#[derive(Clone, Debug, Args)]
pub struct Cut {
    /// The version: three numbers, greater than the one before.
    // clap itself has an argument of the field's name.
    #[arg(id = "new", value_name = "VERSION")]
    pub version: Version,
    /// The folder of the site, in a repository of git.
    #[arg(value_name = "DIR", default_value = ".")]
    pub folder: PathBuf,
    /// Show what would change, and change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Push the branch and the tag, both or none.
    #[arg(long, conflicts_with = "dry_run")]
    pub push: bool,
}
