//! Where the requests about a repository go: a registry or a mirror of it, and the URLs there (distribution-spec, "Endpoints").

use reqwest::Url;

use super::error::Fault;
use super::options::Mirror;
use crate::digest::Digest;
use crate::reference::{Repository, Target};

/// A repository at one host.
#[derive(Clone, Debug)]
pub(super) struct Endpoint {
    /// The host by which credentials are found.
    pub(super) host: String,
    /// The name there.
    pub(super) name: String,
    /// Whether the user named the host in a reference.
    pub(super) named: bool,
    /// Scheme, host and port.
    base: Url,
    /// Whether any host may be reached without TLS.
    insecure: bool,
}

impl Endpoint {
    /// The repository where its reference says.
    pub(super) fn of(repository: &Repository, insecure: bool) -> Result<Endpoint, Fault> {
        Endpoint::new(
            &repository.registry,
            repository.name.clone(),
            true,
            insecure,
        )
    }

    /// The repository at a mirror, if that has copies of its registry.
    pub(super) fn at_mirror(
        mirror: &Mirror,
        repository: &Repository,
        insecure: bool,
    ) -> Option<Result<Endpoint, Fault>> {
        let serves = mirror
            .registry
            .as_ref()
            .is_none_or(|registry| *registry == repository.registry);
        let name = match &mirror.prefix {
            Some(prefix) => format!("{prefix}/{}", repository.name),
            None => repository.name.clone(),
        };
        serves.then(|| Endpoint::new(&mirror.host, name, false, insecure))
    }

    fn new(host: &str, name: String, named: bool, insecure: bool) -> Result<Endpoint, Fault> {
        // Docker Hub's name in references is not the name of its server.
        let server = if host == "docker.io" {
            "registry-1.docker.io"
        } else {
            host
        };
        let base = |scheme: &str| {
            Url::parse(&format!("{scheme}://{server}/")).map_err(|_| Fault::NotAHost {
                host: host.to_owned(),
            })
        };
        let secure = base("https")?;
        let is_plain = insecure || is_loopback(&secure);
        Ok(Endpoint {
            host: host.to_owned(),
            name,
            named,
            base: if is_plain { base("http")? } else { secure },
            insecure,
        })
    }

    pub(super) fn manifest(&self, target: &Target) -> Url {
        self.url(&format!("manifests/{target}"))
    }

    pub(super) fn blob(&self, digest: Digest) -> Url {
        self.url(&format!("blobs/{digest}"))
    }

    pub(super) fn uploads(&self) -> Url {
        self.url("blobs/uploads/")
    }

    /// Where a blob of `from` is asked to be mounted.
    pub(super) fn mount(&self, digest: Digest, from: &str) -> Url {
        let mut url = self.uploads();
        url.query_pairs_mut()
            .append_pair("mount", &digest.to_string())
            .append_pair("from", from);
        url
    }

    pub(super) fn referrers(&self, digest: Digest) -> Url {
        self.url(&format!("referrers/{digest}"))
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("/v2/{}/{path}", self.name));
        url
    }

    /// Whether a URL is of the same scheme, host and port, and so may see the credentials.
    pub(super) fn owns(&self, url: &Url) -> bool {
        url.origin() == self.base.origin()
    }

    /// Refuses URLs that would be reached without TLS, unless the endpoint is itself and the URL is on loopback too, or all may be.
    pub(super) fn check_target(&self, url: &Url) -> Result<(), Fault> {
        let is_plain = self.base.scheme() == "http";
        let plain_is_fine = is_plain && (self.insecure || is_loopback(url));
        match url.scheme() {
            "https" => Ok(()),
            "http" if plain_is_fine => Ok(()),
            _ => Err(Fault::PlainTarget {
                host: self.host.clone(),
                target: url.origin().ascii_serialization(),
            }),
        }
    }

    /// Refuses places for tokens that would see credentials without TLS; only a registry without TLS may be its own.
    pub(super) fn check_realm(&self, realm: &Url) -> Result<(), Fault> {
        if realm.scheme() == "https" || self.owns(realm) {
            return Ok(());
        }
        Err(Fault::PlainRealm {
            host: self.host.clone(),
            realm: realm.origin().ascii_serialization(),
        })
    }
}

/// The host and port of a URL, for messages.
pub(super) fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

fn is_loopback(url: &Url) -> bool {
    // `Url::host` needs the `url` crate's name, which reqwest does not give.
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(text: &str, insecure: bool) -> Endpoint {
        let repository: Repository = text.parse().expect("a repository");
        Endpoint::of(&repository, insecure).expect("an endpoint")
    }

    #[test]
    fn plain_http_is_for_loopback_or_on_request() {
        for (repository, insecure, base) in [
            ("ghcr.io/me/site", false, "https://ghcr.io"),
            ("ghcr.io/me/site", true, "http://ghcr.io"),
            ("127.0.0.1:5000/site", false, "http://127.0.0.1:5000"),
            ("127.9.9.9/site", false, "http://127.9.9.9"),
            ("localhost:5000/site", false, "http://localhost:5000"),
            ("localhost.example/site", false, "https://localhost.example"),
            ("127.0.0.1.example/site", false, "https://127.0.0.1.example"),
            ("10.0.0.1:5000/site", false, "https://10.0.0.1:5000"),
            ("docker.io/me/site", false, "https://registry-1.docker.io"),
        ] {
            let url = endpoint(repository, insecure).uploads();
            assert!(url.as_str().starts_with(&format!("{base}/v2/")), "{url}");
        }
    }

    #[test]
    fn targets_and_realms_without_tls_are_refused() {
        for (repository, insecure, url, target, realm) in [
            (
                "ghcr.io/me/site",
                false,
                "https://cdn.example/x",
                true,
                true,
            ),
            ("ghcr.io/me/site", false, "http://ghcr.io/x", false, false),
            ("ghcr.io/me/site", false, "http://127.0.0.1/x", false, false),
            ("ghcr.io/me/site", false, "file:///etc/passwd", false, false),
            ("ghcr.io/me/site", true, "http://cdn.example/x", true, false),
            ("ghcr.io/me/site", true, "http://ghcr.io/x", true, true),
            (
                "127.0.0.1:5000/site",
                false,
                "http://127.0.0.1:5001/x",
                true,
                false,
            ),
            (
                "127.0.0.1:5000/site",
                false,
                "http://127.0.0.1:5000/x",
                true,
                true,
            ),
            (
                "127.0.0.1:5000/site",
                false,
                "http://cdn.example/x",
                false,
                false,
            ),
        ] {
            let endpoint = endpoint(repository, insecure);
            let url = Url::parse(url).expect("a URL");
            assert_eq!(
                endpoint.check_target(&url).is_ok(),
                target,
                "{repository} {url}"
            );
            assert_eq!(
                endpoint.check_realm(&url).is_ok(),
                realm,
                "{repository} {url}"
            );
        }
    }
}
