//! Which stored responses a request that changes something makes invalid (RFC 9111 section 4.4).

use http::header::{CONTENT_LOCATION, HOST, LOCATION};
use http::{Request, Response};
use url::Url;

/// What a request asked to change.
pub(super) struct Asked {
    path: String,
    /// The same with its host; `None` where the client names none that is one.
    address: Option<Url>,
}

impl Asked {
    pub(super) fn of<Body>(request: &Request<Body>) -> Asked {
        let path = request.uri().path().to_owned();
        let host = request.headers().get(HOST);
        let host = host.and_then(|host| host.to_str().ok());
        Asked {
            address: host.and_then(|host| Url::parse(&format!("http://{host}{path}")).ok()),
            path,
        }
    }

    /// The path that a reference in the response leads to, if it leads to the same host: of others nobody may say what is stale.
    fn resolve(&self, reference: &str) -> Option<String> {
        let address = self.address.as_ref()?;
        let meant = address.join(reference).ok()?;
        let is_ours = meant.host() == address.host() && meant.port() == address.port();
        is_ours.then(|| meant.path().to_owned())
    }
}

/// The paths whose stored responses are over: what was asked for, and where the response says that the change is to be found. None where nothing
/// was changed.
pub(super) fn paths<Body>(asked: &Asked, response: &Response<Body>) -> Vec<String> {
    let status = response.status();
    if !status.is_success() && !status.is_redirection() {
        return Vec::new();
    }
    let named = [LOCATION, CONTENT_LOCATION]
        .into_iter()
        .filter_map(|name| response.headers().get(name)?.to_str().ok())
        .filter_map(|reference| asked.resolve(reference));
    std::iter::once(asked.path.clone()).chain(named).collect()
}
