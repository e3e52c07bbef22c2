//! What the client takes from the machine: the time, pauses and the addresses of names. Passed in, so that tests neither sleep nor need a
//! network.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// What a function of [`Platform`] promises.
pub type Promise<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// The machine, as the client sees it.
#[derive(Clone)]
pub struct Platform {
    /// The time of day, for the dates of `Retry-After`.
    pub now: Arc<dyn Fn() -> SystemTime + Send + Sync>,
    /// Waits before a request is tried again.
    pub pause: Arc<dyn Fn(Duration) -> Promise<()> + Send + Sync>,
    /// The addresses of a host; their ports mean nothing.
    pub look_up: Arc<dyn Fn(String) -> Promise<io::Result<Vec<SocketAddr>>> + Send + Sync>,
}

impl Platform {
    /// The real one.
    #[must_use]
    pub fn system() -> Platform {
        Platform {
            now: Arc::new(SystemTime::now),
            pause: Arc::new(|time| Box::pin(tokio::time::sleep(time))),
            look_up: Arc::new(|host| {
                Box::pin(async move {
                    let addresses = tokio::net::lookup_host((host, 0)).await?;
                    Ok(addresses.collect())
                })
            }),
        }
    }
}

impl fmt::Debug for Platform {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Platform")
    }
}
