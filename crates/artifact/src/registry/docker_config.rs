//! docker's `config.json`, which podman's `auth.json` and Kubernetes' `.dockerconfigjson` share.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::credentials::{Credential, CredentialsError, Login, Secret};

/// What Docker Hub is called in references, in credentials, and by its servers.
const HUB: [&str; 3] = ["docker.io", "index.docker.io", "registry-1.docker.io"];

/// The credentials of one file.
pub(super) struct DockerConfig {
    path: PathBuf,
    document: Document,
}

/// What a file says of a registry.
pub(super) enum Found {
    Credential(Credential),
    /// Ask `docker-credential-NAME`.
    Helper(String),
    Nothing,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    #[serde(default)]
    auths: BTreeMap<String, Entry>,
    #[serde(default)]
    cred_helpers: BTreeMap<String, String>,
    #[serde(default)]
    creds_store: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Entry {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
    registrytoken: Option<String>,
}

impl DockerConfig {
    pub(super) fn read(path: &Path) -> Result<DockerConfig, CredentialsError> {
        let text = std::fs::read(path).map_err(|source| CredentialsError::Read {
            path: path.to_path_buf(),
            source,
        })?;
        let document = serde_json::from_slice(&text).map_err(|error| CredentialsError::Parse {
            path: path.to_path_buf(),
            line: error.line(),
            column: error.column(),
        })?;
        Ok(DockerConfig {
            path: path.to_path_buf(),
            document,
        })
    }

    /// What is known of a repository of a host: by docker's rules the helper of the host, then an entry, then the helper of all hosts.
    pub(super) fn find(&self, host: &str, repository: &str) -> Result<Found, CredentialsError> {
        let helper = self
            .document
            .cred_helpers
            .iter()
            .find(|(key, _)| score(key, host, "").is_some());
        if let Some((_, name)) = helper {
            return Ok(Found::Helper(name.clone()));
        }
        let entry = self
            .document
            .auths
            .iter()
            .filter_map(|(key, entry)| Some((score(key, host, repository)?, key, entry)))
            .max_by_key(|(score, ..)| *score);
        if let Some((_, key, entry)) = entry {
            let source = format!("`{}`, entry `{key}`", self.path.display());
            if let Some(login) = entry.login(&source)? {
                return Ok(Found::Credential(Credential { login, source }));
            }
        }
        Ok(match &self.document.creds_store {
            Some(name) => Found::Helper(name.clone()),
            None => Found::Nothing,
        })
    }
}

impl Entry {
    fn login(&self, source: &str) -> Result<Option<Login>, CredentialsError> {
        let filled = |field: &Option<String>| field.clone().filter(|text| !text.is_empty());
        if let Some(token) = filled(&self.identitytoken) {
            return Ok(Some(Login::Identity(Secret::new(token))));
        }
        if let Some(token) = filled(&self.registrytoken) {
            return Ok(Some(Login::Bearer(Secret::new(token))));
        }
        if let (Some(username), Some(password)) = (filled(&self.username), filled(&self.password)) {
            let password = Secret::new(password);
            return Ok(Some(Login::Password { username, password }));
        }
        match filled(&self.auth) {
            Some(auth) => decode(&auth)
                .map(Some)
                .ok_or_else(|| CredentialsError::Entry {
                    entry: source.to_owned(),
                }),
            None => Ok(None),
        }
    }
}

/// The name and the password of an `auth` field.
fn decode(auth: &str) -> Option<Login> {
    let text = String::from_utf8(STANDARD.decode(auth.trim()).ok()?).ok()?;
    let (username, password) = text.split_once(':')?;
    Some(Login::Password {
        username: username.to_owned(),
        // docker once padded passwords with NUL.
        password: Secret::new(password.trim_end_matches('\0')),
    })
}

/// How well a key fits a repository: the longer its path, the better (containers-auth.json(5)); `None` if it does not. Keys with a scheme are
/// docker's old ones: their path is the version of an API.
fn score(key: &str, host: &str, repository: &str) -> Option<usize> {
    let (key_host, path) = match key.split_once("://") {
        Some((_, rest)) => (rest.split('/').next().unwrap_or(rest), ""),
        None => key.split_once('/').unwrap_or((key, "")),
    };
    let path = match path.trim_end_matches('/') {
        "v1" | "v2" => "",
        path => path,
    };
    let same_host =
        key_host.eq_ignore_ascii_case(host) || (HUB.contains(&key_host) && HUB.contains(&host));
    let inside = path.is_empty()
        || repository == path
        || repository
            .strip_prefix(path)
            .is_some_and(|rest| rest.starts_with('/'));
    (same_host && inside).then_some(path.len())
}

/// Only the names of the hosts.
impl fmt::Debug for DockerConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("DockerConfig")
            .field("path", &self.path)
            .field("hosts", &self.document.auths.keys())
            .finish_non_exhaustive()
    }
}
