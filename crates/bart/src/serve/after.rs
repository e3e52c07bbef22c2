//! What is left to do for a release once it answers: the rest of its code, its seal, its lease, and a look at its tag.

use std::time::Duration;

use artifact::Target;
use artifact::registry::Registry;
use artifact::store::Lease;
use engine::Code;
use tokio::time::timeout;

use super::Identity;
use super::choose::{Choice, Reason};
use super::metrics::Metrics;
use super::store::Place;
use crate::Failure;
use crate::pull::{Kept, State, blocking, share};

/// How often a lease is touched: several times in its life.
const TOUCH: Duration = Duration::from_secs(60);

/// How long everything else waits for the first answer: nobody may ask.
const FIRST_ANSWER: Duration = Duration::from_millis(100);

/// A release that answers, and what is left to do for it.
pub(super) struct Started {
    pub(super) identity: Identity,
    pub(super) registry: Registry,
    pub(super) metrics: Metrics,
    pub(super) choice: Choice,
    pub(super) kept: Kept,
    pub(super) place: Place,
    /// The code that no request has needed yet, or that is not yet what it stays.
    pub(super) codes: Vec<Code>,
}

impl Started {
    /// Holds the lease of the release and its store for as long as this runs, and meanwhile does what is left to do.
    pub(super) async fn look_after(self) {
        let _place = self.place.clone();
        let Kept {
            state,
            lease,
            downloads,
        } = self.kept;
        let store = self.place.store.clone();
        // What follows would take the processors from the first page.
        let _ = timeout(FIRST_ANSWER, self.metrics.answered()).await;
        let rest = async {
            seal(state).await;
            let is_tag = matches!(self.identity.build_id, Target::Tag(_));
            if is_tag && self.choice.reason != Reason::Resolved {
                check_tag(&self.registry, &self.identity, &self.choice, &self.metrics).await;
            }
            if let Err(failure) = blocking(move || share(&store, &downloads.digests)).await {
                tracing::warn!("{failure}");
            }
        };
        let load = async {
            load(self.codes).await;
            self.metrics.reached("loaded");
        };
        tokio::join!(load, rest, hold(lease));
    }
}

/// Loads code before a request has to wait for it.
async fn load(codes: Vec<Code>) {
    for code in &codes {
        // What cannot run was told, and its routes say so too.
        let _ = code.settle().await;
    }
}

/// Lets the release survive a crash.
async fn seal(state: State) {
    if let State::Placed(placed) = state {
        match blocking(move || placed.seal()).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::warn!("{}", Failure::from(error)),
            Err(failure) => tracing::warn!("{failure}"),
        }
    }
}

/// Touches a lease for ever.
async fn hold(lease: Option<Lease>) {
    let mut ticks = tokio::time::interval(TOUCH);
    loop {
        ticks.tick().await;
        if let Some(lease) = &lease
            && let Err(error) = lease.touch()
        {
            tracing::warn!("{}", Failure::from(error));
        }
    }
}

/// What runs is pinned, so a tag that moved changes nothing; but somebody should know.
async fn check_tag(registry: &Registry, identity: &Identity, choice: &Choice, metrics: &Metrics) {
    match registry.resolve(&identity.reference()).await {
        Ok(digest) if digest != choice.digest => {
            metrics.tag_moved();
            let advice = match choice.reason {
                Reason::Known => ". Pin a digest, or forget the old release with `bart cache rm`",
                Reason::Pinned | Reason::Resolved => "",
            };
            tracing::error!(
                "`{}` is `{digest}` now, and `{}` is served: somebody moved the tag{advice}",
                identity.reference(),
                choice.digest
            );
        }
        Ok(_) => {}
        Err(error) => tracing::warn!(
            "{}; `{}` is served from the cache",
            Failure::from(error),
            choice.digest
        ),
    }
}
