//! The native code of bart's own components in the image, so that no start compiles them.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::Architecture;
use crate::tool;

/// Where `bart serve` looks for it, below the root of the image.
const FOLDER: &str = "native";

/// Compiles the components for the machine that `binary` is for.
pub(super) fn add(architecture: Architecture, binary: &Path, root: &Path) -> Result<()> {
    let compiler = if architecture == Architecture::native()? {
        binary.to_path_buf()
    } else {
        cross_compiler()?
    };
    let mut compile = tool::program(&compiler.to_string_lossy());
    compile
        .args(["native", "--target", architecture.target(), "--output"])
        .arg(root.join(FOLDER));
    tool::output(&mut compile).map(drop)
}

/// A `bart` of this machine that compiles for others too.
fn cross_compiler() -> Result<PathBuf> {
    tool::run(tool::cargo().args(["build", "--locked", "--features", "bart/foreign"]))?;
    tool::bart("debug")
}
