//! `bart pull`, and the way of a release from a registry into the store, which `bart serve` goes too.

mod assemble;
mod fetch;
mod progress;
mod unpack;

use std::time::{Duration, Instant};

use anyhow::anyhow;
use artifact::registry::Registry;
use artifact::store::{Lease, PlacedRelease, StoredRelease};
use artifact::unpack::Contents;
use artifact::{Digest, LockedApp, Manifest, Reference, Repository, Store, StoreError, Target};
use clap::Args;

use crate::Failure;
use crate::caches::CacheArguments;
use crate::log::{self, Format};
use crate::native::{NativeArguments, compile_lacking};
use crate::quantity::{Bytes, Elapsed};
use crate::registries::RegistryArguments;

pub use assemble::APPLICATION;
pub(crate) use assemble::module_name;
pub use fetch::{Downloads, Traffic};

/// How often the blobs of a release are fetched again that the store finds damaged while it links them.
const ATTEMPTS: usize = 3;

/// Bring a release from a registry into the cache.
#[derive(Clone, Debug, Args)]
pub struct Pull {
    /// The release: `HOST/NAME:TAG` or `HOST/NAME@DIGEST`.
    #[arg(value_name = "REF")]
    pub reference: Reference,
    /// Print nothing but errors.
    #[arg(long, short)]
    pub quiet: bool,
    /// Print the result as JSON.
    #[arg(long)]
    pub json: bool,
    /// The way to registries.
    #[command(flatten)]
    pub registry: RegistryArguments,
    /// Where the release is kept.
    #[command(flatten)]
    pub cache: CacheArguments,
    /// Native code that need not be made.
    #[command(flatten)]
    pub native: NativeArguments,
}

/// A release in the store, ready to be run.
pub struct Kept {
    /// The release, and what is still to be done for it.
    pub state: State,
    /// The promise that it stays. A store that cannot be written has none.
    pub lease: Option<Lease>,
    /// What came from the registry.
    pub downloads: Downloads,
}

/// How far a release is.
pub enum State {
    /// It survives a crash.
    Sealed(StoredRelease),
    /// It can be run, and is to be sealed when there is time.
    Placed(PlacedRelease),
}

/// From where to where releases are pulled.
#[derive(Clone)]
pub struct Puller {
    /// From where.
    pub registry: Registry,
    /// To where.
    pub store: Store,
}

pub(crate) fn run(arguments: &Pull) -> Result<(), Failure> {
    log::start(Format::Text, arguments.quiet);
    let start = Instant::now();
    let puller = Puller {
        registry: arguments.registry.registry()?,
        store: arguments.cache.store()?,
    };
    let runtime = tokio::runtime::Runtime::new().map_err(Failure::failed)?;
    let (digest, kept) = runtime.block_on(puller.pull(&arguments.reference))?;
    let traffic = kept.downloads.traffic;
    let release = kept.settle(&puller.store)?;
    let native = arguments.native.with(Some(puller.store.clone()));
    compile_lacking(&native, &release)?;
    report(arguments, digest, &release, traffic, start.elapsed())
}

impl Puller {
    /// Brings the release that a reference names into the store.
    ///
    /// # Errors
    ///
    /// When the registry does not have it, it is not what it should be, or the store cannot keep it.
    pub async fn pull(&self, reference: &Reference) -> Result<(Digest, Kept), Failure> {
        let digest = self.registry.resolve(reference).await?;
        let kept = self.obtain(&reference.repository, digest).await?;
        if let Target::Tag(tag) = &reference.target {
            // It is only missed when the registry is away.
            if let Err(error) = self.store.remember(&reference.repository, tag, &digest) {
                tracing::warn!("{error}");
            }
        }
        Ok((digest, kept))
    }

