//! What `cargo metadata` says of the packages of this repository and of all that they depend on.

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::tool;

/// The part of it that is asked for here.
#[derive(Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
    pub(crate) resolve: Resolve,
}

#[derive(Deserialize)]
pub(crate) struct Package {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) license: Option<String>,
    /// Where it comes from; `None` is this repository.
    pub(crate) source: Option<String>,
}

/// What each package depends on.
#[derive(Deserialize)]
pub(crate) struct Resolve {
    pub(crate) nodes: Vec<Node>,
}

#[derive(Deserialize)]
pub(crate) struct Node {
    pub(crate) id: String,
    pub(crate) deps: Vec<Dependency>,
}

#[derive(Deserialize)]
pub(crate) struct Dependency {
    /// The identifier of the package.
    #[serde(rename = "pkg")]
    pub(crate) package: String,
    #[serde(rename = "dep_kinds")]
    pub(crate) kinds: Vec<Kind>,
}

/// What a dependency is for; `None` is the program itself.
#[derive(Deserialize)]
pub(crate) struct Kind {
    pub(crate) kind: Option<String>,
}

impl Metadata {
    /// Asks cargo.
    ///
    /// # Errors
    ///
    /// When it fails, as it does where the lock file is not up to date.
    pub(crate) fn read() -> Result<Metadata> {
        let arguments = ["metadata", "--locked", "--format-version", "1"];
        let text = tool::output(tool::cargo().args(arguments))?;
        serde_json::from_str(&text).context("failed to read `cargo metadata`")
    }
}
