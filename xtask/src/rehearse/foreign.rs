//! Binaries of other architectures, under an emulator: they serve a page, with the native code that was compiled for them here.

use std::fs;
use std::path::Path;

use anyhow::{Result, bail};
use tempfile::TempDir;

use super::visit;
use crate::image::Architecture;
use crate::server::Server;
use crate::tool;

/// Tries those that have been `built`. What cannot be tried is said; tells how many that are.
pub(super) fn try_all(context: &Path, built: &[Architecture]) -> Result<u64> {
    let native = Architecture::native()?;
    let mut skipped = 0;
    for architecture in Architecture::ALL.into_iter().filter(|it| *it != native) {
        let (name, emulator) = (architecture.platform(), architecture.emulator());
        let root = context.join(&name);
        // What an earlier run has left there is of other sources.
        if !built.contains(&architecture) {
            skipped += 1;
            let advice = "it is not built; `cargo xtask rehearse --all` does";
            tool::say(&format!("skipped: {name} under {emulator}: {advice}"));
        } else if !tool::is_present(emulator) {
            skipped += 1;
            tool::say(&format!("skipped: {name} under {emulator}: no {emulator}"));
        } else {
            serve(&root, emulator)?;
            tool::say(&format!("{name}: serves a page under {emulator}"));
        }
    }
    Ok(skipped)
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
