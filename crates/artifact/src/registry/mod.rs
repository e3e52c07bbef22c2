//! The registry client: artifacts pulled from and pushed to OCI registries (distribution-spec 1.1).
//!
//! The exchange itself is ours, on reqwest. `oci-client` cannot send files as streams that begin again after a
//! failure, asks `/v2/` before each operation where one request is to do, reads credentials for any host it is redirected to by reqwest's
//! rules, hides statuses and `Retry-After` in texts, and has no mirrors.
//!
//! What credentials may see is decided in three places: [`credentials`] (which one is for which host), `authorize` (the host and its place for
//! tokens), and `transport` (none after a redirect).

mod authorize;
mod blob;
mod challenge;
mod classify;
mod clients;
mod credential_helper;
pub mod credentials;
mod detail;
mod docker_config;
mod endpoint;
mod error;
mod options;
mod payload;
mod platform;
mod progress;
mod pull;
mod push;
mod referrers;
mod retry;
mod tag;
mod transport;
mod upload;

use std::num::NonZeroUsize;
use std::sync::Arc;

use endpoint::Endpoint;
use transport::Transport;

use crate::reference::Repository;

pub use blob::Blob;
pub use credentials::{CredentialPlaces, Credentials, CredentialsError};
pub use detail::Detail;
pub use error::{Fault, RegistryError};
pub use options::{Mirror, MirrorError, PARALLELISM, Proxies, RegistryOptions, Timeouts};
pub use payload::{Elsewhere, Source};
pub use platform::{Platform, Promise};
pub use progress::{Event, Placed, Progress};
pub use push::{Push, Pushed, Tally};
pub use referrers::Referrer;
pub use retry::RetryPolicy;
pub use tag::{TagState, tag_state};
pub use upload::Upload;

/// A way to registries. Clones share connections and tokens.
#[derive(Clone)]
pub struct Registry {
    transport: Arc<Transport>,
    mirrors: Arc<[Mirror]>,
    insecure: bool,
    parallelism: NonZeroUsize,
}

impl Registry {
    /// Sets up what requests will need; nothing is sent yet.
    ///
    /// # Errors
    ///
    /// When the file of authorities cannot be used.
    pub fn new(mut options: RegistryOptions) -> Result<Registry, RegistryError> {
        let mirrors = std::mem::take(&mut options.mirrors).into();
        let (insecure, parallelism) = (options.insecure, options.parallelism);
        let transport = Transport::new(options)
            .map_err(|fault| fault.during("prepare for requests to registries"))?;
        Ok(Registry {
            transport: Arc::new(transport),
            mirrors,
            insecure,
            parallelism,
        })
    }

    /// The same without mirrors, for what a mirror spoiled.
    #[must_use]
    pub fn without_mirrors(&self) -> Registry {
        Registry {
            mirrors: Arc::default(),
            ..self.clone()
        }
    }

    /// Whether there is anybody else to ask than the registry itself.
    #[must_use]
    pub fn has_mirrors(&self) -> bool {
        !self.mirrors.is_empty()
    }

    /// How many blobs may be on their way at once.
    #[must_use]
    pub fn parallelism(&self) -> NonZeroUsize {
        self.parallelism
    }

    /// The registry itself.
    fn origin(&self, repository: &Repository) -> Result<Endpoint, Fault> {
        Endpoint::of(repository, self.insecure)
    }

    /// The mirrors, in their order, then the registry itself.
    fn endpoints(&self, repository: &Repository) -> Result<Vec<Endpoint>, Fault> {
        self.mirrors
            .iter()
            .filter_map(|mirror| Endpoint::at_mirror(mirror, repository, self.insecure))
            .chain([self.origin(repository)])
            .collect()
    }
}
