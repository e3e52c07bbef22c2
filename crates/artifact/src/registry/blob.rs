//! One blob, as it comes: from the mirrors or the registry, taken up again where a connection broke.

use bytes::{Buf, Bytes};
use futures::stream::{self, Stream};
use reqwest::header::{CONTENT_RANGE, HeaderValue, RANGE};
use reqwest::{Method, Response, StatusCode};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::Registry;
use super::authorize::Scope;
use super::endpoint::{Endpoint, host_of};
use super::error::{Fault, RegistryError};
use super::pull::tell;
use super::transport::Call;
use crate::descriptor::Descriptor;
use crate::digest::Digest;
use crate::reference::Repository;

/// A blob on its way. Its length is checked, its digest is not: whoever takes the bytes hashes them.
pub struct Blob {
    registry: Registry,
    /// Those still to ask, the next one last; the very first is the registry itself.
    endpoints: Vec<Endpoint>,
    descriptor: Descriptor,
    response: Option<Response>,
    /// How many bytes were given away.
    received: u64,
    /// How many bytes of the answer were given away before.
    to_skip: u64,
    /// How often the registry itself failed.
    failures: u32,
}

impl Registry {
    /// Begins to pull a blob. No request is sent before the first bytes are asked for.
    ///
    /// # Errors
    ///
    /// When the registry's name is no host.
    pub fn blob(
        &self,
        repository: &Repository,
        descriptor: &Descriptor,
    ) -> Result<Blob, RegistryError> {
        let mut endpoints = self
            .endpoints(repository)
            .map_err(|fault| fault.during(task(descriptor)))?;
        endpoints.reverse();
        Ok(Blob {
            registry: self.clone(),
            endpoints,
            descriptor: descriptor.clone(),
            response: None,
            received: 0,
            to_skip: 0,
            failures: 0,
        })
    }

    /// Pulls a blob into a writer and checks its digest. `open` gives a fresh writer for each attempt: where a mirror sent wrong bytes, the
    /// registry itself is asked.
    ///
    /// # Errors
    ///
    /// When no endpoint gives the right bytes, or the writer fails.
    pub async fn blob_to<W: AsyncWrite + Unpin>(
        &self,
        repository: &Repository,
        descriptor: &Descriptor,
        mut open: impl FnMut() -> std::io::Result<W>,
    ) -> Result<W, RegistryError> {
        let during = |fault: Fault| fault.during(task(descriptor));
        let mut writer = open().map_err(|error| during(Fault::Write(error)))?;
        let first = self.blob(repository, descriptor)?.copy(&mut writer).await;
        let spoiled = matches!(
            first,
            Err(Fault::WrongDigest { .. } | Fault::TooLong { .. })
        );
        if !spoiled || self.mirrors.is_empty() {
            return first.map(|()| writer).map_err(during);
        }
        if let Err(fault) = first {
            tracing::warn!("{fault}; asking the registry itself");
        }
        let mut writer = open().map_err(|error| during(Fault::Write(error)))?;
        let mut second = self.without_mirrors().blob(repository, descriptor)?;
        second.copy(&mut writer).await.map_err(during)?;
        Ok(writer)
    }

    /// A blob as bytes in memory, of its digest; its size is the descriptor's, which the caller must have found sensible.
    ///
    /// # Errors
    ///
    /// When no endpoint gives the right bytes.
    pub async fn blob_bytes(
        &self,
        repository: &Repository,
        descriptor: &Descriptor,
    ) -> Result<Vec<u8>, RegistryError> {
        self.blob_to(repository, descriptor, || Ok(Vec::new()))
            .await
    }
}

