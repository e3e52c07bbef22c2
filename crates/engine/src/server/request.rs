//! One request of a client: what is wrong with it, and otherwise the answer of the current release.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use http::uri::{Authority, PathAndQuery};
use http::{HeaderValue, Method, Request, Response, StatusCode, Version, header};
use http_body::Body;
use hyper::body::Incoming;
use tokio::time::timeout;

use super::Site;
use super::outgoing::{Answering, Outgoing};
use super::pulse::Pulse;
use crate::body::{RequestBody, ResponseBody};
use crate::observation::Observation;
use crate::release::{Answered, Release, text};

/// The longest target of a request, in bytes. RFC 9110 section 4.1 wants 8000 at least.
const LONGEST_TARGET: usize = 8 << 10;

/// A client on a connection.
pub(super) struct Client {
    pub(super) site: Arc<Site>,
    pub(super) address: SocketAddr,
    pub(super) pulse: Arc<Pulse>,
}

/// Why a request is not handed to the release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    NoRelease,
    TooLarge,
    TargetTooLong,
    Proxying,
    /// The host is missing, or not one. RFC 9112 section 3.2 wants 400.
    Host(&'static str),
}

impl Client {
    /// Answers a request, and tells who observes. Once the server closes, the response says that it is the last.
    pub(super) async fn answer(
        self: Arc<Client>,
        request: Request<Incoming>,
    ) -> Response<Outgoing> {
        let answering = Answering::begin(self);
        let client = answering.client();
        let version = request.version();
        let start = Instant::now();
        let current = &client.site.current;
        let release = match current.load() {
            Some(release) => Some(release),
            // In a box, as each connection has room for this future.
            None => {
                let patience = client.site.connections.patience;
                Box::pin(timeout(patience, current.wait())).await.ok()
            }
        };
        let mut answered = match client.hand_on(request, release) {
            Ok(answer) => answer.await,
            Err(refusal) => refusal.response(version).into(),
        };
        if let Some(observer) = &client.site.observer {
            observer.tell(Observation {
                component: answered.component.as_ref(),
                status: answered.response.status(),
                elapsed: start.elapsed(),
                caching: answered.caching,
            });
        }
        if client.site.closes() {
            close(&mut answered.response, version);
        }
        answering.send(answered.response, version)
    }

    /// The answer of the release, to be awaited.
    fn hand_on(
        &self,
        request: Request<Incoming>,
        release: Option<Arc<Release>>,
    ) -> Result<impl Future<Output = Answered> + use<>, Refusal> {
        let release = release.ok_or(Refusal::NoRelease)?;
        let limit = release.request_body_limit();
        check(&request, limit)?;
        let host = host(&request).map_err(Refusal::Host)?;
        let mut request = request.map(|incoming| RequestBody::Client {
            incoming,
            remaining: limit,
        });
        to_origin_form(&mut request, host);
        let client = self.address;
        Ok(async move { release.answer(request, client).await })
    }
}

fn check(request: &Request<Incoming>, limit: u64) -> Result<(), Refusal> {
    if request.body().size_hint().lower() > limit {
        return Err(Refusal::TooLarge);
    }
    if *request.method() == Method::CONNECT {
        return Err(Refusal::Proxying);
    }
    let target = request.uri().path_and_query();
    if target.is_some_and(|target| target.as_str().len() > LONGEST_TARGET) {
        return Err(Refusal::TargetTooLong);
    }
    Ok(())
}

impl Refusal {
    fn response(self, version: Version) -> Response<ResponseBody> {
        let (status, reason) = match self {
            Refusal::NoRelease => (
                StatusCode::SERVICE_UNAVAILABLE,
                "The site is not here yet. Try again soon.\n",
            ),
            Refusal::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "The request is too large.\n"),
            Refusal::TargetTooLong => (StatusCode::URI_TOO_LONG, "The address is too long.\n"),
            Refusal::Proxying => (StatusCode::NOT_IMPLEMENTED, "This is no proxy.\n"),
            Refusal::Host(reason) => (StatusCode::BAD_REQUEST, reason),
        };
        let mut response = text(status, reason);
        if self == Refusal::NoRelease {
            let headers = response.headers_mut();
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        } else {
            // More of the request may come, which nobody reads.
            close(&mut response, version);
        }
        response
    }
}

