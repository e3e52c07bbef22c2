//! Which digest is served: what the registry says, what is pinned, or, while the registry is away, what is known.

use std::time::Duration;

use anyhow::anyhow;
use artifact::registry::Fault;
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
    /// The registry said so before. It says something else now.
    Moved { now: Digest },
    /// It was asked for by its digest.
    Pinned,
    /// The registry is away, and said so before.
    Remembered,
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

/// Chooses. While the registry is away and nothing is known, it is asked again and again.
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
    let known = puller.store.resolved(&identity.repository, tag);
    let mut backoff = Backoff::new();
    loop {
        let error = match puller.registry.resolve(&identity.reference()).await {
            Ok(digest) => return resolved(identity, digest, startable(puller, known)),
            Err(error) => error,
        };
        let says_nothing = says_nothing_of_the_release(&error.fault);
        let failure = Failure::from(error);
        if let Some(pin) = identity.pin.filter(|_| failure.may_pass()) {
            return Ok(pinned(pin));
        }
        if let Some(digest) = startable(puller, known)
            && (failure.may_pass() || says_nothing)
        {
            tracing::warn!("{failure}; starting `{digest}` from the cache");
            return Ok(Choice {
                digest,
                reason: Reason::Remembered,
            });
        }
        if !failure.may_pass() {
            return Err(failure);
        }
        backoff.wait(&failure).await;
    }
}

/// Whether a fault that does not pass by itself is one of the way to the registry: a restart must not depend on it.
fn says_nothing_of_the_release(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::Tls { .. }
            | Fault::Unauthorized { .. }
            | Fault::Forbidden { .. }
            | Fault::NotARegistry { .. }
            | Fault::Malformed { .. }
            | Fault::Status { .. }
    )
}

/// A release that can be started without the registry.
fn startable(puller: &Puller, known: Option<Digest>) -> Option<Digest> {
    known.filter(|digest| puller.store.release(digest).is_some())
}

fn resolved(identity: &Identity, digest: Digest, known: Option<Digest>) -> Result<Choice, Failure> {
    if let Some(pin) = identity.pin.filter(|pin| *pin != digest) {
        let error = anyhow!("`{}` is `{digest}`, not `{pin}`", identity.reference());
        return Err(Failure::failed(error).code(exit::WRONG_BYTES).hint(
            "somebody moved the tag: pin the digest that is meant, or push under a new tag",
        ));
    }
    // A tag never swaps content: that of a build is immutable, so somebody made a mistake, or worse.
    Ok(match known {
        Some(before) if before != digest => Choice {
            digest: before,
            reason: Reason::Moved { now: digest },
        },
        _ => Choice {
            digest,
            reason: Reason::Resolved,
        },
    })
}
