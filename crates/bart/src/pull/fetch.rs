//! Blobs from the shared level or the registry into the store, several at once.

use std::time::Duration;

use artifact::registry::Registry;
use artifact::unpack::Limits;
use artifact::{Descriptor, Digest, Repository, StoreError};
use futures::{StreamExt, TryStreamExt, stream};
use tokio::time::timeout;

use super::assemble::Plan;
use super::progress::Progress;
use super::unpack::StoreSink;
use super::{Puller, blocking};
use crate::failure::{Failure, exit};

/// The longest time that the shared level may take for a blob.
const SHARED_PATIENCE: Duration = Duration::from_secs(20);

/// What came from a registry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Blobs, without manifests.
    pub blobs: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// The blobs that came from a registry.
#[derive(Clone, Debug, Default)]
pub struct Downloads {
    /// How much it was.
    pub traffic: Traffic,
    /// Which they are, for those who share them.
    pub digests: Vec<Digest>,
}

impl Downloads {
    fn add(&mut self, blob: &Descriptor) {
        self.traffic.blobs += 1;
        self.traffic.bytes += blob.size;
        self.digests.push(blob.digest);
    }
}

impl Puller {
    /// Fetches what the store lacks of these.
    pub(super) async fn fetch(
        &self,
        repository: &Repository,
        blobs: &[Descriptor],
        downloads: &mut Downloads,
    ) -> Result<(), Failure> {
        let progress = Progress::of(blobs);
        let parallel = self.registry.parallelism().get();
        let mut fetched = stream::iter(blobs)
            .map(|blob| self.fetch_one(repository, blob, &progress))
            .buffer_unordered(parallel);
        while let Some(downloaded) = fetched.try_next().await? {
            if let Some(blob) = downloaded {
                downloads.add(blob);
            }
        }
        Ok(())
    }

    /// Fetches what the store lacks of a release's contents, and takes out of archives what is in these.
    pub(super) async fn fetch_contents(
        &self,
        repository: &Repository,
        plan: &Plan,
        downloads: &mut Downloads,
    ) -> Result<(), Failure> {
        let needed = plan.needed(&self.store);
        self.fetch(repository, &needed.blobs, downloads).await?;
        if needed.archived.is_empty() {
            return Ok(());
        }
        // The contents of an archive that was there before are, too, unless they were damaged since.
        let new: Vec<Descriptor> = needed
            .archives
            .iter()
            .filter(|archive| self.store.blob(&archive.digest).is_none())
            .cloned()
            .collect();
        self.fetch(repository, &needed.archives, downloads).await?;
        if !new.is_empty() && self.unpack(plan, Some(new)).await.is_ok() {
            return Ok(());
        }
        match self.unpack(plan, None).await {
            Err(failure) if self.set_damaged_aside(&needed.archives).await? => {
                tracing::warn!("{failure}; fetching what was damaged again");
                self.fetch(repository, &needed.archives, downloads).await?;
                self.unpack(plan, None).await
            }
            unpacked => unpacked,
        }
    }

    /// Rereads blobs, and sets aside those that are not what their names say. Tells whether there were any.
    async fn set_damaged_aside(&self, blobs: &[Descriptor]) -> Result<bool, Failure> {
        let store = self.store.clone();
        let digests: Vec<Digest> = blobs.iter().map(|blob| blob.digest).collect();
        let damaged = blocking(move || {
            let mut damaged = false;
            for digest in &digests {
                damaged |= store.read(digest)?.is_none();
            }
            Ok::<_, StoreError>(damaged)
        });
        Ok(damaged.await??)
    }

    /// Takes what is needed out of the given archives, or of all.
    async fn unpack(&self, plan: &Plan, archives: Option<Vec<Descriptor>>) -> Result<(), Failure> {
        let store = self.store.clone();
        let mut needed = plan.needed(&store);
        needed.inline.clear();
        needed.blobs.clear();
        if let Some(archives) = archives {
            needed.archives = archives;
        }
        blocking(move || {
            let mut sink = StoreSink::new(&store);
            needed.read(&Limits::default(), |blob| store.open_blob(blob), &mut sink)
        })
        .await??;
        Ok(())
    }

    /// The blob, if it had to be downloaded.
    async fn fetch_one<'b>(
        &self,
        repository: &Repository,
        blob: &'b Descriptor,
        progress: &Progress,
    ) -> Result<Option<&'b Descriptor>, Failure> {
        if self.is_at_hand(blob, progress).await? {
            progress.passed(blob.size);
            return Ok(None);
        }
        match self
            .download(&self.registry, repository, blob, progress)
            .await
        {
            Err(Spoiled::Bytes(error)) if self.registry.has_mirrors() => {
                tracing::warn!("{error}; asking the registry itself");
                let origin = self.registry.without_mirrors();
                self.download(&origin, repository, blob, progress).await?;
            }
            downloaded => downloaded?,
        }
        Ok(Some(blob))
    }

    /// Whether the store has a blob, or gets it from the shared level in time. One that is too slow once is not asked again.
    async fn is_at_hand(&self, blob: &Descriptor, progress: &Progress) -> Result<bool, Failure> {
        if let Some(known) = self.store.blob(&blob.digest) {
            return Ok(known.size == blob.size);
        }
        if progress.shared_level_is_slow() {
            return Ok(false);
        }
        let store = self.store.clone();
        let (digest, size) = (blob.digest, blob.size);
        let fetched = blocking(move || store.fetch(&digest, Some(size)));
        match timeout(SHARED_PATIENCE, fetched).await {
            Ok(fetched) => Ok(fetched??.is_some()),
            Err(_) => {
                if progress.note_slow_shared_level() {
                    tracing::warn!("the shared cache is too slow; asking the registry");
                }
                Ok(false)
            }
        }
    }

    async fn download(
        &self,
        registry: &Registry,
        repository: &Repository,
        descriptor: &Descriptor,
        progress: &Progress,
    ) -> Result<(), Spoiled> {
        let mut writer = self
            .store
            .writer(descriptor.digest, Some(descriptor.size))?;
        let mut blob = registry.blob(repository, descriptor)?;
        while let Some(chunk) = blob.chunk().await? {
            writer.append(&chunk)?;
            progress.passed(chunk.len() as u64);
        }
        writer.finish()?;
        Ok(())
    }
}

/// Why a download failed.
enum Spoiled {
    /// The bytes are others than those that were promised.
    Bytes(StoreError),
    /// Anything else.
    Else(Failure),
}

impl From<StoreError> for Spoiled {
    fn from(error: StoreError) -> Spoiled {
        match error {
            StoreError::WrongDigest { .. } | StoreError::WrongSize { .. } => Spoiled::Bytes(error),
            error => Spoiled::Else(error.into()),
        }
    }
}

impl From<artifact::registry::RegistryError> for Spoiled {
    fn from(error: artifact::registry::RegistryError) -> Spoiled {
        Spoiled::Else(error.into())
    }
}

impl From<Spoiled> for Failure {
    fn from(spoiled: Spoiled) -> Failure {
        match spoiled {
            Spoiled::Bytes(error) => Failure::failed(error).code(exit::WRONG_BYTES).hint(
                "the registry holds other bytes than the manifest promises: push the release again",
            ),
            Spoiled::Else(failure) => failure,
        }
    }
}
