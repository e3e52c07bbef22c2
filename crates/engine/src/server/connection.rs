//! One connection: HTTP/1.1 with keep-alive and pipelining, within limits.

use std::borrow::Cow;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use http::uri::{Authority, PathAndQuery};
use http::{HeaderValue, Method, Request, Response, StatusCode, Version, header};
use http_body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpStream;
use tokio_io_timeout::TimeoutStream;

use super::Site;
use crate::body::{RequestBody, ResponseBody};
use crate::current::Current;
use crate::observation::Observation;
use crate::release::{Answered, text};

/// Time for a client to send the head of a request, idle time before it included.
const HEAD_TIMEOUT: Duration = Duration::from_secs(60);

/// Time in which a client must take some of what is sent to it; otherwise it would hold the response in memory for as long as it likes.
const WRITE_TIMEOUT: Duration = Duration::from_secs(60);

/// The largest head of a request, in bytes.
const LARGEST_HEAD: usize = 64 << 10;

/// Serves a connection in a task of its own.
pub(super) fn serve(
    stream: TcpStream,
    client: SocketAddr,
    site: &Arc<Site>,
    connections: &GracefulShutdown,
) {
    // Without it a response that does not fill a segment waits for the client's delayed acknowledgement: 40 ms.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!("failed to set TCP_NODELAY: {error}");
    }
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(WRITE_TIMEOUT));
    let site = Arc::clone(site);
    let service = service_fn(move |request| {
        let site = Arc::clone(&site);
        async move { Ok::<_, Infallible>(observed(&site, request, client).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(LARGEST_HEAD)
        .serve_connection(TokioIo::new(Box::pin(stream)), service);
    let connection = connections.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!("connection from {client} ended: {error}");
        }
    });
}

/// Answers a request, and tells who observes. Once the server closes, the response says that it is the last.
async fn observed(
    site: &Site,
    request: Request<Incoming>,
    client: SocketAddr,
) -> Response<ResponseBody> {
    let start = Instant::now();
    let answered = answer(&site.current, request, client).await;
    if let Some(observer) = &site.observer {
        observer.tell(Observation {
            component: answered.component.as_ref(),
            status: answered.response.status(),
            elapsed: start.elapsed(),
        });
    }
    if site.closes.load(Ordering::Relaxed) {
        return closing(answered.response);
    }
    answered.response
}

async fn answer(current: &Current, request: Request<Incoming>, client: SocketAddr) -> Answered {
    let Some(release) = current.load() else {
        return not_ready().into();
    };
    let limit = release.request_body_limit();
    if request.body().size_hint().lower() > limit {
        return closing(text(
            StatusCode::PAYLOAD_TOO_LARGE,
            "The request is too large.\n",
        ))
        .into();
    }
    let mut request = request.map(|incoming| RequestBody::Client {
        incoming,
        remaining: limit,
    });
    if request.method() == Method::CONNECT {
        return closing(text(StatusCode::NOT_IMPLEMENTED, "This is no proxy.\n")).into();
    }
    match host(&request) {
        Ok(host) => to_origin_form(&mut request, host),
        Err(refusal) => return closing(text(StatusCode::BAD_REQUEST, refusal)).into(),
    }
    let mut answered = release.answer(request, client).await;
    let headers = answered.response.headers_mut();
    headers.remove(web::freshness::FIELD);
    answered
}

fn not_ready() -> Response<ResponseBody> {
    let mut response = text(
        StatusCode::SERVICE_UNAVAILABLE,
        "The site is not here yet. Try again soon.\n",
    );
    let headers = response.headers_mut();
    headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

/// The response to a request of which more may come that nobody reads.
fn closing(mut response: Response<ResponseBody>) -> Response<ResponseBody> {
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// The host that a request asks for, or why it is refused (RFC 9112 sections 3.2 and 3.2.2): a request in absolute form names it in its target, which
/// then counts instead of `Host`.
fn host(request: &Request<RequestBody>) -> Result<HeaderValue, &'static str> {
    let mut fields = request.headers().get_all(header::HOST).iter();
    let field = match (fields.next(), fields.next()) {
        (Some(field), None) => field.clone(),
        (None, _) if request.version() < Version::HTTP_11 => {
            // HTTP/1.0 did not know the field.
            HeaderValue::from_static("localhost")
        }
        (None, _) => return Err("The request names no host.\n"),
        (Some(_), Some(_)) => return Err("The request names more than one host.\n"),
    };
    let authority = match request.uri().authority() {
        Some(authority) => Cow::Borrowed(authority),
        None => Cow::Owned(
            Authority::try_from(field.as_bytes()).map_err(|_| "The host is not valid.\n")?,
        ),
    };
    if authority.as_str().contains('@') {
        return Err("The host is not valid.\n");
    }
    HeaderValue::from_str(authority.as_str()).map_err(|_| "The host is not valid.\n")
}

fn to_origin_form(request: &mut Request<RequestBody>, host: HeaderValue) {
    request.headers_mut().insert(header::HOST, host);
    if request.uri().authority().is_some() {
        let path = request.uri().path_and_query().cloned();
        *request.uri_mut() = path
            .unwrap_or_else(|| PathAndQuery::from_static("/"))
            .into();
    }
}
