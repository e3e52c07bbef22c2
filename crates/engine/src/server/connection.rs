//! One connection: its protocol, HTTP/1.1 or HTTP/2, within limits, until it ends, goes quiet, or the server ends.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::{HttpService, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use super::Site;
use super::outgoing::Outgoing;
use super::places::Place;
use super::pulse::{Look, Pulse, Watch, pause};
use super::request::Client;
use super::stream::{ClientStream, Protocol};

/// The largest head of a request, in bytes.
const LARGEST_HEAD: usize = 64 << 10;

/// The largest list of fields of an HTTP/2 request, in bytes as RFC 9113 section 6.5.2 counts them.
const LARGEST_FIELDS: u32 = 32 << 10;

/// Requests that an HTTP/2 client may have unanswered: the least that RFC 9113 section 6.5.2 recommends.
const STREAMS: u32 = 100;

/// Bytes of a response that wait for an HTTP/2 client to open its window, for each request.
const UNSENT: usize = 64 << 10;

/// Bytes of request bodies that an HTTP/2 client may send before we have read them, for each request and in all.
const STREAM_WINDOW: u32 = 64 << 10;
const CONNECTION_WINDOW: u32 = 256 << 10;

/// Requests that an HTTP/2 client may take back before we have looked at them, and that it may make us take back; with more
/// it is attacking us (CVE-2023-44487, CVE-2025-8671), and its connection ends.
const TAKEN_BACK: usize = 20;
const MADE_TAKE_BACK: usize = 100;

/// What is sent to a client that does not end the head of its request (RFC 9110 section 15.5.9).
const TOO_SLOW: &[u8] =
    b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

type Io = TokioIo<ClientStream>;

/// A connection of which the protocol is known.
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all are of HTTP/1, and each would cost an allocation more"
)]
enum Connection<S: HttpService<Incoming, ResBody = Outgoing>> {
    Http1(http1::Connection<Io, S>),
    Http2(Pin<Box<http2::Connection<Io, S, TokioExecutor>>>),
}

/// Why a connection is not driven on.
enum Stop {
    Closed(hyper::Result<()>),
    /// Its client wants nothing at the moment.
    Idle,
    /// Nothing moved on it for too long.
    Dead,
}

/// Serves a connection in a task of its own, which holds `place`.
pub(super) fn serve(stream: TcpStream, address: SocketAddr, site: &Arc<Site>, place: Place) {
    // Without it a response that does not fill a segment waits for the client's delayed acknowledgement: 40 ms.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!("failed to set TCP_NODELAY: {error}");
    }
    let site = Arc::clone(site);
    tokio::spawn(async move {
        let _place = place;
        if let Err(error) = converse(stream, address, site).await {
            tracing::debug!("connection from {address} ended: {error}");
        }
    });
}

/// Serves a connection to its end. What hyper keeps of one of HTTP/1, two buffers of 8 KiB among it, is let go while the client wants nothing.
async fn converse(
    stream: TcpStream,
    address: SocketAddr,
    site: Arc<Site>,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let pulse = Arc::new(Pulse::default());
    let quiet = site.connections.quiet;
    let Some((mut stream, protocol)) = open(stream, &pulse, &site, quiet).await? else {
        return Ok(());
    };
    let client = Arc::new(Client {
        site: Arc::clone(&site),
        address,
        pulse: Arc::clone(&pulse),
    });
    let service = service_fn(move |request: Request<Incoming>| {
        let client = Arc::clone(&client);
        async move { Ok::<Response<Outgoing>, Infallible>(client.answer(request).await) }
    });
    let mut watch = Watch::new(quiet);
    loop {
        let mut connection = match protocol {
            Protocol::Http1 => Connection::Http1(http1(stream, service.clone())),
            Protocol::Http2 => Connection::Http2(Box::pin(http2(stream, service.clone()))),
        };
        let stop = drive(&mut connection, &mut watch, &pulse, &site).await;
        let rest = match (stop, connection) {
            (Stop::Closed(result), _) => return Ok(result?),
            (Stop::Idle, Connection::Http1(connection)) => connection.into_parts(),
            (Stop::Dead, Connection::Http1(connection)) => {
                leave(connection, &pulse);
                return Ok(());
            }
            (Stop::Idle | Stop::Dead, Connection::Http2(_)) => return Ok(()),
        };
        let inner = rest.io.into_inner().into_inner();
        if rest.read_buf.is_empty() {
            let left = quiet.saturating_sub(pause(quiet));
            match open(inner, &pulse, &site, left).await? {
                Some((woken, _)) => {
                    stream = woken;
                    watch = Watch::new(quiet);
                }
                None => return Ok(()),
            }
        } else {
            stream = ClientStream::resume(inner, rest.read_buf, Arc::clone(&pulse));
        }
    }
}

