//! Blobs and manifests sent to a registry (distribution-spec, "Push").

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Method, Response, StatusCode, Url};

use super::Registry;
use super::authorize::Scope;
use super::detail::Detail;
use super::endpoint::{Endpoint, host_of};
use super::error::{Fault, RegistryError};
use super::payload::{Payload, Source, Watch};
use super::progress::{Event, Placed, Progress};
use super::pull::announced;
use super::transport::{Call, location};
use crate::descriptor::Descriptor;
use crate::digest::Digest;
use crate::reference::{Reference, Repository, Target};
use crate::release::Layer;

/// A blob to be sent.
#[derive(Clone, Debug)]
pub struct Upload {
    /// Its digest and size.
    pub descriptor: Descriptor,
    /// Where its bytes are.
    pub source: Source,
}

impl From<&Layer> for Upload {
    fn from(layer: &Layer) -> Upload {
        Upload {
            descriptor: layer.descriptor.clone(),
            source: Source::from(layer),
        }
    }
}

/// What a registry answers to the beginning of an upload.
enum Begun {
    /// It took the blob from another repository.
    Mounted,
    /// It takes the bytes here.
    Session(Url),
}

impl Registry {
    /// Whether a repository has a blob.
    ///
    /// # Errors
    ///
    /// When the registry cannot be asked.
    pub async fn exists(
        &self,
        repository: &Repository,
        digest: Digest,
    ) -> Result<bool, RegistryError> {
        let asked = async {
            let endpoint = self.origin(repository)?;
            self.exists_at(&endpoint, digest).await
        };
        asked.await.map_err(|fault| {
            fault.during(format!("look for the blob `{digest}` in `{repository}`"))
        })
    }

    /// Sends a blob, whether the repository has it or not.
    ///
    /// # Errors
    ///
    /// When the registry does not take it, or its source cannot be read.
    pub async fn upload(
        &self,
        repository: &Repository,
        upload: &Upload,
        progress: &Progress,
    ) -> Result<(), RegistryError> {
        let sent = async {
            let endpoint = self.origin(repository)?;
            self.upload_at(&endpoint, upload, progress, None)
                .await
                .map(drop)
        };
        sent.await
            .map_err(|fault| fault.during(task(repository, upload)))
    }

    /// Asks the registry to take a blob from another of its repositories, and says whether it did.
    ///
    /// # Errors
    ///
    /// When the registry cannot be asked.
    pub async fn mount(
        &self,
        repository: &Repository,
        digest: Digest,
        from: &str,
    ) -> Result<bool, RegistryError> {
        let mounted = async {
            let endpoint = self.origin(repository)?;
            self.mount_at(&endpoint, digest, from).await
        };
        mounted.await.map_err(|fault: Fault| {
            fault.during(format!("mount the blob `{digest}` from `{from}`"))
        })
    }

    /// Puts a manifest under a tag or its digest, and reads back what the tag then points at: registries overwrite without a word.
    ///
    /// # Errors
    ///
    /// When the registry does not take it, or somebody else pushed to the tag meanwhile.
    pub async fn put_manifest(
        &self,
        reference: &Reference,
        media_type: &str,
        bytes: &Bytes,
    ) -> Result<Digest, RegistryError> {
        let put = async {
            let endpoint = self.origin(&reference.repository)?;
            self.put_manifest_at(&endpoint, &reference.target, media_type, bytes)
                .await
        };
        put.await
            .map_err(|fault| fault.during(format!("push the manifest of `{reference}`")))
    }

    pub(super) async fn mount_at(
        &self,
        endpoint: &Endpoint,
        digest: Digest,
        from: &str,
    ) -> Result<bool, Fault> {
        let begun = self
            .transport
            .retrying(|| self.begin(endpoint, Some((digest, from))))
            .await?;
        let Begun::Session(session) = begun else {
            return Ok(true);
        };
        let call = Call::new(endpoint, Scope::Push, Method::DELETE, session);
        // Only tidier: registries end such sessions by themselves.
        let _ = self.transport.attempt(&call).await;
        Ok(false)
    }

    pub(super) async fn exists_at(
        &self,
        endpoint: &Endpoint,
        digest: Digest,
    ) -> Result<bool, Fault> {
        let call = Call::new(endpoint, Scope::Push, Method::HEAD, endpoint.blob(digest));
        // A redirect says where the blob is, so that it is.
        match self
            .transport
            .retrying(|| self.transport.attempt(&call))
            .await
        {
            Ok(_) => Ok(true),
            Err(Fault::NotFound { .. }) => Ok(false),
            Err(fault) => Err(fault),
        }
    }

