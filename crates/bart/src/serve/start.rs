//! How a release comes to answer: chosen, pulled, made ready as far as its first page needs it.

use std::net::SocketAddr;
use std::sync::Arc;

use artifact::registry::Registry;
use artifact::{Digest, Target};
use engine::{Current, Release};

use super::activate::Activation;
use super::after::Started;
use super::choose::{Backoff, Choice, Reason, choose};
use super::metrics::Metrics;
use super::store::Place;
use super::{Identity, Serve};
use crate::Failure;
use crate::pull::{Kept, Puller, State, blocking};

/// A release being brought up.
pub(super) struct Start {
    pub(super) identity: Identity,
    pub(super) arguments: Serve,
    pub(super) registry: Registry,
    pub(super) place: Place,
    pub(super) current: Arc<Current>,
    pub(super) metrics: Metrics,
}

impl Start {
    /// Chooses the release, brings it into the store and lets it answer, with what has been prepared meanwhile.
    pub(super) async fn run(
        self,
        address: SocketAddr,
        activation: Activation,
    ) -> Result<Started, Failure> {
        let choice = self.choose().await?;
        let digest = choice.digest;
        let (mut kept, mut place) = self.obtain(&choice).await?;
        let release = match self.activate(&kept, &activation) {
            Err(failure) if self.is_damaged(&place, &kept).await? => {
                tracing::warn!("{failure}; fetching the release again");
                (kept, place) = self.obtain(&choice).await?;
                self.activate(&kept, &activation)?
            }
            release => release?,
        };
        let codes = release.codes().cloned().collect();
        let ready_path = self.arguments.ready_path.split('?').next();
        let code = release.code_for(ready_path.unwrap_or_default()).cloned();
        // Requests wait for the code themselves, with everything else ready.
        self.current.replace(release);
        activation.warm_up().await;
        if let Some(code) = code {
            // What cannot run answers 501.
            let _ = code.get().await;
        }
        let elapsed = self.metrics.reached("serving");
        self.metrics.serves(&self.identity, &digest.to_string());
        tracing::info!(
            repository = %self.identity.repository,
            build_id = %self.identity.build_id,
            %digest,
            "serving on http://{address} after {:.2} s",
            elapsed.as_secs_f64(),
        );
        Ok(Started {
            identity: self.identity,
            registry: self.registry,
            metrics: self.metrics,
            choice,
            kept,
            place,
            codes,
        })
    }

    fn puller(&self) -> Puller {
        Puller {
            registry: self.registry.clone(),
            store: self.place.store.clone(),
        }
    }

    async fn choose(&self) -> Result<Choice, Failure> {
        let choice = choose(&self.puller(), &self.identity).await?;
        self.metrics.reached("resolved");
        self.tell(&choice);
        Ok(choice)
    }

    /// Makes the release ready, here and now: there is nobody yet to be held up.
    fn activate(&self, kept: &Kept, activation: &Activation) -> Result<Release, Failure> {
        let release = activation.release(kept.release(), Box::new(()));
        self.metrics.reached("prepared");
        release
    }

    /// Whether a release in the store is not what it was; then it is not trusted any more.
    async fn is_damaged(&self, place: &Place, kept: &Kept) -> Result<bool, Failure> {
        let store = place.store.clone();
        let stored = kept.release().clone();
        let is_whole = blocking(move || store.verify_release(&stored)).await??;
        Ok(!is_whole)
    }

    /// The release in the store. While the registry is away and the release is not there, it is tried again and again.
    async fn obtain(&self, choice: &Choice) -> Result<(Kept, Place), Failure> {
        let mut puller = self.puller();
        let mut place = self.place.clone();
        let mut backoff = Backoff::new();
        loop {
            let failure = match puller
                .obtain(&self.identity.repository, choice.digest)
                .await
            {
                Ok(kept) => {
                    remember(&puller, &self.identity, choice);
                    self.metrics.reached("pulled");
                    let was_there = matches!(kept.state, State::Sealed(_));
                    self.metrics.pulled(kept.downloads.traffic, was_there);
                    return Ok((kept, place));
                }
                Err(failure) => failure,
            };
            if failure.is_of_the_disk() && !place.is_in_memory() {
                tracing::warn!("{failure}; the release is kept in memory");
                place = Place::in_memory(Some(self.place.store.blobs()))?;
                puller.store = place.store.clone();
                continue;
            }
            if !failure.may_pass() {
                return Err(failure);
            }
            backoff.wait(&failure).await;
        }
    }

    fn tell(&self, choice: &Choice) {
        let repository = &self.identity.repository;
        let build_id = &self.identity.build_id;
        let digest = choice.digest;
        tracing::info!(%repository, %build_id, %digest, "resolved");
    }
}

/// For the day on which the registry is away.
fn remember(puller: &Puller, identity: &Identity, choice: &Choice) {
    let (Target::Tag(tag), Reason::Resolved) = (&identity.build_id, choice.reason) else {
        return;
    };
    let digest: &Digest = &choice.digest;
    if let Err(error) = puller.store.remember(&identity.repository, tag, digest) {
        tracing::warn!("{error}");
    }
}
