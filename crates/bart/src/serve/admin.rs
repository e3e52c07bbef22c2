//! The second listener: `/livez`, `/readyz` and `/metrics`. It is for the cluster, not for visitors.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use super::health::{Finding, Health};
use super::metrics::Metrics;

/// The type of the text format (OpenMetrics 1.0.0).
const METRICS_TYPE: HeaderValue =
    HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
const TEXT_TYPE: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// The time for the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// Connections at once. Further clients wait.
const CONNECTIONS: usize = 64;
/// How long to wait after a connection could not be taken for lack of resources.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What the listener tells of.
#[derive(Clone)]
pub(super) struct Admin {
    pub(super) health: Arc<Health>,
    pub(super) metrics: Metrics,
}

impl Admin {
    /// Answers on `address` from now on. Returns the address that was bound.
    pub(super) async fn start(self, address: SocketAddr) -> io::Result<SocketAddr> {
        let listener = TcpListener::bind(address).await?;
        let bound = listener.local_addr()?;
        tokio::spawn(self.run(listener));
        Ok(bound)
    }

    async fn run(self, listener: TcpListener) {
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        loop {
            let place = Arc::clone(&places).acquire_owned().await;
            let stream = match listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!("failed to accept a connection: {error}");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            let admin = self.clone();
            let service = service_fn(move |request| {
                let admin = admin.clone();
                async move { Ok::<_, Infallible>(admin.answer(&request).await) }
            });
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD_TIMEOUT)
                .serve_connection(TokioIo::new(stream), service);
            tokio::spawn(async move {
                let _place = place;
                if let Err(error) = connection.await {
                    tracing::debug!("connection to the second listener ended: {error}");
                }
            });
        }
    }

    async fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let mut response = text(StatusCode::METHOD_NOT_ALLOWED, String::new());
            let allowed = HeaderValue::from_static("GET, HEAD");
            response.headers_mut().insert(header::ALLOW, allowed);
            return response;
        }
        match request.uri().path() {
            "/livez" => text(StatusCode::OK, "ok\n".to_owned()),
            "/readyz" => match self.health.find().await {
                Finding::Ready => text(StatusCode::OK, "ok\n".to_owned()),
                Finding::NotReady(reason) => text(
                    StatusCode::SERVICE_UNAVAILABLE,
                    format!("not ready: {reason}\n"),
                ),
            },
            "/metrics" => self.metrics(),
            _ => text(StatusCode::NOT_FOUND, "not found\n".to_owned()),
        }
    }

    fn metrics(&self) -> Response<Full<Bytes>> {
        self.metrics.caches(self.health.cache_usage());
        match self.metrics.text(self.health.running_instances()) {
            Ok(metrics) => {
                let mut response = text(StatusCode::OK, metrics);
                let headers = response.headers_mut();
                headers.insert(header::CONTENT_TYPE, METRICS_TYPE);
                response
            }
            Err(error) => text(StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")),
        }
    }
}

fn text(status: StatusCode, text: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(text.into()));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, TEXT_TYPE);
    response
}