impl Blob {
    /// The next bytes; `None` after the last, when there were as many as the descriptor says.
    ///
    /// # Errors
    ///
    /// When there are fewer or more, or nobody has them.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, RegistryError> {
        self.next()
            .await
            .map_err(|fault| fault.during(task(&self.descriptor)))
    }

    /// The bytes as a stream that ends with its first error.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, RegistryError>> {
        stream::try_unfold(self, |mut blob| async move {
            let chunk = blob.chunk().await?;
            Ok(chunk.map(|chunk| (chunk, blob)))
        })
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Fault> {
        loop {
            match self.attempt().await {
                Ok(chunk) => return Ok(chunk),
                Err(fault) => self.overcome(fault).await?,
            }
        }
    }

    async fn attempt(&mut self) -> Result<Option<Bytes>, Fault> {
        let mut response = match self.response.take() {
            Some(response) => response,
            // All came, and then the connection broke.
            None if self.received > 0 && self.received == self.descriptor.size => return Ok(None),
            None => self.open().await?,
        };
        let host = host_of(response.url());
        loop {
            let chunk = match self.registry.transport.chunk(&mut response).await {
                Ok(chunk) => chunk,
                // Whether a body ends or breaks off, too few bytes are too few.
                Err(Fault::Connection { .. }) => return Err(self.cut_short(host)),
                Err(fault) => return Err(fault),
            };
            let Some(mut chunk) = chunk else {
                return if self.received == self.descriptor.size {
                    Ok(None)
                } else {
                    Err(self.cut_short(host))
                };
            };
            let known = self.to_skip.min(chunk.len() as u64);
            self.to_skip -= known;
            chunk.advance(usize::try_from(known).expect("at most the length of the chunk"));
            self.received += chunk.len() as u64;
            if self.received > self.descriptor.size {
                return Err(Fault::TooLong {
                    host,
                    expected: self.descriptor.size,
                });
            }
            if !chunk.is_empty() {
                self.response = Some(response);
                return Ok(Some(chunk));
            }
        }
    }

    /// Asks for what is missing. A registry that knows no ranges sends all again, and what was had is skipped.
    async fn open(&mut self) -> Result<Response, Fault> {
        let endpoint = self.endpoints.last().expect("the registry itself stays");
        let url = endpoint.blob(self.descriptor.digest);
        let mut call = Call::new(endpoint, Scope::Pull, Method::GET, url);
        if self.received > 0 {
            let range = HeaderValue::from_str(&format!("bytes={}-", self.received))
                .expect("a number is ASCII");
            call.headers.insert(RANGE, range);
        }
        let response = self.registry.transport.fetch(&call).await?;
        match response.status() {
            StatusCode::PARTIAL_CONTENT if begins_at(&response, self.received) => {
                self.to_skip = 0;
                Ok(response)
            }
            StatusCode::OK => {
                self.to_skip = self.received;
                Ok(response)
            }
            _ => Err(Fault::Malformed {
                host: host_of(response.url()),
                what: "it is not the part of the blob that was asked for",
            }),
        }
    }

    /// Waits, or goes on to the next endpoint; the fault of the registry itself is the last word.
    async fn overcome(&mut self, fault: Fault) -> Result<(), Fault> {
        if self.endpoints.len() > 1 && !matches!(fault, Fault::TooLong { .. }) {
            let mirror = self.endpoints.pop().expect("there are two");
            tell(&mirror.host, &fault);
            return Ok(());
        }
        self.failures += 1;
        self.registry
            .transport
            .pause_after(self.failures, fault)
            .await
    }

    fn cut_short(&self, host: String) -> Fault {
        Fault::CutShort {
            host,
            received: self.received,
            expected: self.descriptor.size,
        }
    }

    /// Copies all bytes into a writer and checks their digest.
    async fn copy(&mut self, writer: &mut (impl AsyncWrite + Unpin)) -> Result<(), Fault> {
        let mut hash = Sha256::new();
        while let Some(chunk) = self.next().await? {
            hash.update(&chunk);
            writer.write_all(&chunk).await.map_err(Fault::Write)?;
        }
        writer.flush().await.map_err(Fault::Write)?;
        let actual = Digest::from_bytes(hash.finalize().into());
        if actual != self.descriptor.digest {
            let endpoint = self.endpoints.last().expect("the registry itself stays");
            return Err(Fault::WrongDigest {
                host: endpoint.host.clone(),
                expected: self.descriptor.digest,
                actual,
            });
        }
        Ok(())
    }
}

fn task(descriptor: &Descriptor) -> String {
    format!("pull the blob `{}`", descriptor.digest)
}

/// Whether a partial answer begins where it should (RFC 9110 section 14.4).
fn begins_at(response: &Response, offset: u64) -> bool {
    response
        .headers()
        .get(CONTENT_RANGE)
        .and_then(|field| field.to_str().ok())
        .is_some_and(|field| field.starts_with(&format!("bytes {offset}-")))
}
