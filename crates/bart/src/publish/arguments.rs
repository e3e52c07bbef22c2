//! The arguments of `bart push`.

use std::path::PathBuf;

use anyhow::anyhow;
use artifact::{Reference, Target};
use clap::Args;

use super::annotations::Annotation;
use crate::Failure;
use crate::caches::CacheArguments;
use crate::registries::RegistryArguments;

/// Publish a site and its components as one immutable artifact.
#[derive(Clone, Debug, Args)]
pub struct Push {
    /// Where to: a repository of a registry and a tag, such as `ghcr.io/me/site:1.2.3`. A tag alone will do with `--output`.
    #[arg(value_name = "REF")]
    pub reference: String,
    /// The site: a folder with a `spin.toml`, or the manifest itself.
    #[arg(long, value_name = "DIR|spin.toml", default_value = ".")]
    pub site: PathBuf,
    /// Publish an artifact of an OCI layout: the one with the name of the tag, or else the only one.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["site", "output", "annotations", "strict"])]
    pub from: Option<PathBuf>,
    /// Write an OCI layout, in which the tag is the artifact's name, instead of asking a registry.
    #[arg(long, value_name = "DIR", conflicts_with = "force_tag")]
    pub output: Option<PathBuf>,
    /// Show what would be uploaded, file by file, and upload nothing.
    #[arg(long, conflicts_with = "output")]
    pub dry_run: bool,
    /// Move a tag that has other content. For tags that are meant to move, such as `latest`.
    #[arg(long)]
    pub force_tag: bool,
    /// Treat a component or trigger that bart cannot run as an error.
    #[arg(long)]
    pub strict: bool,
    /// Put a note on the manifest, in place of the one that bart would. An empty value leaves it out.
    #[arg(long = "annotation", value_name = "KEY=VALUE")]
    pub annotations: Vec<Annotation>,
    /// Print the result as one JSON object.
    #[arg(long)]
    pub json: bool,
    /// Print nothing but the result and errors.
    #[arg(long, short)]
    pub quiet: bool,
    /// The way to registries.
    #[command(flatten)]
    pub registry: RegistryArguments,
    /// Where bart remembers what it pushed.
    #[command(flatten)]
    pub cache: CacheArguments,
}

/// Where an artifact goes.
pub(super) enum Destination {
    /// To a registry.
    Registry(Reference),
    /// To a layout, under a name.
    Layout {
        /// The layout.
        folder: PathBuf,
        /// The name.
        name: String,
    },
}

impl Push {
    pub(super) fn destination(&self) -> Result<Destination, Failure> {
        let Some(folder) = &self.output else {
            let reference = self.reference.parse().map_err(Failure::usage)?;
            tag(&reference)?;
            return Ok(Destination::Registry(reference));
        };
        let name = match self.reference.contains('/') {
            true => tag(&self.reference.parse().map_err(Failure::usage)?)?.to_owned(),
            false => match self.reference.parse().map_err(Failure::usage)? {
                Target::Tag(name) => name,
                Target::Digest(_) => return Err(not_a_tag()),
            },
        };
        let folder = folder.clone();
        Ok(Destination::Layout { folder, name })
    }
}

/// The tag of a reference.
pub(crate) fn tag(reference: &Reference) -> Result<&str, Failure> {
    match &reference.target {
        Target::Tag(tag) => Ok(tag),
        Target::Digest(_) => Err(not_a_tag()),
    }
}

fn not_a_tag() -> Failure {
    Failure::usage(anyhow!("a digest is no place to push to"))
        .hint("name a tag: the digest of what is pushed is printed")
}
