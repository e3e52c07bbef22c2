//! The arguments of `bart image`.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::anyhow;
use artifact::image::Platform;
use artifact::{Digest, Reference, Repository, Target};
use clap::{ArgGroup, Args};

use crate::Failure;
use crate::publish::tag;
use crate::registries::RegistryArguments;

/// Make the image of a release out of an image without one.
#[derive(Clone, Debug, Args)]
#[command(group = ArgGroup::new("destination").required(true))]
pub struct Image {
    /// The image to stamp: one in a registry, or in an OCI layout, there the one of this name or else the only one.
    #[arg(long, value_name = "REF|DIR[:NAME]")]
    pub base: Base,
    /// The release that the image is for: a tag of the repository, or a digest.
    #[arg(long, value_name = "TAG|DIGEST")]
    pub build_id: Target,
    /// The repository of the release. Without it, that which the base is for.
    #[arg(long, value_name = "HOST/NAME")]
    pub repository: Option<Repository>,
    /// The digest that the release must have. Without it, that which it has now.
    #[arg(long, value_name = "DIGEST")]
    pub digest: Option<Digest>,
    /// Only for these platforms of the base, such as `linux/amd64`.
    #[arg(long = "platform", value_name = "OS/ARCH", value_delimiter = ',')]
    pub platforms: Vec<Platform>,
    /// Where to: a repository of a registry and a tag.
    #[arg(long, value_name = "REF", group = "destination")]
    pub push: Option<Reference>,
    /// Write an OCI layout, in which the image is called as the release.
    #[arg(long, value_name = "DIR", group = "destination")]
    pub output: Option<PathBuf>,
    /// Move a tag that has another image. For tags that are meant to move, such as `latest`.
    #[arg(long, conflicts_with = "output")]
    pub force_tag: bool,
    /// Do not look whether the release exists. The image then carries no digest but that of `--digest`.
    #[arg(long)]
    pub allow_missing_content: bool,
    /// Print the result as one JSON object.
    #[arg(long)]
    pub json: bool,
    /// Print nothing but the result and errors.
    #[arg(long, short)]
    pub quiet: bool,
    /// The way to registries.
    #[command(flatten)]
    pub registry: RegistryArguments,
}

/// Where the base is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base {
    /// In a registry.
    Registry(Reference),
    /// In a layout.
    Layout {
        /// The layout.
        folder: PathBuf,
        /// Its name there.
        name: Option<String>,
    },
}

/// Where the image goes.
pub(super) enum Destination<'a> {
    /// To a registry.
    Registry(&'a Reference),
    /// To a layout, under a name.
    Layout {
        /// The layout.
        folder: &'a Path,
        /// The name.
        name: &'a str,
    },
}

impl Image {
    pub(super) fn destination(&self) -> Result<Destination<'_>, Failure> {
        if let Some(reference) = &self.push {
            tag(reference)?;
            return Ok(Destination::Registry(reference));
        }
        let folder = self.output.as_deref();
        let folder = folder.expect("clap wants one destination");
        match &self.build_id {
            Target::Tag(name) => Ok(Destination::Layout { folder, name }),
            Target::Digest(_) => Err(Failure::usage(anyhow!(
                "an image in a layout needs a name, and a digest is none"
            ))
            .hint("use the tag of the release as `--build-id`, and `--digest` beside it")),
        }
    }
}

impl FromStr for Base {
    type Err = anyhow::Error;

    /// Reads a folder, a folder and a name, or a reference. A folder that is there comes first.
    fn from_str(text: &str) -> Result<Base, anyhow::Error> {
        let layout = |folder: &str, name: Option<&str>| Base::Layout {
            folder: folder.into(),
            name: name.map(str::to_owned),
        };
        if Path::new(text).is_dir() {
            return Ok(layout(text, None));
        }
        match text.rsplit_once(':') {
            Some((folder, name)) if Path::new(folder).is_dir() => Ok(layout(folder, Some(name))),
            _ => text.parse().map(Base::Registry).map_err(|error| {
                anyhow!("it is neither the folder of a layout nor a reference: {error}")
            }),
        }
    }
}
