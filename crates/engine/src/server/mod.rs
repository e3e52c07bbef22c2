//! The listener: connections in, answers of the current release out, and an orderly end.

mod connection;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::current::Current;

/// How long to wait after an accept failed for lack of resources, such as file descriptors: the next would fail too.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A bound listener.
pub struct Server {
    listener: TcpListener,
}

/// How serving ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drained {
    /// Every request was answered.
    All,
    /// The deadline passed with requests unanswered.
    DeadlinePassed,
}

impl Server {
    /// Binds `address`.
    ///
    /// # Errors
    ///
    /// When the address is taken or not this machine's.
    pub async fn bind(address: SocketAddr) -> io::Result<Server> {
        let listener = TcpListener::bind(address).await?;
        Ok(Server { listener })
    }

    /// The address that was bound, with the port the system chose if it was 0.
    ///
    /// # Errors
    ///
    /// When the system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers requests from the current release until `shutdown` resolves, then stops accepting and lets requests in flight end
    /// within `drain`.
    pub async fn run(
        self,
        current: Arc<Current>,
        shutdown: impl Future<Output = ()>,
        drain: Duration,
    ) -> Drained {
        let connections = GracefulShutdown::new();
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, client)) => connection::serve(stream, client, &current, &connections),
                    Err(error) => {
                        tracing::warn!("failed to accept a connection: {error}");
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                },
                () = &mut shutdown => break,
            }
        }
        drop(self.listener);
        match timeout(drain, connections.shutdown()).await {
            Ok(()) => Drained::All,
            Err(_) => Drained::DeadlinePassed,
        }
    }
}