    /// Brings the release of this digest into the store, unless it is there.
    ///
    /// # Errors
    ///
    /// As for [`Puller::pull`].
    pub async fn obtain(&self, repository: &Repository, digest: Digest) -> Result<Kept, Failure> {
        let lease = match self.store.lease(&digest) {
            Ok(lease) => Some(lease),
            Err(
                StoreError::ReadOnly { .. }
                | StoreError::Permission { .. }
                | StoreError::Full { .. },
            ) => None,
            Err(error) => return Err(error.into()),
        };
        if let Some(release) = self.store.release(&digest) {
            return Ok(Kept {
                state: State::Sealed(release),
                lease,
                downloads: Downloads::default(),
            });
        }
        let mut downloads = Downloads::default();
        let placed = self.place(repository, digest, &mut downloads).await?;
        Ok(Kept {
            state: State::Placed(placed),
            lease,
            downloads,
        })
    }

    async fn place(
        &self,
        repository: &Repository,
        digest: Digest,
        downloads: &mut Downloads,
    ) -> Result<PlacedRelease, Failure> {
        let reference = repository.at(Target::Digest(digest));
        let (_, manifest_bytes) = self.registry.manifest(&reference).await?;
        let manifest = Manifest::parse(&manifest_bytes)?;
        let app_blob = manifest.locked_app()?.clone();
        self.fetch(repository, std::slice::from_ref(&app_blob), downloads)
            .await?;
        let app = self.store.read(&app_blob.digest)?.ok_or_else(|| {
            Failure::failed(anyhow!("the store lost `{}` at once", app_blob.digest))
        })?;
        let app = LockedApp::parse(&app)?;
        let contents = Contents::new(&manifest, &app)?;
        let plan = assemble::Plan::new(contents, app, app_blob.digest, manifest_bytes);
        let mut attempt = 1;
        loop {
            self.fetch_contents(repository, &plan, downloads).await?;
            let store = self.store.clone();
            let building = plan.clone();
            let placed = blocking(move || building.builder(&store, digest)?.place()).await?;
            match placed {
                Err(StoreError::Missing { digests }) if attempt < ATTEMPTS => {
                    tracing::warn!("fetching {} damaged blobs again", digests.len());
                    attempt += 1;
                }
                placed => return Ok(placed?),
            }
        }
    }
}

impl Kept {
    /// The release.
    #[must_use]
    pub fn release(&self) -> &StoredRelease {
        match &self.state {
            State::Sealed(release) => release,
            State::Placed(placed) => placed.release(),
        }
    }

    /// The release, once it survives a crash, and others can have what was downloaded for it.
    ///
    /// # Errors
    ///
    /// When the disk does not keep it.
    pub fn settle(self, store: &Store) -> Result<StoredRelease, Failure> {
        let release = match self.state {
            State::Sealed(release) => release,
            State::Placed(placed) => placed.seal()?,
        };
        share(store, &self.downloads.digests);
        Ok(release)
    }
}

/// Adds blobs to the shared level, if there is one that can be written.
pub(crate) fn share(store: &Store, digests: &[Digest]) {
    for digest in digests {
        if let Err(error) = store.share(digest) {
            tracing::warn!(
                "{}; the shared cache is left as it is",
                Failure::from(error)
            );
            return;
        }
    }
}

/// Runs what waits for the disk where it holds up nothing else.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(Failure::failed)
}

fn report(
    arguments: &Pull,
    digest: Digest,
    release: &StoredRelease,
    traffic: Traffic,
    elapsed: Duration,
) -> Result<(), Failure> {
    let name = arguments.reference.repository.at(Target::Digest(digest));
    let seconds = elapsed.as_secs_f64();
    let text = if arguments.json {
        serde_json::json!({
            "reference": arguments.reference.to_string(),
            "digest": digest.to_string(),
            "files": release.files(),
            "bytes": release.bytes(),
            "downloaded": { "blobs": traffic.blobs, "bytes": traffic.bytes },
            "seconds": seconds,
        })
        .to_string()
    } else if arguments.quiet {
        return Ok(());
    } else {
        format!(
            "pulled {name} ({} files, {}; {} blobs, {} downloaded) in {}",
            release.files(),
            Bytes(release.bytes()),
            traffic.blobs,
            Bytes(traffic.bytes),
            Elapsed(elapsed),
        )
    };
    log::print(&text)
}
