//! How registries are reached: parsed once, before the first request.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use super::credentials::Credentials;
use super::platform::Platform;
use super::retry::RetryPolicy;

/// How many blobs are sent at once unless the user says otherwise.
pub const PARALLELISM: NonZeroUsize = NonZeroUsize::new(4).expect("4 is not 0");

/// How registries are reached.
#[derive(Debug)]
pub struct RegistryOptions {
    /// Who bart is.
    pub credentials: Credentials,
    /// Whether registries other than those on loopback are spoken to without TLS.
    pub insecure: bool,
    /// Certificates (PEM) of authorities to trust besides those of the system.
    pub ca_file: Option<PathBuf>,
    /// Asked before the registry itself when something is pulled, in this order.
    pub mirrors: Vec<Mirror>,
    /// How long to wait.
    pub timeouts: Timeouts,
    /// How often to try.
    pub retries: RetryPolicy,
    /// How many blobs are sent at once.
    pub parallelism: NonZeroUsize,
    /// Whether `HTTPS_PROXY` and its like count.
    pub proxies: Proxies,
    /// The machine.
    pub platform: Platform,
}

/// How long to wait for a registry.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// For a connection.
    pub connect: Duration,
    /// While nothing comes and nothing goes.
    pub silence: Duration,
}

impl Timeouts {
    /// Ten seconds for a connection, thirty of silence.
    pub const DEFAULT: Timeouts = Timeouts {
        connect: Duration::from_secs(10),
        silence: Duration::from_secs(30),
    };
}

/// The way to a registry with TLS; those without are reached directly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proxies {
    /// By way of the proxies that the process's environment names.
    Environment,
    /// Directly.
    Direct,
}

/// A registry that has copies of others' artifacts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mirror {
    /// The only registry it has copies of, if it is not for all.
    pub registry: Option<String>,
    /// Its host, with a port where it has one.
    pub host: String,
    /// What its repositories' names begin with, such as `proxy/ghcr`.
    pub prefix: Option<String>,
}

/// Why a text is no mirror.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{text}` is not a mirror: it must be `[REGISTRY=]HOST[:PORT][/PREFIX]`")]
pub struct MirrorError {
    text: String,
}

impl FromStr for Mirror {
    type Err = MirrorError;

    /// Reads `[REGISTRY=]HOST[:PORT][/PREFIX]`.
    fn from_str(text: &str) -> Result<Mirror, MirrorError> {
        let (registry, place) = match text.split_once('=') {
            Some((registry, place)) => (Some(registry), place),
            None => (None, text),
        };
        let (host, prefix) = match place.split_once('/') {
            Some((host, prefix)) => (host, Some(prefix.trim_end_matches('/'))),
            None => (place, None),
        };
        let is_host = |host: &str| {
            !host.is_empty()
                && host
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte))
        };
        let is_prefix = |prefix: &str| {
            prefix.split('/').all(|part| {
                part.bytes().any(|byte| byte.is_ascii_alphanumeric())
                    && part
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
            })
        };
        if !is_host(host) || !registry.is_none_or(is_host) || !prefix.is_none_or(is_prefix) {
            return Err(MirrorError {
                text: text.to_owned(),
            });
        }
        Ok(Mirror {
            registry: registry.map(str::to_owned),
            host: host.to_owned(),
            prefix: prefix.map(str::to_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mirrors_are_read_and_what_is_none_is_refused() {
        let mirror = |registry: Option<&str>, host: &str, prefix: Option<&str>| {
            Some(Mirror {
                registry: registry.map(str::to_owned),
                host: host.to_owned(),
                prefix: prefix.map(str::to_owned),
            })
        };
        for (text, expected) in [
            ("mirror.example", mirror(None, "mirror.example", None)),
            ("127.0.0.1:5000", mirror(None, "127.0.0.1:5000", None)),
            (
                "ghcr.io=mirror.example/proxy/ghcr/",
                mirror(Some("ghcr.io"), "mirror.example", Some("proxy/ghcr")),
            ),
            ("", None),
            ("=mirror.example", None),
            ("https://mirror.example", None),
            ("mirror.example/", None),
            ("mirror.example/../x", None),
            ("me@mirror.example", None),
        ] {
            assert_eq!(text.parse::<Mirror>().ok(), expected, "{text}");
        }
    }
}
