//! Who may run: bounded numbers of instances, calls to self and streamed responses.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::limits::Limits;

/// Counts running instances. Requests from outside and each depth of `http://self` have slots of their own: a call waits only for
/// deeper ones, and the deepest for none, so that a full pool cannot wait for itself.
pub(crate) struct Admission {
    /// One for requests from outside, then one for each depth.
    instances: Vec<Arc<Semaphore>>,
    /// Their number.
    most: usize,
    streams: Vec<Arc<Semaphore>>,
    queue_timeout: std::time::Duration,
}

/// A place among the running instances, given back when dropped.
#[derive(Debug)]
pub(crate) struct Slot(#[expect(dead_code, reason = "held for its `Drop`")] OwnedSemaphorePermit);

/// Why a request may not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// All slots stayed taken for the whole queue time.
    Busy,
    /// Calls to `http://self` are nested too deeply.
    TooDeep,
}

impl Admission {
    pub(crate) fn new(limits: &Limits) -> Admission {
        Admission {
            instances: by_depth(limits.concurrency, limits),
            most: limits.concurrency + limits.self_calls * limits.self_call_depth,
            streams: by_depth(limits.streams, limits),
            queue_timeout: limits.queue_timeout,
        }
    }

    /// How many instances run, those of calls to self included.
    pub(crate) fn running(&self) -> usize {
        let free: usize = self
            .instances
            .iter()
            .map(|slots| slots.available_permits())
            .sum();
        self.most.saturating_sub(free)
    }

    /// A slot for a request at `depth` calls to self below one from outside (0).
    pub(crate) async fn instance(&self, depth: usize) -> Result<Slot, Refused> {
        let slots = self.instances.get(depth).ok_or(Refused::TooDeep)?;
        self.wait_for(slots).await
    }

    /// A slot for a response, to a request at `depth`, that is too long to be buffered.
    pub(crate) async fn stream(&self, depth: usize) -> Result<Slot, Refused> {
        let slots = self.streams.get(depth).ok_or(Refused::TooDeep)?;
        self.wait_for(slots).await
    }

    async fn wait_for(&self, slots: &Arc<Semaphore>) -> Result<Slot, Refused> {
        if let Ok(permit) = Arc::clone(slots).try_acquire_owned() {
            return Ok(Slot(permit));
        }
        match timeout(self.queue_timeout, Arc::clone(slots).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(Slot(permit)),
            Ok(Err(_)) | Err(_) => Err(Refused::Busy),
        }
    }
}

/// Slots for requests from outside, and for each depth of calls to self.
fn by_depth(outside: usize, limits: &Limits) -> Vec<Arc<Semaphore>> {
    let nested = std::iter::repeat_n(limits.self_calls, limits.self_call_depth);
    std::iter::once(outside)
        .chain(nested)
        .map(|slots| Arc::new(Semaphore::new(slots)))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn admission(concurrency: usize) -> Admission {
        Admission::new(&Limits {
            concurrency,
            self_call_depth: 1,
            self_calls: 1,
            queue_timeout: Duration::ZERO,
            ..Limits::default()
        })
    }

    #[tokio::test]
    async fn a_full_pool_refuses_and_a_freed_slot_admits() {
        let admission = admission(1);
        let slot = admission.instance(0).await.expect("the first fits");
        assert_eq!(admission.instance(0).await.err(), Some(Refused::Busy));
        drop(slot);
        assert!(admission.instance(0).await.is_ok());
    }

    #[tokio::test]
    async fn calls_to_self_have_slots_of_their_own_and_a_bounded_depth() {
        let admission = admission(1);
        let _outside = admission.instance(0).await.expect("the first fits");
        let _nested = admission.instance(1).await.expect("reserved");
        assert_eq!(admission.instance(2).await.err(), Some(Refused::TooDeep));
    }
}
