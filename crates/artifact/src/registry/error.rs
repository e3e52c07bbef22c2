//! What can go wrong between bart and a registry, each fault with its text and, apart from it, advice. No text has a secret in it.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::credentials::CredentialsError;
use super::detail::Detail;
use crate::digest::Digest;

/// Something that was asked of a registry and failed.
#[derive(Debug, thiserror::Error)]
#[error("failed to {task}")]
pub struct RegistryError {
    /// What was to be done, such as "pull the manifest of `ghcr.io/me/site:1.2.3`".
    pub task: String,
    /// Why it was not.
    #[source]
    pub fault: Fault,
}

/// Why something that was asked of a registry failed.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The name has no address.
    #[error("no such host `{host}`")]
    UnknownHost {
        /// The name.
        host: String,
    },
    /// Nobody listens.
    #[error("`{host}` refuses connections")]
    Refused {
        /// The host and port.
        host: String,
    },
    /// The certificate is not trusted, or the other side does not speak TLS.
    #[error("no secure connection to `{host}`")]
    Tls {
        /// The host and port.
        host: String,
        /// Why.
        #[source]
        source: rustls::Error,
    },
    /// The connection failed in another way.
    #[error("the connection to `{host}` failed")]
    Connection {
        /// The host and port.
        host: String,
        /// Why. Without its URL, which may carry a signature.
        #[source]
        source: reqwest::Error,
    },
    /// Nothing came and nothing went.
    #[error("`{host}` was silent for {} s", .patience.as_secs_f32())]
    Silent {
        /// The host and port.
        host: String,
        /// For how long.
        patience: Duration,
    },
    /// 401, whatever was tried.
    #[error("`{host}` wants other credentials: {}{detail}", used(.credential))]
    Unauthorized {
        /// The host and port.
        host: String,
        /// Where the credential that it did not take is from.
        credential: Option<String>,
        /// What it says.
        detail: Detail,
    },
    /// 403.
    #[error("`{host}` does not allow it: {}{detail}", used(.credential))]
    Forbidden {
        /// The host and port.
        host: String,
        /// Where the credential in use is from.
        credential: Option<String>,
        /// What it says.
        detail: Detail,
    },
    /// 404.
    #[error("`{host}` does not have it{detail}")]
    NotFound {
        /// The host and port.
        host: String,
        /// What it says.
        detail: Detail,
    },
    /// 413.
    #[error("`{host}` takes no upload of this size{detail}")]
    TooLarge {
        /// The host and port.
        host: String,
        /// What it says.
        detail: Detail,
    },
    /// 429, however often it was tried.
    #[error("`{host}` limits the rate of requests{}", wait(.retry_after))]
    RateLimited {
        /// The host and port.
        host: String,
        /// When it wants to be asked again.
        retry_after: Option<Duration>,
    },
    /// 5xx, however often it was tried.
    #[error("`{host}` is in trouble: it answered {status}{detail}")]
    Unavailable {
        /// The host and port.
        host: String,
        /// The status code.
        status: u16,
        /// When it wants to be asked again.
        retry_after: Option<Duration>,
        /// What it says.
        detail: Detail,
    },
    /// Another status than the specification has.
    #[error("`{host}` answered {status}{detail}")]
    Status {
        /// The host and port.
        host: String,
        /// The status code.
        status: u16,
        /// What it says.
        detail: Detail,
    },
    /// An answer that is no answer to the request.
    #[error("`{host}` gave an answer that makes no sense: {what}")]
    Malformed {
        /// The host and port.
        host: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A web page where a manifest should be.
    #[error("`{host}` answered with a web page")]
    NotARegistry {
        /// The host and port.
        host: String,
    },
    /// The body ended too early.
    #[error("`{host}` sent {received} of {expected} bytes")]
    CutShort {
        /// The host and port.
        host: String,
        /// The bytes that came.
        received: u64,
        /// The bytes that were announced.
        expected: u64,
    },
    /// The body went on.
    #[error("`{host}` sent more than the {expected} bytes that the manifest announces")]
    TooLong {
        /// The host and port.
        host: String,
        /// The bytes that were announced.
        expected: u64,
    },
    /// The bytes are others than those that were asked for.
    #[error("`{host}` sent bytes of the digest `{actual}`, not `{expected}`")]
    WrongDigest {
        /// The host and port.
        host: String,
        /// What was asked for.
        expected: Digest,
        /// What came.
        actual: Digest,
    },
    /// The manifest is larger than any sensible one.
    #[error("the manifest is larger than {} MiB", .limit >> 20)]
    ManifestTooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// The tag names other content already.
    #[error("the tag has other content: it is `{existing}`, this would be `{ours}`")]
    TagTaken {
        /// What it points at.
        existing: Digest,
        /// What was to be pushed.
        ours: Digest,
    },
    /// Somebody else pushed to the tag at the same time.
    #[error("somebody else pushed to the tag: it is `{theirs}` now, not `{ours}`")]
    TagMoved {
        /// What was pushed.
        ours: Digest,
        /// What the tag points at.
        theirs: Digest,
    },
    /// The place for tokens would see the credentials in the clear.
    #[error("`{host}` wants the credentials sent to `{realm}`, over plain HTTP")]
    PlainRealm {
        /// The host and port.
        host: String,
        /// Where to.
        realm: String,
    },
    /// The registry sends us to a place without TLS.
    #[error("`{host}` leads to `{target}`, over plain HTTP")]
    PlainTarget {
        /// The host and port.
        host: String,
        /// Where to, without path and query.
        target: String,
    },
    /// The name of a registry is no host.
    #[error("`{host}` is not a host")]
    NotAHost {
        /// The name.
        host: String,
    },
    /// The credentials cannot be read.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// The client could not be made.
    #[error("failed to set up connections")]
    Client(#[source] reqwest::Error),
    /// The file of authorities has none.
    #[error("`{path}` has no certificate in PEM form")]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// A file that was to be sent cannot be read.
    #[error("failed to read `{path}`")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file that was to be sent is not what it was.
    #[error("`{path}` changed while it was pushed")]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A pack that was to be sent cannot be made again of its files.
    #[error("failed to pack files")]
    Pack(#[source] io::Error),
    /// What came cannot be stored.
    #[error("failed to store the bytes")]
    Write(#[source] io::Error),
}

impl RegistryError {
    /// What the user can do.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        self.fault.hint()
    }
}

impl Fault {
    /// What the user can do.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Fault::UnknownHost { .. } => "check the name of the registry and the network",
            Fault::Refused { .. } => "check that the registry runs and that the port is right",
            Fault::Tls { .. } => {
                "name the file of the authority with `--ca-file`, or use `--insecure` where the registry speaks plain HTTP"
            }
            Fault::Unauthorized {
                credential: None, ..
            } => {
                "log in with `docker login`, or set `BART_REGISTRY_USERNAME` and `BART_REGISTRY_PASSWORD`"
            }
            Fault::Unauthorized { .. } => {
                "log in again, or check that the credential is for this repository"
            }
            Fault::Forbidden { .. } => "check that the account may do this in the repository",
            Fault::NotFound { .. } => {
                "check the name; some registries want a repository created before the first push"
            }
            Fault::TooLarge { .. } => {
                "raise the limit of the registry or of the proxy before it, such as nginx's `client_max_body_size`"
            }
            Fault::RateLimited { .. } => {
                "wait, or log in: many registries limit anonymous clients more"
            }
            Fault::NotARegistry { .. } => {
                "check that the host is a registry; a proxy or a login page may be in between"
            }
            Fault::TagTaken { .. } => {
                "push under another tag, or use `--force-tag` for a tag that is meant to move"
            }
            Fault::TagMoved { .. } => "push again under another tag",
            Fault::PlainRealm { .. } | Fault::PlainTarget { .. } => {
                "use `--insecure` only for networks that you trust"
            }
            _ => return None,
        })
    }

    /// Whether the next attempt may succeed.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Fault::Connection { .. }
            | Fault::Silent { .. }
            | Fault::CutShort { .. }
            | Fault::RateLimited { .. } => true,
            Fault::Unavailable { status, .. } => matches!(status, 500 | 502 | 503 | 504),
            _ => false,
        }
    }

    /// When the registry wants to be asked again.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Fault::RateLimited { retry_after, .. } | Fault::Unavailable { retry_after, .. } => {
                *retry_after
            }
            _ => None,
        }
    }

    /// This fault as the reason why a task failed.
    pub(super) fn during(self, task: impl Into<String>) -> RegistryError {
        RegistryError {
            task: task.into(),
            fault: self,
        }
    }
}

fn used(credential: &Option<String>) -> String {
    credential.as_ref().map_or_else(
        || "no credential was found for it".to_owned(),
        |source| format!("used was {source}"),
    )
}

fn wait(time: &Option<Duration>) -> String {
    time.map(|time| format!(": ask again in {} s", time.as_secs()))
        .unwrap_or_default()
}
