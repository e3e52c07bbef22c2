//! What the engine tells of each request that it answered, for metrics.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;

/// A request of a client that was answered, up to the head of the response.
#[derive(Clone, Copy, Debug)]
pub struct Observation<'a> {
    /// The component that answered; `None` for what the engine answers itself.
    pub component: Option<&'a Arc<str>>,
    /// The status.
    pub status: StatusCode,
    /// The time from the head of the request to the head of the response.
    pub elapsed: Duration,
    /// What the response cache had to do with it.
    pub caching: Caching,
}

/// Where a response came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caching {
    /// From the cache.
    Hit,
    /// From a component, and it is stored now.
    Miss,
    /// From a component or the engine, and it is not stored.
    Bypass,
}

/// Who is told. It is called for each request, so it must be quick.
#[derive(Clone)]
pub struct Observer(Arc<dyn Fn(Observation<'_>) + Send + Sync>);

impl Observer {
    /// Tells `observe`.
    pub fn new(observe: impl Fn(Observation<'_>) + Send + Sync + 'static) -> Observer {
        Observer(Arc::new(observe))
    }

    pub(crate) fn tell(&self, observation: Observation<'_>) {
        (self.0)(observation);
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Observer")
    }
}
