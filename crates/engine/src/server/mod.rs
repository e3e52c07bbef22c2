//! The listener: connections in, answers of the current release out, and an orderly end.

mod connection;

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::current::Current;
use crate::observation::Observer;

/// How long to wait after an accept failed for lack of resources, such as file descriptors: the next would fail too.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How long a connection without a request stays once the server stops: its client may have sent one that is not here yet.
const FAREWELL: Duration = Duration::from_millis(500);

/// A bound listener.
pub struct Server {
    listener: TcpListener,
    observer: Option<Observer>,
}

/// What connections share.
struct Site {
    current: Arc<Current>,
    observer: Option<Observer>,
    /// Whether each response from now on is the last of its connection.
    closes: AtomicBool,
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
        Ok(Server {
            listener,
            observer: None,
        })
    }

    /// The same server, telling `observer` of each request.
    #[must_use]
    pub fn observed_by(mut self, observer: Observer) -> Server {
        self.observer = Some(observer);
        self
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
        let site = Arc::new(Site {
            current,
            observer: self.observer,
            closes: AtomicBool::new(false),
        });
        let connections = GracefulShutdown::new();
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, client)) => connection::serve(stream, client, &site, &connections),
                    Err(error) => {
                        tracing::warn!("failed to accept a connection: {error}");
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                },
                () = &mut shutdown => break,
            }
        }
        site.closes.store(true, Ordering::Relaxed);
        // The system would reset those that it has taken and we have not.
        while let Some(Ok((stream, client))) = waiting(&self.listener).await {
            connection::serve(stream, client, &site, &connections);
        }
        drop(self.listener);
        let last = async {
            // A connection that is closed between two requests may cut off the second, which is already on its way.
            if connections.count() > 0 {
                tokio::time::sleep(FAREWELL.min(drain)).await;
            }
            connections.shutdown().await;
        };
        match timeout(drain, last).await {
            Ok(()) => Drained::All,
            Err(_) => Drained::DeadlinePassed,
        }
    }
}

/// A connection that waits to be accepted, if there is one.
async fn waiting(listener: &TcpListener) -> Option<io::Result<(TcpStream, SocketAddr)>> {
    poll_fn(|context| match listener.poll_accept(context) {
        Poll::Ready(accepted) => Poll::Ready(Some(accepted)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}