    /// Sends a blob, or has it mounted from the repository `from`. An upload that fails begins again.
    pub(super) async fn upload_at(
        &self,
        endpoint: &Endpoint,
        upload: &Upload,
        progress: &Progress,
        from: Option<&str>,
    ) -> Result<Placed, Fault> {
        let mut failures = 0;
        loop {
            let fault = match self.upload_once(endpoint, upload, progress, from).await {
                Ok(placed) => return Ok(placed),
                Err(fault) => fault,
            };
            failures += 1;
            self.transport.pause_after(failures, fault).await?;
            progress.tell(Event::BlobRestarted(upload.descriptor.digest));
        }
    }

    async fn upload_once(
        &self,
        endpoint: &Endpoint,
        upload: &Upload,
        progress: &Progress,
        from: Option<&str>,
    ) -> Result<Placed, Fault> {
        let digest = upload.descriptor.digest;
        let begun = self
            .begin(endpoint, from.map(|from| (digest, from)))
            .await?;
        let Begun::Session(mut session) = begun else {
            return Ok(Placed::Mounted);
        };
        session
            .query_pairs_mut()
            .append_pair("digest", &digest.to_string());
        let mut call = Call::new(endpoint, Scope::Push, Method::PUT, session);
        let kind = HeaderValue::from_static("application/octet-stream");
        call.headers.insert(CONTENT_TYPE, kind);
        call.payload = Payload::Blob {
            source: upload.source.clone(),
            size: upload.descriptor.size,
            watch: Watch {
                digest,
                progress: progress.clone(),
            },
        };
        let response = self.transport.attempt(&call).await?;
        expect_status(&response, &[StatusCode::CREATED])?;
        expect_digest(&response, digest)?;
        Ok(Placed::Uploaded)
    }

    /// Opens an upload session, or has a blob mounted.
    async fn begin(
        &self,
        endpoint: &Endpoint,
        mount: Option<(Digest, &str)>,
    ) -> Result<Begun, Fault> {
        let (url, scope) = match mount {
            Some((digest, from)) => (endpoint.mount(digest, from), Scope::Mount(from.to_owned())),
            None => (endpoint.uploads(), Scope::Push),
        };
        let call = Call::new(endpoint, scope, Method::POST, url);
        let response = self.transport.attempt(&call).await?;
        if mount.is_some() && response.status() == StatusCode::CREATED {
            return Ok(Begun::Mounted);
        }
        expect_status(&response, &[StatusCode::ACCEPTED])?;
        Ok(Begun::Session(location(&response)?))
    }

    pub(super) async fn put_manifest_at(
        &self,
        endpoint: &Endpoint,
        target: &Target,
        media_type: &str,
        bytes: &Bytes,
    ) -> Result<Digest, Fault> {
        let ours = Digest::of(bytes);
        let kind = HeaderValue::from_str(media_type).expect("media types are ASCII");
        let mut call = Call::new(
            endpoint,
            Scope::Push,
            Method::PUT,
            endpoint.manifest(target),
        );
        call.headers.insert(CONTENT_TYPE, kind);
        call.payload = Payload::Bytes(bytes.clone());
        let response = self
            .transport
            .retrying(|| self.transport.attempt(&call))
            .await?;
        expect_status(&response, &[StatusCode::CREATED, StatusCode::OK])?;
        expect_digest(&response, ours)?;
        if let Target::Tag(_) = target {
            let theirs = self
                .transport
                .retrying(|| self.resolve_at(endpoint.clone(), target))
                .await?;
            if theirs != ours {
                return Err(Fault::TagMoved { ours, theirs });
            }
        }
        Ok(ours)
    }
}

pub(super) fn task(repository: &Repository, upload: &Upload) -> String {
    format!(
        "push the blob `{}` to `{repository}`",
        upload.descriptor.digest
    )
}

fn expect_status(response: &Response, wanted: &[StatusCode]) -> Result<(), Fault> {
    if wanted.contains(&response.status()) {
        return Ok(());
    }
    Err(Fault::Status {
        host: host_of(response.url()),
        status: response.status().as_u16(),
        detail: Detail::default(),
    })
}

/// What the registry says that it stored.
fn expect_digest(response: &Response, expected: Digest) -> Result<(), Fault> {
    match announced(response)? {
        Some(actual) if actual != expected => Err(Fault::WrongDigest {
            host: host_of(response.url()),
            expected,
            actual,
        }),
        _ => Ok(()),
    }
}
