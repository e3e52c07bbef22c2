//! `bart up`: the site of a folder, served on this machine.

mod banner;
mod digests;
mod follow;
mod indexes;
pub(crate) mod modules;
mod pages;
pub(crate) mod prepare;
mod spin;
pub(crate) mod trees;

use std::env;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use anyhow::Context;
use engine::{Current, Drained, Wasm};
use tokio::task::spawn_blocking;

use crate::caches::CacheArguments;
pub use crate::cli::{Engine, Limits, Up};
use crate::native::NativeCode;
use crate::{Failure, listening, log, runtime, signals};
use follow::Follower;
pub use indexes::Indexes;
pub use modules::Modules;
pub use prepare::{Prepared, Site, Stamp, Warning};

/// The manifest's name in a site's folder.
const MANIFEST: &str = "spin.toml";

pub(crate) fn run(arguments: &Up) -> Result<(), Failure> {
    log::start(arguments.log, arguments.quiet);
    let manifest = manifest(&arguments.site)?;
    if arguments.engine == Engine::Spin || arguments.original {
        return Err(spin::hand_over(&manifest, arguments));
    }
    runtime::start()?.block_on(serve(&manifest, arguments))
}

async fn serve(manifest: &Path, arguments: &Up) -> Result<(), Failure> {
    let site = Site::read(manifest)?;
    // Before the components are compiled, so that a taken port is told at once.
    let server = listening::bind(arguments.listen)
        .await?
        .bounded_by(arguments.limits.connections());
    let limits = arguments.limits.engine(arguments.response_cache);
    let wasm = Wasm::new(limits).map_err(Failure::failed)?;
    let mut modules = Modules::new(Arc::new(wasm)).with_native(native(arguments));
    // Before the files are mounted, so that no edit is missed meanwhile.
    let configuration = arguments.configuration.clone();
    let stamp = site.stamp(&configuration.inputs()).ok();
    let settings = configuration.read(site.app(), env::vars_os())?;
    let mut indexes = Indexes::default();
    let prepared = site.prepare(&mut modules, &mut indexes, &settings)?;
    report(&prepared, arguments.strict)?;
    let address = server
        .address()
        .context("failed to read the bound address")?;
    // Who reads that it serves may end it.
    let shutdown = signals::shutdown().context("failed to handle signals")?;
    if !arguments.quiet {
        banner::print(site.app(), address)?;
    }
    let current = Arc::new(Current::new(prepared.release));
    let follower = Follower {
        site,
        modules,
        indexes,
        configuration,
        stamp,
    };
    let (stop, stopped) = mpsc::channel();
    let followed = Arc::clone(&current);
    let following = spawn_blocking(move || follower.run(&followed, &stopped));
    let drain = Duration::from_secs(arguments.limits.drain_timeout);
    let drained = server.run(current, shutdown, drain).await;
    // It may be about to replace the release, and the files of neither may stay.
    drop(stop);
    following.await.context("failed to follow edits")?;
    match drained {
        Drained::All => Ok(()),
        Drained::DeadlinePassed => {
            tracing::warn!(
                "stopped with requests unanswered after {} s",
                drain.as_secs()
            );
            Ok(())
        }
    }
}

/// Where native code is found and kept: a cache that cannot be had only costs time.
fn native(arguments: &Up) -> NativeCode {
    let cache = CacheArguments {
        cache_dir: arguments.cache_dir.clone(),
        shared_cache_dir: None,
    };
    let store = cache.store().inspect_err(|error| {
        tracing::debug!("native code is not kept: {error}");
    });
    arguments.native.with(store.ok())
}

/// The manifest that the argument names: the file itself, or the one in the folder.
pub(crate) fn manifest(site: &Path) -> Result<PathBuf, Failure> {
    let manifest = if site.is_dir() {
        site.join(MANIFEST)
    } else {
        site.to_path_buf()
    };
    if manifest.is_file() {
        return Ok(manifest);
    }
    Err(
        Failure::usage(anyhow::anyhow!("there is no `{}`", manifest.display()))
            .hint("name the folder of a site, which has a `spin.toml`, or the manifest itself"),
    )
}

/// Tells what runs in place of what the manifest names, and what cannot run.
fn report(prepared: &Prepared, strict: bool) -> Result<(), Failure> {
    for notice in &prepared.notices {
        tracing::info!("{notice}");
    }
    let mut unsupported = Vec::new();
    for warning in &prepared.warnings {
        match warning {
            Warning::Remark(remark) => tracing::info!("{remark}"),
            Warning::Unsupported(what) => unsupported.push(what.as_str()),
        }
    }
    if strict && !unsupported.is_empty() {
        return Err(
            Failure::usage(anyhow::anyhow!("{}", unsupported.join("; ")))
                .hint("leave out `--strict` to serve the rest, or use `--engine spin`"),
        );
    }
    for what in unsupported {
        tracing::warn!("{what}; `--engine spin` runs it");
    }
    Ok(())
}
