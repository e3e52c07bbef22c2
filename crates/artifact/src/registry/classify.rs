//! Which fault an error of the HTTP client or the status of an answer stands for.

use std::error::Error;
use std::io;
use std::time::{Duration, SystemTime};

use reqwest::header::RETRY_AFTER;
use reqwest::{Response, StatusCode};

use super::detail::Detail;
use super::error::Fault;
use super::options::Timeouts;
use super::retry::retry_after;

/// The most of an error's body that is read, in bytes.
const LONGEST: usize = 64 << 10;

/// The name has no address. Marks the error of the resolver, so that it can be told from others.
#[derive(Debug, thiserror::Error)]
#[error("no such host `{host}`")]
pub(super) struct NoAddress {
    pub(super) host: String,
}

/// The fault behind an error of the HTTP client.
pub(super) fn connection(host: String, error: reqwest::Error, timeouts: Timeouts) -> Fault {
    if let Some(NoAddress { host }) = find(&error) {
        return Fault::UnknownHost { host: host.clone() };
    }
    if let Some(source) = find::<rustls::Error>(&error) {
        let source = source.clone();
        return Fault::Tls { host, source };
    }
    let refused = find::<io::Error>(&error)
        .is_some_and(|error| error.kind() == io::ErrorKind::ConnectionRefused);
    if refused {
        return Fault::Refused { host };
    }
    if error.is_timeout() {
        let patience = if error.is_connect() {
            timeouts.connect
        } else {
            timeouts.silence
        };
        return Fault::Silent { host, patience };
    }
    Fault::Connection {
        host,
        source: error.without_url(),
    }
}

/// The innermost error of a type in a chain. An `io::Error` hides what it wraps from `source`, so it is opened.
fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let inside = error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref)
        .map(|inner| inner as &(dyn Error + 'static));
    inside
        .or_else(|| error.source())
        .and_then(find)
        .or_else(|| error.downcast_ref())
}

/// The fault that the status of an answer stands for. `credential` is where the one that was shown is from.
pub(super) async fn status(
    host: String,
    response: Response,
    credential: Option<String>,
    now: SystemTime,
    patience: Duration,
) -> Fault {
    let status = response.status();
    let asked = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| retry_after(value, now));
    let body = tokio::time::timeout(patience, beginning(response)).await;
    let detail = Detail::of(&body.unwrap_or_default());
    match status {
        StatusCode::UNAUTHORIZED => Fault::Unauthorized {
            host,
            credential,
            detail,
        },
        StatusCode::FORBIDDEN => Fault::Forbidden {
            host,
            credential,
            detail,
        },
        StatusCode::NOT_FOUND => Fault::NotFound { host, detail },
        StatusCode::PAYLOAD_TOO_LARGE => Fault::TooLarge { host, detail },
        StatusCode::TOO_MANY_REQUESTS => Fault::RateLimited {
            host,
            retry_after: asked,
        },
        status if status.is_server_error() => Fault::Unavailable {
            host,
            status: status.as_u16(),
            retry_after: asked,
            detail,
        },
        status => Fault::Status {
            host,
            status: status.as_u16(),
            detail,
        },
    }
}

/// The first bytes of a body, as far as they come: they are for a message only.
async fn beginning(mut response: Response) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > LONGEST {
            break;
        }
    }
    bytes
}
