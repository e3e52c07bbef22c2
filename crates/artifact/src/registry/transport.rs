//! One request to a registry and its answer: sent with what the registry wants to see, tried again where that may help.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use reqwest::header::{
    AUTHORIZATION, CONTENT_LENGTH, HeaderMap, HeaderValue, LOCATION, WWW_AUTHENTICATE,
};
use reqwest::{Method, Response, StatusCode, Url};

use super::authorize::{Grant, Grants, Scope};
use super::challenge::Challenge;
use super::classify;
use super::clients::Clients;
use super::endpoint::{Endpoint, host_of};
use super::error::Fault;
use super::options::{RegistryOptions, Timeouts};
use super::payload::Payload;
use super::platform::Platform;
use super::retry::RetryPolicy;

/// The longest chain of redirects.
const REDIRECTS: usize = 5;

/// Sends requests.
pub(super) struct Transport {
    clients: Clients,
    grants: Grants,
    timeouts: Timeouts,
    pub(super) retries: RetryPolicy,
    pub(super) platform: Platform,
}

/// One request.
pub(super) struct Call<'a> {
    pub(super) endpoint: &'a Endpoint,
    pub(super) scope: Scope,
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) payload: Payload,
}

impl<'a> Call<'a> {
    /// A request without headers and body.
    pub(super) fn new(endpoint: &'a Endpoint, scope: Scope, method: Method, url: Url) -> Call<'a> {
        Call {
            endpoint,
            scope,
            method,
            url,
            headers: HeaderMap::new(),
            payload: Payload::Empty,
        }
    }
}

impl Transport {
    pub(super) fn new(options: RegistryOptions) -> Result<Transport, Fault> {
        Ok(Transport {
            clients: Clients::new(&options)?,
            grants: Grants::new(options.credentials),
            timeouts: options.timeouts,
            retries: options.retries,
            platform: options.platform,
        })
    }

    /// Tries until it works, fails for good, or was tried often enough.
    pub(super) async fn retrying<T, F>(&self, mut attempt: impl FnMut() -> F) -> Result<T, Fault>
    where
        F: Future<Output = Result<T, Fault>>,
    {
        let mut failures = 0;
        loop {
            let fault = match attempt().await {
                Ok(done) => return Ok(done),
                Err(fault) => fault,
            };
            failures += 1;
            self.pause_after(failures, fault).await?;
        }
    }

    /// Waits before the next attempt, or gives the fault back where there is none.
    pub(super) async fn pause_after(&self, failures: u32, fault: Fault) -> Result<(), Fault> {
        let pause = if fault.is_passing() {
            self.retries.pause(failures, fault.retry_after())
        } else {
            None
        };
        let Some(pause) = pause else {
            return Err(fault);
        };
        tracing::debug!("{fault}; trying again in {pause:?}");
        (self.platform.pause)(pause).await;
        Ok(())
    }

    /// Sends a request that is for reading, and follows redirects, without credentials.
    pub(super) async fn fetch(&self, call: &Call<'_>) -> Result<Response, Fault> {
        let mut response = self.attempt(call).await?;
        for _ in 0..REDIRECTS {
            if !response.status().is_redirection() {
                return Ok(response);
            }
            let target = location(&response)?;
            call.endpoint.check_target(&target)?;
            response = self.send(call, &target, None).await?;
            response = self.checked(response, None).await?;
        }
        Err(Fault::Malformed {
            host: host_of(&call.url),
            what: "it redirects in a circle",
        })
    }

    /// Sends a request once, and once more where the registry asks for credentials. Every answer from 400 on is a fault.
    pub(super) async fn attempt(&self, call: &Call<'_>) -> Result<Response, Fault> {
        if !call.endpoint.owns(&call.url) {
            // Where the registry wants an upload: another host, which has no right to the credentials.
            call.endpoint.check_target(&call.url)?;
            let response = self.send(call, &call.url, None).await?;
            return self.checked(response, None).await;
        }
        let shown = self.grants.held(call.endpoint, &call.scope).await;
        let response = self.send(call, &call.url, shown.as_ref()).await?;
        if response.status() == StatusCode::UNAUTHORIZED
            && let Some(challenge) = challenge(&response)
        {
            let fresh = self
                .grants
                .renew(self, call.endpoint, &call.scope, &challenge, shown.as_ref())
                .await?;
            if fresh != shown
                && let Some(fresh) = fresh
            {
                call.payload.begins_again();
                let response = self.send(call, &call.url, Some(&fresh)).await?;
                return self.checked(response, fresh.source.as_ref()).await;
            }
        }
        let source = shown.as_ref().and_then(|grant| grant.source.as_ref());
        self.checked(response, source).await
    }