/// Waits for the first bytes of a client or of its next request. `None` when none come.
async fn open(
    stream: TcpStream,
    pulse: &Arc<Pulse>,
    site: &Site,
    quiet: Duration,
) -> io::Result<Option<(ClientStream, Protocol)>> {
    let ending = site.bell.notified();
    if site.ends() {
        return Ok(None);
    }
    tokio::select! {
        opened = ClientStream::open(stream, Arc::clone(pulse)) => opened,
        () = sleep(quiet) => Ok(None),
        () = ending => Ok(None),
    }
}

/// Leaves a client that is too slow; one that has sent a part of a request is told so.
fn leave<S>(connection: http1::Connection<Io, S>, pulse: &Pulse)
where
    S: HttpService<Incoming, ResBody = Outgoing, Error = Infallible>,
{
    let parts = connection.into_parts();
    if !parts.read_buf.is_empty() && !pulse.is_blocked() {
        // A client that cannot take so little is not told.
        let _ = parts.io.inner().try_write(TOO_SLOW);
    }
}

fn http1<S>(stream: ClientStream, service: S) -> http1::Connection<Io, S>
where
    S: HttpService<Incoming, ResBody = Outgoing, Error = Infallible>,
{
    http1::Builder::new()
        // The watch over the pulse has no timer for each request.
        .header_read_timeout(None)
        .max_header_size(LARGEST_HEAD)
        .max_buf_size(LARGEST_HEAD)
        .serve_connection(TokioIo::new(stream), service)
}

fn http2<S>(stream: ClientStream, service: S) -> http2::Connection<Io, S, TokioExecutor>
where
    S: HttpService<Incoming, ResBody = Outgoing, Error = Infallible>,
    S::Future: Send + 'static,
{
    http2::Builder::new(TokioExecutor::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(LARGEST_FIELDS)
        .max_send_buf_size(UNSENT)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_pending_accept_reset_streams(TAKEN_BACK)
        .max_local_error_reset_streams(MADE_TAKE_BACK)
        .serve_connection(TokioIo::new(stream), service)
}

/// Moves a connection on until it ends or nothing moves any more. What wakes it besides the stream, the server's end and the next look at the pulse,
/// costs two comparisons for each request.
async fn drive<S>(
    connection: &mut Connection<S>,
    watch: &mut Watch,
    pulse: &Pulse,
    site: &Site,
) -> Stop
where
    S: HttpService<Incoming, ResBody = Outgoing, Error = Infallible> + Unpin,
    S::Future: Send + 'static,
{
    let pause = pause(site.connections.quiet);
    let mut ending = pin!(site.bell.notified());
    let mut next_look = pin!(sleep(pause));
    let (mut is_registered, mut is_told) = (false, false);
    std::future::poll_fn(|context| {
        if next_look.is_elapsed() {
            match watch.look(pulse) {
                Look::Dead if !connection.says_goodbye(&mut is_told) => {
                    return Poll::Ready(Stop::Dead);
                }
                Look::Idle if connection.can_rest() => return Poll::Ready(Stop::Idle),
                Look::Alive | Look::Idle | Look::Dead => {}
            }
            next_look.as_mut().reset(Instant::now() + pause);
            is_registered = false;
        }
        if !is_registered {
            is_registered = true;
            // Polled for the waker alone: what they say is asked below and above.
            let _ = ending.as_mut().poll(context);
            let _ = next_look.as_mut().poll(context);
        }
        if site.ends() && !is_told {
            is_told = true;
            connection.shut_down();
        }
        connection.poll(context).map(Stop::Closed)
    })
    .await
}

impl<S> Connection<S>
where
    S: HttpService<Incoming, ResBody = Outgoing, Error = Infallible> + Unpin,
    S::Future: Send + 'static,
{
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<hyper::Result<()>> {
        match self {
            Connection::Http1(connection) => Pin::new(connection).poll(context),
            Connection::Http2(connection) => connection.as_mut().poll(context),
        }
    }

    /// Lets what has begun end, and begins nothing new.
    fn shut_down(&mut self) {
        match self {
            Connection::Http1(connection) => Pin::new(connection).graceful_shutdown(),
            Connection::Http2(connection) => connection.as_mut().graceful_shutdown(),
        }
    }

    /// Whether it can be taken apart and put together again between two requests.
    fn can_rest(&self) -> bool {
        matches!(self, Connection::Http1(_))
    }

    /// Tells an HTTP/2 client once that the connection ends, which gives it a last period. HTTP/1 has no word for it.
    fn says_goodbye(&mut self, is_told: &mut bool) -> bool {
        let speaks = matches!(self, Connection::Http2(_)) && !*is_told;
        if speaks {
            *is_told = true;
            self.shut_down();
        }
        speaks
    }
}
