//! The HTTP clients: one with TLS and one without, each made when it is needed: a start from the cache needs none, and the first reads the
//! system's certificates.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Certificate, Client, ClientBuilder, Url, redirect};

use super::classify::NoAddress;
use super::error::Fault;
use super::options::{Proxies, RegistryOptions, Timeouts};
use super::platform::Platform;

/// The clients.
pub(super) struct Clients {
    plain: OnceLock<Client>,
    secure: OnceLock<Client>,
    authorities: Vec<Certificate>,
    timeouts: Timeouts,
    proxies: Proxies,
    platform: Platform,
}

impl Clients {
    pub(super) fn new(options: &RegistryOptions) -> Result<Clients, Fault> {
        let authorities = match &options.ca_file {
            Some(file) => certificates(file)?,
            None => Vec::new(),
        };
        Ok(Clients {
            plain: OnceLock::new(),
            secure: OnceLock::new(),
            authorities,
            timeouts: options.timeouts,
            proxies: options.proxies,
            platform: options.platform.clone(),
        })
    }

    /// The client for a URL.
    pub(super) fn of(&self, url: &Url) -> Result<&Client, Fault> {
        let is_plain = url.scheme() == "http";
        let made = if is_plain { &self.plain } else { &self.secure };
        if let Some(client) = made.get() {
            return Ok(client);
        }
        // Another part of the process may have chosen one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = if is_plain {
            self.plain()?
        } else {
            self.secure()?
        };
        // Two requests at once may make two; one stays.
        Ok(made.get_or_init(|| client))
    }

    /// No certificates: a machine that has none can still reach a registry without TLS. And no proxy: such a registry is near.
    fn plain(&self) -> Result<Client, Fault> {
        let plain = builder(self.timeouts, &self.platform)
            .tls_certs_only([])
            .no_proxy();
        plain.build().map_err(Fault::Client)
    }

    fn secure(&self) -> Result<Client, Fault> {
        let mut secure = builder(self.timeouts, &self.platform).https_only(true);
        if !self.authorities.is_empty() {
            secure = secure.tls_certs_merge(self.authorities.iter().cloned());
        }
        if self.proxies == Proxies::Direct {
            secure = secure.no_proxy();
        }
        secure.build().map_err(Fault::Client)
    }
}

/// Redirects are followed by us, without credentials.
fn builder(timeouts: Timeouts, platform: &Platform) -> ClientBuilder {
    Client::builder()
        .user_agent(concat!("bart/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(timeouts.connect)
        .redirect(redirect::Policy::none())
        .referer(false)
        .dns_resolver(Arc::new(Resolver(platform.clone())))
}

fn certificates(file: &Path) -> Result<Vec<Certificate>, Fault> {
    let read = |source| Fault::Read {
        path: file.to_path_buf(),
        source,
    };
    let text = std::fs::read(file).map_err(read)?;
    let certificates = Certificate::from_pem_bundle(&text).map_err(Fault::Client)?;
    if certificates.is_empty() {
        return Err(Fault::NoCertificate {
            path: file.to_path_buf(),
        });
    }
    Ok(certificates)
}

/// Addresses from the platform, with an error that can be told from others.
struct Resolver(Platform);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        let addresses = (self.0.look_up)(host.clone());
        Box::pin(async move {
            match addresses.await {
                Ok(found) if !found.is_empty() => {
                    let found: Addrs = Box::new(found.into_iter());
                    Ok(found)
                }
                _ => Err(NoAddress { host }.into()),
            }
        })
    }
}
