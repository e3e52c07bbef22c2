//! Binaries of other architectures, under an emulator: they serve a page, with the native code that was compiled for them here.

use std::fs;
use std::path::Path;

use anyhow::{Result, bail};
use tempfile::TempDir;

use super::visit;
use crate::image::Architecture;
use crate::server::Server;
use crate::tool;

/// Tries those that have been built. What cannot be tried is said.
pub(super) fn try_all(context: &Path) -> Result<()> {
    let native = Architecture::native()?;
    for architecture in Architecture::ALL.into_iter().filter(|it| *it != native) {
        let (name, emulator) = (architecture.platform(), architecture.emulator());
        let root = context.join(&name);
        if !root.join("bart").exists() {
            tool::say(&format!(
                "skipped: {name} under {emulator}: it was not built; `cargo xtask image` does"
            ));
        } else if !tool::is_present(emulator) {
            tool::say(&format!("skipped: {name} under {emulator}: no {emulator}"));
        } else {
            serve(&root, emulator)?;
            tool::say(&format!("{name}: serves a page under {emulator}"));
        }
    }
    Ok(())
}

/// Serves this site with what is in the image for a platform.
fn serve(root: &Path, emulator: &str) -> Result<()> {
    let cache = TempDir::new()?;
    let mut bart = tool::program(emulator);
    bart.arg(root.join("bart"))
        .env("BART_NATIVE_DIR", root.join("native"))
        .env("XDG_CACHE_HOME", cache.path());
    let server = Server::start_with(bart, &tool::root())?;
    visit::expect(server.address, "/", "<title>")?;
    drop(server);
    // Where it had to compile, it has kept what it compiled.
    let compiled = fs::read_dir(cache.path().join("bart/native"));
    if compiled.is_ok_and(|mut folders| folders.next().is_some()) {
        bail!("the native code in `{}` is not used", root.display());
    }
    Ok(())
}
