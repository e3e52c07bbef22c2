//! `bart push`: a site and its components as one immutable artifact, in a registry or in a folder.

mod annotations;
mod arguments;
mod deliver;
mod draft;
pub(crate) mod git;
mod lock;
mod modules;
pub(crate) mod outgoing;
mod plan;
mod progress;
pub(crate) mod report;
mod wording;

use std::path::Path;
use std::time::Instant;

use anyhow::Context;
use artifact::layout::Layout;
use artifact::registry::Progress;
use artifact::{LockedApp, Reference, Release, Store};

pub use annotations::Annotation;
use arguments::Destination;
pub use arguments::Push;
pub(crate) use arguments::tag;
use outgoing::Outgoing;
use report::{Blobs, Outcome, Report};
use wording::Wording;

use crate::log::Format;
use crate::up::Site;
use crate::{Failure, log};

pub(crate) fn run(arguments: &Push) -> Result<(), Failure> {
    log::start(Format::Text, arguments.quiet);
    let started = Instant::now();
    let report = match arguments.destination()? {
        Destination::Layout { folder, name } => {
            write(&release(arguments)?, &folder, &name, started)?
        }
        Destination::Registry(reference) => {
            let outgoing = match &arguments.from {
                Some(folder) => outgoing::from_layout(folder, tag(&reference)?)?,
                None => Outgoing::from(release(arguments)?),
            };
            let runtime = runtime()?;
            if arguments.dry_run {
                return runtime.block_on(plan::show(&outgoing, &reference, arguments));
            }
            runtime.block_on(push(&outgoing, &reference, arguments, started))?
        }
    };
    log::print_result(&report, arguments.json)
}

/// The locked app of a site, without its content, as `bart push` writes it.
///
/// # Errors
///
/// When the manifest cannot be read, or has triggers that cannot be published.
pub fn locked_app(site: &Site) -> Result<LockedApp, Failure> {
    lock::lock(site.app(), &Wording::read(site.manifest())?)
}

/// The runtime of commands that speak to registries.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("failed to start the runtime")?;
    Ok(runtime)
}

fn release(arguments: &Push) -> Result<Release, Failure> {
    outgoing::release(&arguments.site, &arguments.annotations, arguments.strict)
}

async fn push(
    outgoing: &Outgoing,
    reference: &Reference,
    arguments: &Push,
    started: Instant,
) -> Result<Report, Failure> {
    let registry = arguments.registry.registry()?;
    let store = store(arguments);
    let (progress, bar) = match arguments.quiet {
        true => (Progress::silent(), indicatif::ProgressBar::hidden()),
        false => progress::show(outgoing),
    };
    let force = arguments.force_tag;
    let pushed = deliver::deliver(
        &registry,
        outgoing,
        reference,
        force,
        store.as_ref(),
        &progress,
    )
    .await;
    bar.finish_and_clear();
    Ok(Report::of(&pushed?, reference, started.elapsed()))
}

/// What remembers earlier pushes. Without it a push only takes longer.
fn store(arguments: &Push) -> Option<Store> {
    arguments
        .cache
        .store()
        .inspect_err(|error| tracing::debug!("earlier pushes are not known: {error}"))
        .ok()
}

fn write(
    release: &Release,
    folder: &Path,
    name: &str,
    started: Instant,
) -> Result<Report, Failure> {
    Layout::create(folder).and_then(|layout| layout.add(release, name))?;
    let sizes = release.blobs.iter().map(|blob| blob.descriptor.size);
    Ok(Report {
        result: Outcome::Written,
        reference: format!("{}:{name}", folder.display()),
        digest: release.digest,
        moved_from: None,
        uploaded: Blobs {
            blobs: release.blobs.len() as u64,
            bytes: sizes.sum(),
        },
        mounted: Blobs::default(),
        reused: Blobs::default(),
        seconds: started.elapsed().as_secs_f64(),
    })
}