/// Says that the response is the last of its connection. HTTP/2 has no such field (RFC 9113 section 8.2.2).
fn close(response: &mut Response<ResponseBody>, version: Version) {
    if version < Version::HTTP_2 {
        let headers = response.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
}

/// What `Host` is to be where it is not what the request asks for, or why the request is refused (RFC 9112 sections 3.2 and 3.2.2, RFC 9113 section
/// 8.3.1): a target with an authority counts instead of `Host`.
fn host<B>(request: &Request<B>) -> Result<Option<HeaderValue>, &'static str> {
    let mut fields = request.headers().get_all(header::HOST).iter();
    let field = fields.next();
    if fields.next().is_some() {
        return Err("The request names more than one host.\n");
    }
    match (request.uri().authority(), field) {
        (Some(authority), field) => {
            let version = request.version();
            match field {
                None if version == Version::HTTP_11 => {
                    return Err("The request names no host.\n");
                }
                Some(field) if version == Version::HTTP_2 && field != authority.as_str() => {
                    return Err("The request names two hosts.\n");
                }
                _ => {}
            }
            if authority.as_str().contains('@') {
                return Err("The host is not valid.\n");
            }
            let host = HeaderValue::from_str(authority.as_str());
            Ok(Some(host.map_err(|_| "The host is not valid.\n")?))
        }
        (None, Some(field)) if is_host(field.as_bytes()) => Ok(None),
        (None, Some(_)) => Err("The host is not valid.\n"),
        // HTTP/1.0 did not know the field.
        (None, None) if request.version() < Version::HTTP_11 => {
            Ok(Some(HeaderValue::from_static("localhost")))
        }
        (None, None) => Err("The request names no host.\n"),
    }
}

/// Whether a field is a host and perhaps a port. Names of letters, digits, dots and hyphens need no parser.
fn is_host(field: &[u8]) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    let name = field.iter().take_while(|byte| is_plain(byte)).count();
    let port = &field[name..];
    let plain_port = port.is_empty()
        || port.len() <= 6 && port[0] == b':' && port[1..].iter().all(u8::is_ascii_digit);
    if name > 0 && plain_port {
        return true;
    }
    Authority::try_from(field).is_ok_and(|authority| !authority.as_str().contains('@'))
}

fn to_origin_form(request: &mut Request<RequestBody>, host: Option<HeaderValue>) {
    if let Some(host) = host {
        request.headers_mut().insert(header::HOST, host);
    }
    if request.uri().authority().is_some() {
        let path = request.uri().path_and_query().cloned();
        *request.uri_mut() = path
            .unwrap_or_else(|| PathAndQuery::from_static("/"))
            .into();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The host that counts, where it is not the one of the field: `kept`.
    fn ask(version: Version, target: &str, hosts: &[&str]) -> String {
        let mut request = Request::builder().version(version).uri(target);
        for host in hosts {
            request = request.header(header::HOST, *host);
        }
        let request = request.body(()).expect("the parts are valid");
        match host(&request) {
            Ok(Some(host)) => host.to_str().expect("hosts are ASCII").to_owned(),
            Ok(None) => "kept".to_owned(),
            Err(_) => "refused".to_owned(),
        }
    }

    #[test]
    fn the_host_is_that_of_the_target_or_of_the_field() {
        let cases: [(Version, &str, &[&str], &str); 15] = [
            (Version::HTTP_11, "/", &["a.test"], "kept"),
            (Version::HTTP_11, "/", &["a.test:8080"], "kept"),
            (Version::HTTP_11, "/", &["[::1]:8080"], "kept"),
            (Version::HTTP_11, "/", &["a_b.test"], "kept"),
            (Version::HTTP_11, "/", &["user@a.test"], "refused"),
            (Version::HTTP_11, "/", &["a test"], "refused"),
            (Version::HTTP_11, "/", &[""], "refused"),
            (Version::HTTP_11, "/", &["a.test", "a.test"], "refused"),
            (Version::HTTP_11, "/", &[], "refused"),
            (Version::HTTP_10, "/", &[], "localhost"),
            (Version::HTTP_11, "http://b.test/", &["a.test"], "b.test"),
            (Version::HTTP_11, "http://b.test/", &[], "refused"),
            (Version::HTTP_2, "http://b.test/", &[], "b.test"),
            (Version::HTTP_2, "http://b.test/", &["a.test"], "refused"),
            (Version::HTTP_2, "/", &[], "refused"),
        ];
        for (version, target, hosts, expected) in cases {
            let found = ask(version, target, hosts);
            assert_eq!(found, expected, "{version:?} {target} {hosts:?}");
        }
    }
}
