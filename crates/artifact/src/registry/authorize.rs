//! What a registry is shown after it answered 401: a password, or a token that is bought with it (distribution's "token authentication").

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Method, Url};
use serde::Deserialize;
use tokio::sync::Mutex as AsyncMutex;

use super::challenge::Challenge;
use super::credentials::{Credential, Credentials, Login, Secret};
use super::endpoint::{Endpoint, host_of};
use super::error::Fault;
use super::payload::Payload;
use super::transport::{Call, Transport};

/// The most that a place for tokens may answer, in bytes.
const LONGEST_TOKEN: u64 = 1 << 20;

/// What a request wants to do in its repository.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Scope {
    Pull,
    Push,
    /// Push, and pull from another repository.
    Mount(String),
}

/// What is shown, and where it is from.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Grant {
    pub(super) header: HeaderValue,
    pub(super) source: Option<String>,
}

/// What was shown to which registry, so that it need not ask again.
pub(super) struct Grants {
    credentials: Credentials,
    held: Mutex<HashMap<(String, String, Scope), Slot>>,
}

/// One grant; whoever renews it holds the lock, and the others wait for the result.
type Slot = Arc<AsyncMutex<Option<Grant>>>;

impl Grants {
    pub(super) fn new(credentials: Credentials) -> Grants {
        Grants {
            credentials,
            held: Mutex::default(),
        }
    }

    /// What this registry took, or was last shown, for this purpose.
    pub(super) async fn held(&self, endpoint: &Endpoint, scope: &Scope) -> Option<Grant> {
        self.slot(endpoint, scope).lock().await.clone()
    }

    /// Something else than `refused`, if there is anything.
    pub(super) async fn renew(
        &self,
        transport: &Transport,
        endpoint: &Endpoint,
        scope: &Scope,
        challenge: &Challenge,
        refused: Option<&Grant>,
    ) -> Result<Option<Grant>, Fault> {
        let slot = self.slot(endpoint, scope);
        let mut held = slot.lock().await;
        if held.as_ref() != refused {
            return Ok(held.clone());
        }
        let credential = self
            .credentials
            .find(&endpoint.host, &endpoint.name, endpoint.named)
            .await?;
        let fresh = match challenge {
            Challenge::Basic => credential.as_ref().and_then(direct),
            Challenge::Bearer { realm, service } => match &credential {
                Some(Credential {
                    login: Login::Bearer(_),
                    ..
                }) => credential.as_ref().and_then(direct),
                _ => {
                    let realm = realm.parse().map_err(|_| Fault::Malformed {
                        host: endpoint.host.clone(),
                        what: "the place where it wants tokens from is no URL",
                    })?;
                    let scopes = scope.texts(&endpoint.name);
                    let asked = Asked {
                        endpoint,
                        realm,
                        service: service.as_deref(),
                        scopes,
                    };
                    Some(asked.buy(transport, credential).await?)
                }
            },
        };
        held.clone_from(&fresh);
        Ok(fresh)
    }

    fn slot(&self, endpoint: &Endpoint, scope: &Scope) -> Slot {
        let key = (endpoint.host.clone(), endpoint.name.clone(), scope.clone());
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(held.entry(key).or_default())
    }
}

impl Scope {
    /// As registries write them.
    fn texts(&self, name: &str) -> Vec<String> {
        match self {
            Scope::Pull => vec![format!("repository:{name}:pull")],
            Scope::Push => vec![format!("repository:{name}:pull,push")],
            Scope::Mount(from) => vec![
                format!("repository:{name}:pull,push"),
                format!("repository:{from}:pull"),
            ],
        }
    }
}

/// What a credential is on its own.
fn direct(credential: &Credential) -> Option<Grant> {
    let header = match &credential.login {
        Login::Password { username, password } => basic(username, password),
        Login::Bearer(token) => bearer(token.reveal()),
        // Only a place for tokens takes these.
        Login::Identity(_) => None,
    };
    Some(Grant {
        header: header?,
        source: Some(credential.source.clone()),
    })
}

fn basic(username: &str, password: &Secret) -> Option<HeaderValue> {
    let pair = STANDARD.encode(format!("{username}:{}", password.reveal()));
    sensitive(&format!("Basic {pair}"))
}

fn bearer(token: &str) -> Option<HeaderValue> {
    sensitive(&format!("Bearer {token}"))
}

fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// A token that a registry asks for.
struct Asked<'a> {
    endpoint: &'a Endpoint,
    realm: Url,
    service: Option<&'a str>,
    scopes: Vec<String>,
}

#[derive(Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

impl Asked<'_> {
    /// Buys it: with an identity token by the OAuth 2.0 form, otherwise by the older one, without a credential as anybody.
    async fn buy(
        self,
        transport: &Transport,
        credential: Option<Credential>,
    ) -> Result<Grant, Fault> {
        self.endpoint.check_realm(&self.realm)?;
        let source = credential
            .as_ref()
            .map(|credential| credential.source.clone());
        let (call, shown) = match credential {
            Some(Credential {
                login: Login::Identity(token),
                ..
            }) => (self.form(&token), None),
            credential => (self.query(), credential.as_ref().and_then(direct)),
        };
        let response = transport
            .ask_realm(&call, shown.as_ref(), source.as_ref())
            .await?;
        let malformed = || Fault::Malformed {
            host: host_of(&call.url),
            what: "it should be a token",
        };
        let body = transport.body(response, LONGEST_TOKEN).await?;
        let token: Token = body
            .and_then(|body| serde_json::from_slice(&body).ok())
            .ok_or_else(malformed)?;
        let token = token.token.or(token.access_token).ok_or_else(malformed)?;
        let header = bearer(&token).ok_or_else(malformed)?;
        Ok(Grant { header, source })
    }

    fn query(&self) -> Call<'_> {
        let mut url = self.realm.clone();
        {
            let mut query = url.query_pairs_mut();
            if let Some(service) = self.service {
                query.append_pair("service", service);
            }
            for scope in &self.scopes {
                query.append_pair("scope", scope);
            }
        }
        Call::new(self.endpoint, Scope::Pull, Method::GET, url)
    }

    fn form(&self, identity: &Secret) -> Call<'_> {
        // A URL's query is written as a form is (URL Standard, "application/x-www-form-urlencoded").
        let mut form = self.realm.clone();
        form.set_query(None);
        form.query_pairs_mut()
            .append_pair("grant_type", "refresh_token")
            .append_pair("service", self.service.unwrap_or_default())
            .append_pair("scope", &self.scopes.join(" "))
            .append_pair("client_id", "bart")
            .append_pair("refresh_token", identity.reveal());
        let body = Bytes::from(form.query().unwrap_or_default().to_owned());
        let mut call = Call::new(self.endpoint, Scope::Pull, Method::POST, self.realm.clone());
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        call.headers.insert(CONTENT_TYPE, kind);
        call.payload = Payload::Bytes(body);
        call
    }
}
