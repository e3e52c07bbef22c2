//! Which digest is served: what is pinned, what is known, or what the registry says.

use std::time::Duration;

use anyhow::anyhow;
use artifact::{Digest, Target};

use super::identity::Identity;
use crate::failure::{Failure, exit};
use crate::pull::Puller;

/// The first pause before the registry is asked again; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The digest to be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) digest: Digest,
    pub(super) reason: Reason,
}

/// Why it is this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// The registry says so.
    Resolved,
    /// The registry said so before. It is asked again once the release answers.
    Known,
    /// It was asked for by its digest.
    Pinned,
}

/// Pauses that grow.
pub(super) struct Backoff(Duration);

impl Backoff {
    pub(super) const fn new() -> Backoff {
        Backoff(FIRST_PAUSE)
    }

    /// Waits, after a line in the log.
    pub(super) async fn wait(&mut self, failure: &Failure) {
        let seconds = self.0.as_secs();
        tracing::warn!("not ready: {failure}; trying again in {seconds} s");
        tokio::time::sleep(self.0).await;
        self.0 = (self.0 * 2).min(LONGEST_PAUSE);
    }
}

/// Chooses. The registry is asked only where nothing is known that can be started; while it is away, again and again.
pub(super) async fn choose(puller: &Puller, identity: &Identity) -> Result<Choice, Failure> {
    let pinned = |digest| Choice {
        digest,
        reason: Reason::Pinned,
    };
    let tag = match (&identity.build_id, identity.pin) {
        (Target::Digest(digest), _) => return Ok(pinned(*digest)),
        (Target::Tag(_), Some(pin)) if puller.store.release(&pin).is_some() => {
            return Ok(pinned(pin));
        }
        (Target::Tag(tag), _) => tag,
    };
    if identity.pin.is_none()
        && let Some(digest) = startable(puller, identity, tag)
    {
        return Ok(Choice {
            digest,
            reason: Reason::Known,
        });
    }
    let mut backoff = Backoff::new();
    loop {
        let error = match puller.registry.resolve(&identity.reference()).await {
            Ok(digest) => return resolved(identity, digest),
            Err(error) => error,
        };
        let failure = Failure::from(error);
        if let Some(pin) = identity.pin.filter(|_| failure.may_pass()) {
            return Ok(pinned(pin));
        }
        if !failure.may_pass() {
            return Err(failure);
        }
        backoff.wait(&failure).await;
    }
}

/// What a tag resolved to before, if that can be started without the registry. The tag of a build is immutable: had it been moved, what it
/// was before would be served all the same.
fn startable(puller: &Puller, identity: &Identity, tag: &str) -> Option<Digest> {
    let known = puller.store.resolved(&identity.repository, tag);
    known.filter(|digest| puller.store.release(digest).is_some())
}

fn resolved(identity: &Identity, digest: Digest) -> Result<Choice, Failure> {
    if let Some(pin) = identity.pin.filter(|pin| *pin != digest) {
        let error = anyhow!("`{}` is `{digest}`, not `{pin}`", identity.reference());
        return Err(Failure::failed(error).code(exit::WRONG_BYTES).hint(
            "somebody moved the tag: pin the digest that is meant, or push under a new tag",
        ));
    }
    Ok(Choice {
        digest,
        reason: Reason::Resolved,
    })
}
