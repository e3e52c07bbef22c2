//! What refers to a manifest: signatures, SBOMs and the like (distribution-spec, "Listing Referrers").

use reqwest::header::LINK;
use reqwest::{Method, Response, Url};
use serde::Deserialize;

use super::Registry;
use super::authorize::Scope;
use super::endpoint::{Endpoint, host_of};
use super::error::{Fault, RegistryError};
use super::pull::LARGEST_MANIFEST;
use super::transport::Call;
use crate::descriptor::Descriptor;
use crate::digest::Digest;
use crate::reference::{Repository, Target};

/// The most pages of a list that are read.
const PAGES: usize = 32;

/// A manifest that refers to another.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Referrer {
    /// The manifest.
    #[serde(flatten)]
    pub descriptor: Descriptor,
    /// What it is.
    pub artifact_type: Option<String>,
}

#[derive(Deserialize)]
struct Index {
    manifests: Vec<Referrer>,
}

impl Registry {
    /// What refers to a manifest, from the registry itself. Registries without the API keep the list under the tag `sha256-HEX`.
    ///
    /// # Errors
    ///
    /// When the registry cannot be asked or its answer is no list.
    pub async fn referrers(
        &self,
        repository: &Repository,
        digest: Digest,
    ) -> Result<Vec<Referrer>, RegistryError> {
        self.list_referrers(repository, digest)
            .await
            .map_err(|fault| fault.during(format!("list what refers to `{repository}@{digest}`")))
    }

    async fn list_referrers(
        &self,
        repository: &Repository,
        digest: Digest,
    ) -> Result<Vec<Referrer>, Fault> {
        let endpoint = self.origin(repository)?;
        let mut next = Some(endpoint.referrers(digest));
        let mut all = Vec::new();
        for _ in 0..PAGES {
            let Some(url) = next.take() else {
                return Ok(all);
            };
            let page = self
                .transport
                .retrying(|| self.page(&endpoint, url.clone()))
                .await;
            match page {
                Ok((referrers, following)) => {
                    all.extend(referrers);
                    next = following;
                }
                Err(Fault::NotFound { .. }) if all.is_empty() => {
                    return self.fallback(endpoint, digest).await;
                }
                Err(fault) => return Err(fault),
            }
        }
        Err(malformed(&endpoint.host))
    }

    async fn page(
        &self,
        endpoint: &Endpoint,
        url: Url,
    ) -> Result<(Vec<Referrer>, Option<Url>), Fault> {
        let call = Call::new(endpoint, Scope::Pull, Method::GET, url);
        let response = self.transport.fetch(&call).await?;
        let host = host_of(response.url());
        let next = following(&response).filter(|url| endpoint.owns(url));
        let body = self.transport.body(response, LARGEST_MANIFEST).await?;
        let index: Index = body
            .and_then(|body| serde_json::from_slice(&body).ok())
            .ok_or_else(|| malformed(&host))?;
        Ok((index.manifests, next))
    }

    /// The referrers tag schema (distribution-spec, "Unavailable Referrers API").
    async fn fallback(&self, endpoint: Endpoint, digest: Digest) -> Result<Vec<Referrer>, Fault> {
        let tag = Target::Tag(format!("sha256-{}", digest.hex()));
        let host = endpoint.host.clone();
        let manifest = self
            .transport
            .retrying(|| self.manifest_at(endpoint.clone(), &tag, Scope::Pull))
            .await;
        match manifest {
            Ok((_, bytes)) => {
                let index: Index = serde_json::from_slice(&bytes).map_err(|_| malformed(&host))?;
                Ok(index.manifests)
            }
            Err(Fault::NotFound { .. }) => Ok(Vec::new()),
            Err(fault) => Err(fault),
        }
    }
}

/// The next page (RFC 8288), if there is one.
fn following(response: &Response) -> Option<Url> {
    let field = response.headers().get(LINK)?.to_str().ok()?;
    let (target, parameters) = field.trim().strip_prefix('<')?.split_once('>')?;
    let is_next = parameters.contains("rel=\"next\"") || parameters.contains("rel=next");
    is_next.then(|| response.url().join(target).ok()).flatten()
}

fn malformed(host: &str) -> Fault {
    Fault::Malformed {
        host: host.to_owned(),
        what: "it should be a list of referrers",
    }
}
