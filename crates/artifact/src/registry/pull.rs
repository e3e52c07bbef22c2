//! Manifests, and what tags point at: from the mirrors, in their order, or from the registry.

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Response};

use super::Registry;
use super::authorize::Scope;
use super::endpoint::{Endpoint, host_of};
use super::error::{Fault, RegistryError};
use super::transport::Call;
use crate::digest::Digest;
use crate::reference::{Reference, Repository, Target};

/// The largest manifest that registries must take (distribution-spec, "Pushing Manifests"), in bytes.
pub(super) const LARGEST_MANIFEST: u64 = 4 << 20;

/// The manifests that bart can be given.
const MANIFESTS: HeaderValue = HeaderValue::from_static(
    "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, \
     application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.list.v2+json",
);

const DOCKER_CONTENT_DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");

impl Registry {
    /// The digest of the manifest that a reference names. One without a tag needs no request.
    ///
    /// # Errors
    ///
    /// The fault of the registry itself, when no mirror had an answer.
    pub async fn resolve(&self, reference: &Reference) -> Result<Digest, RegistryError> {
        if let Target::Digest(digest) = reference.target {
            return Ok(digest);
        }
        self.first_answer(&reference.repository, |endpoint| {
            self.resolve_at(endpoint, &reference.target)
        })
        .await
        .map_err(|fault| fault.during(format!("resolve `{reference}`")))
    }

    /// A manifest and its digest, which was checked against its bytes, the reference and what the registry says.
    ///
    /// # Errors
    ///
    /// The fault of the registry itself, when no mirror had an answer.
    pub async fn manifest(
        &self,
        reference: &Reference,
    ) -> Result<(Digest, Vec<u8>), RegistryError> {
        self.first_answer(&reference.repository, |endpoint| {
            self.manifest_at(endpoint, &reference.target, Scope::Pull)
        })
        .await
        .map_err(|fault| fault.during(format!("pull the manifest of `{reference}`")))
    }

    /// What the first of the endpoints gives. Mirrors are asked once, the registry patiently.
    pub(super) async fn first_answer<T, F>(
        &self,
        repository: &Repository,
        ask: impl Fn(Endpoint) -> F,
    ) -> Result<T, Fault>
    where
        F: Future<Output = Result<T, Fault>>,
    {
        let mut endpoints = self.endpoints(repository)?;
        let origin = endpoints.pop().expect("the registry itself is the last");
        for mirror in endpoints {
            let host = mirror.host.clone();
            match ask(mirror).await {
                Ok(answer) => return Ok(answer),
                Err(fault) => tell(&host, &fault),
            }
        }
        self.transport.retrying(|| ask(origin.clone())).await
    }

    pub(super) async fn resolve_at(
        &self,
        endpoint: Endpoint,
        target: &Target,
    ) -> Result<Digest, Fault> {
        let call = manifest_call(&endpoint, target, Method::HEAD, Scope::Pull);
        match self.transport.fetch(&call).await {
            Ok(response) => {
                refuse_page(&response)?;
                if let Some(digest) = announced(&response)? {
                    return Ok(digest);
                }
            }
            // Some registries have no HEAD for manifests.
            Err(Fault::Status { .. }) => {}
            Err(fault) => return Err(fault),
        }
        let (digest, _) = self.manifest_at(endpoint, target, Scope::Pull).await?;
        Ok(digest)
    }

    pub(super) async fn manifest_at(
        &self,
        endpoint: Endpoint,
        target: &Target,
        scope: Scope,
    ) -> Result<(Digest, Vec<u8>), Fault> {
        let call = manifest_call(&endpoint, target, Method::GET, scope);
        let response = self.transport.fetch(&call).await?;
        refuse_page(&response)?;
        let host = host_of(response.url());
        let announced = announced(&response)?;
        let bytes = self.transport.body(response, LARGEST_MANIFEST).await?;
        let bytes = bytes.ok_or(Fault::ManifestTooLarge {
            limit: LARGEST_MANIFEST,
        })?;
        let actual = Digest::of(&bytes);
        let wanted = match target {
            Target::Digest(digest) => Some(*digest),
            Target::Tag(_) => announced,
        };
        match wanted {
            Some(expected) if expected != actual => Err(Fault::WrongDigest {
                host,
                expected,
                actual,
            }),
            _ => Ok((actual, bytes)),
        }
    }
}

/// A mirror that has no answer is not worth more than a line.
pub(super) fn tell(mirror: &str, fault: &Fault) {
    if matches!(fault, Fault::NotFound { .. }) {
        tracing::debug!("the mirror `{mirror}` does not have it");
    } else {
        tracing::warn!("the mirror `{mirror}` is of no use: {fault}");
    }
}

fn manifest_call<'a>(
    endpoint: &'a Endpoint,
    target: &Target,
    method: Method,
    scope: Scope,
) -> Call<'a> {
    let url = endpoint.manifest(target);
    let headers = HeaderMap::from_iter([(ACCEPT, MANIFESTS)]);
    Call {
        headers,
        ..Call::new(endpoint, scope, method, url)
    }
}

/// Login pages and the like come with status 200.
fn refuse_page(response: &Response) -> Result<(), Fault> {
    let is_page = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if is_page {
        return Err(Fault::NotARegistry {
            host: host_of(response.url()),
        });
    }
    Ok(())
}

/// The digest that the registry names.
pub(super) fn announced(response: &Response) -> Result<Option<Digest>, Fault> {
    let Some(field) = response.headers().get(DOCKER_CONTENT_DIGEST) else {
        return Ok(None);
    };
    let digest = field.to_str().ok().and_then(|text| text.parse().ok());
    digest.map(Some).ok_or_else(|| Fault::Malformed {
        host: host_of(response.url()),
        what: "its `Docker-Content-Digest` is no digest",
    })
}