    /// Sends a request to a place for tokens, whose URL was checked: it may see the credential that is from `source`.
    pub(super) async fn ask_realm(
        &self,
        call: &Call<'_>,
        shown: Option<&Grant>,
        source: Option<&String>,
    ) -> Result<Response, Fault> {
        let response = self.send(call, &call.url, shown).await?;
        self.checked(response, source).await
    }

    /// Waits for `work`, as long as something moves: `pulse` is a count of bytes.
    pub(super) async fn patiently<T>(
        &self,
        host: &str,
        pulse: &AtomicU64,
        work: impl Future<Output = T>,
    ) -> Result<T, Fault> {
        let mut work = pin!(work);
        let mut seen = pulse.load(Ordering::Relaxed);
        loop {
            if let Ok(done) = tokio::time::timeout(self.timeouts.silence, &mut work).await {
                return Ok(done);
            }
            let now = pulse.load(Ordering::Relaxed);
            if now == seen {
                return Err(Fault::Silent {
                    host: host.to_owned(),
                    patience: self.timeouts.silence,
                });
            }
            seen = now;
        }
    }

    /// The next bytes of a body.
    pub(super) async fn chunk(
        &self,
        response: &mut Response,
    ) -> Result<Option<bytes::Bytes>, Fault> {
        let host = host_of(response.url());
        let never = AtomicU64::new(0);
        let chunk = self.patiently(&host, &never, response.chunk()).await?;
        chunk.map_err(|error| classify::connection(host, error, self.timeouts))
    }

    /// A whole body, or `None` if it has more than `limit` bytes.
    pub(super) async fn body(
        &self,
        mut response: Response,
        limit: u64,
    ) -> Result<Option<Vec<u8>>, Fault> {
        let expected = response.content_length();
        let mut bytes = Vec::new();
        loop {
            let chunk = match (self.chunk(&mut response).await, expected) {
                (Ok(Some(chunk)), _) => chunk,
                (Ok(None), _) => return Ok(Some(bytes)),
                (Err(Fault::Connection { host, .. }), Some(expected)) => {
                    let received = bytes.len() as u64;
                    return Err(Fault::CutShort {
                        host,
                        received,
                        expected,
                    });
                }
                (Err(fault), _) => return Err(fault),
            };
            if (bytes.len() + chunk.len()) as u64 > limit {
                return Ok(None);
            }
            bytes.extend_from_slice(&chunk);
        }
    }

    async fn send(
        &self,
        call: &Call<'_>,
        url: &Url,
        grant: Option<&Grant>,
    ) -> Result<Response, Fault> {
        let host = host_of(url);
        let pulse = Arc::new(AtomicU64::new(0));
        let mut request = self
            .clients
            .of(url)?
            .request(call.method.clone(), url.clone())
            .headers(call.headers.clone());
        if let Some(grant) = grant {
            request = request.header(AUTHORIZATION, grant.header.clone());
        }
        if !matches!(call.method, Method::GET | Method::HEAD) {
            // A stream has no length of its own, and some registries take no chunks.
            request = request
                .header(CONTENT_LENGTH, HeaderValue::from(call.payload.size()))
                .body(call.payload.open(&pulse).await?);
        }
        tracing::debug!("{} {}{}", call.method, host, url.path());
        self.patiently(&host, &pulse, request.send())
            .await?
            .map_err(|error| classify::connection(host, error, self.timeouts))
    }

    /// An answer below 400, or its fault. `source` is where the credential that was shown is from.
    async fn checked(
        &self,
        response: Response,
        source: Option<&String>,
    ) -> Result<Response, Fault> {
        if response.status().as_u16() < 400 {
            return Ok(response);
        }
        let host = host_of(response.url());
        let now = (self.platform.now)();
        Err(classify::status(host, response, source.cloned(), now, self.timeouts.silence).await)
    }
}

/// Where an answer points, as a whole URL.
pub(super) fn location(response: &Response) -> Result<Url, Fault> {
    response
        .headers()
        .get(LOCATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| response.url().join(text).ok())
        .ok_or_else(|| Fault::Malformed {
            host: host_of(response.url()),
            what: "its `Location` is missing or no URL",
        })
}

fn challenge(response: &Response) -> Option<Challenge> {
    let fields = response.headers().get_all(WWW_AUTHENTICATE);
    Challenge::best(fields.iter().filter_map(|field| field.to_str().ok()))
}
