//! The listener: connections in, answers of the current release out, and an orderly end.

mod connection;
mod outgoing;
mod places;
mod pulse;
mod request;
mod stream;

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::Poll;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::time::timeout;

use self::places::Places;
use crate::current::Current;
use crate::observation::Observer;

/// How long to wait after an accept failed for lack of resources, such as file descriptors: the next would fail too.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How long a connection without a request stays once the server stops: its client may have sent one that is not here yet.
const FAREWELL: Duration = Duration::from_millis(500);

/// A bound listener.
pub struct Server {
    listener: TcpListener,
    connections: Connections,
    observer: Option<Observer>,
}

/// Bounds of connections and of what waits on them.
#[derive(Clone, Copy, Debug)]
pub struct Connections {
    /// How many there are at once, at least 1. Further clients wait at the listener.
    pub most: u32,
    /// How long one stays on which nothing moves while no request is computed. It may be a third longer.
    pub quiet: Duration,
    /// How long a request waits for the first release, before it is answered 503.
    pub patience: Duration,
}

/// What connections share.
struct Site {
    current: Arc<Current>,
    observer: Option<Observer>,
    connections: Connections,
    /// One of the three below.
    phase: AtomicU8,
    /// Rung when connections without a request are to end.
    bell: Notify,
}

const SERVING: u8 = 0;
/// Each response is the last of its connection.
const CLOSING: u8 = 1;
/// Connections without a request end.
const ENDING: u8 = 2;

/// How serving ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drained {
    /// Every request was answered.
    All,
    /// The deadline passed with requests unanswered.
    DeadlinePassed,
}

impl Default for Connections {
    fn default() -> Connections {
        Connections {
            most: 16_384,
            quiet: Duration::from_secs(60),
            // A start from the cache takes a fraction of it.
            patience: Duration::from_millis(500),
        }
    }
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
            connections: Connections::default(),
            observer: None,
        })
    }

    /// The same server, with these bounds.
    #[must_use]
    pub fn bounded_by(mut self, connections: Connections) -> Server {
        self.connections = connections;
        self
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
    /// within `drain`. Connections stay on the runtime that runs this; instances have threads of their own.
    pub async fn run(
        self,
        current: Arc<Current>,
        shutdown: impl Future<Output = ()>,
        drain: Duration,
    ) -> Drained {
        let site = Arc::new(Site {
            current,
            observer: self.observer,
            connections: self.connections,
            phase: AtomicU8::new(SERVING),
            bell: Notify::new(),
        });
        let mut places = Places::new(self.connections.most);
        tokio::select! {
            never = accept(&self.listener, &site, &mut places) => match never {},
            () = shutdown => {}
        }
        site.enter(CLOSING);
        // The system would reset those that it has taken and we have not.
        while let Some(place) = places.try_take()
            && let Some(Ok((stream, client))) = waiting(&self.listener).await
        {
            connection::serve(stream, client, &site, place);
        }
        drop(self.listener);
        let last = async {
            // A connection that is closed between two requests may cut off the second, which is already on its way.
            if places.taken() > 0 {
                tokio::time::sleep(FAREWELL.min(drain)).await;
            }
            site.enter(ENDING);
            site.bell.notify_waiters();
            places.all_free().await;
        };
        match timeout(drain, last).await {
            Ok(()) => Drained::All,
            Err(_) => Drained::DeadlinePassed,
        }
    }
}

impl Site {
    fn enter(&self, phase: u8) {
        self.phase.store(phase, Ordering::Release);
    }

    /// Whether each response from now on is the last of its connection.
    fn closes(&self) -> bool {
        self.phase.load(Ordering::Relaxed) != SERVING
    }

    /// Whether connections without a request end now.
    fn ends(&self) -> bool {
        self.phase.load(Ordering::Acquire) == ENDING
    }
}

/// Takes connections for ever.
async fn accept(
    listener: &TcpListener,
    site: &Arc<Site>,
    places: &mut Places,
) -> std::convert::Infallible {
    loop {
        let place = places.take().await;
        match listener.accept().await {
            Ok((stream, client)) => connection::serve(stream, client, site, place),
            Err(error) => {
                tracing::warn!("failed to accept a connection: {error}");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
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
