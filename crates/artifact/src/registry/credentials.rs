//! Who bart is to a registry: credentials, where they are looked for, and in which order.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::credential_helper;
use super::docker_config::{DockerConfig, Found};

/// The user's name at the registry.
pub const USERNAME: &str = "BART_REGISTRY_USERNAME";
/// The password or access token.
pub const PASSWORD: &str = "BART_REGISTRY_PASSWORD";
/// The host that these two are for; without it, any registry that is named on the command line, but no mirror.
pub const HOST: &str = "BART_REGISTRY_HOST";
/// A file in the form of docker's `config.json`, such as a mounted `.dockerconfigjson`, or the folder it is mounted in.
pub const CONFIG: &str = "BART_REGISTRY_CONFIG";

/// A text that no message shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("(secret)")
    }
}

/// What a registry may be shown, and where it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// What to show.
    pub login: Login,
    /// Where it is from, for messages.
    pub source: String,
}

/// A way to log in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Login {
    /// A name and a password.
    Password {
        /// The name.
        username: String,
        /// The password.
        password: Secret,
    },
    /// A token that buys tokens (OAuth 2.0's refresh token).
    Identity(Secret),
    /// A token that the registry itself takes.
    Bearer(Secret),
}

/// Where credentials are looked for. The environment is a value here: nothing below reads it.
#[derive(Clone, Debug)]
pub struct CredentialPlaces {
    /// A name and a password given directly, and the only host they are for, if that was said.
    pub given: Option<(String, Secret, Option<String>)>,
    /// A file that must be there.
    pub file: Option<PathBuf>,
    /// Files that may be there, the first one with an entry counts.
    pub files: Vec<PathBuf>,
    /// Where credential helpers are looked for, in the form of `PATH`.
    pub path: Option<OsString>,
}

/// Why credentials cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// A file cannot be read.
    #[error("failed to read credentials from `{path}`")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file does not have docker's form. The reason has its place in the file only, since the text may be a secret.
    #[error(
        "failed to read credentials from `{path}`: line {line}, column {column} is not in the form of docker's `config.json`"
    )]
    Parse {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column.
        column: usize,
    },
    /// An entry is not the base64 of a name and a password.
    #[error("the entry {entry} is not the base64 of `name:password`")]
    Entry {
        /// The file and the entry.
        entry: String,
    },
    /// A credential helper failed.
    #[error("the credential helper `{helper}` failed: {reason}")]
    Helper {
        /// The program.
        helper: String,
        /// Why, in the helper's words where it gave some.
        reason: String,
    },
}

impl CredentialPlaces {
    /// The usual places (docker's `config.json`, podman's `auth.json`, `BART_*`), by what `variable` says of the environment. `file` is a
    /// place from a flag, before `BART_REGISTRY_CONFIG`.
    pub fn from_environment(
        variable: impl Fn(&str) -> Option<OsString>,
        file: Option<PathBuf>,
    ) -> CredentialPlaces {
        let text = |name: &str| variable(name).and_then(|value| value.into_string().ok());
        let place = |name: &str| {
            variable(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        let given = match (text(USERNAME), text(PASSWORD)) {
            (Some(username), Some(password)) if !username.is_empty() => {
                let host = text(HOST).filter(|host| !host.is_empty());
                Some((username, Secret(password), host))
            }
            _ => None,
        };
        let docker =
            place("DOCKER_CONFIG").or_else(|| place("HOME").map(|home| home.join(".docker")));
        let files = [
            place("REGISTRY_AUTH_FILE"),
            docker.map(|folder| folder.join("config.json")),
            place("XDG_RUNTIME_DIR").map(|folder| folder.join("containers/auth.json")),
        ];
        CredentialPlaces {
            given,
            file: file.or_else(|| place(CONFIG)),
            files: files.into_iter().flatten().collect(),
            path: variable("PATH"),
        }
    }

    /// No place.
    #[must_use]
    pub fn none() -> CredentialPlaces {
        CredentialPlaces {
            given: None,
            file: None,
            files: Vec::new(),
            path: None,
        }
    }
}

/// All credentials that bart has, read once.
#[derive(Debug)]
pub struct Credentials {
    given: Option<(Credential, Option<String>)>,
    configs: Vec<DockerConfig>,
    path: Option<OsString>,
}

impl Credentials {
    /// Reads what is in these places.
    ///
    /// # Errors
    ///
    /// When a file that must be there is not, or when one that is there is not in docker's form.
    pub fn read(places: CredentialPlaces) -> Result<Credentials, CredentialsError> {
        let mut configs = Vec::new();
        if let Some(file) = &places.file {
            configs.push(DockerConfig::read(&mounted(file))?);
        }
        for file in &places.files {
            match DockerConfig::read(file) {
                Ok(config) => configs.push(config),
                // Nobody asked for this file: without it bart is anonymous, and a 401 says so.
                Err(CredentialsError::Read { .. }) => {
                    tracing::debug!("no credentials in `{}`", file.display());
                }
                Err(error) => return Err(error),
            }
        }
        let given = places.given.map(|(username, password, host)| {
            let credential = Credential {
                login: Login::Password { username, password },
                source: format!("the one in `{USERNAME}` and `{PASSWORD}`"),
            };
            (credential, host)
        });
        Ok(Credentials {
            given,
            configs,
            path: places.path,
        })
    }

    /// The credential for a repository of `host`. `named` says whether the user named the host, which is not so for mirrors.
    ///
    /// # Errors
    ///
    /// When an entry is there but cannot be used.
    pub async fn find(
        &self,
        host: &str,
        repository: &str,
        named: bool,
    ) -> Result<Option<Credential>, CredentialsError> {
        if let Some((credential, only)) = &self.given
            && only.as_deref().map_or(named, |only| only == host)
        {
            return Ok(Some(credential.clone()));
        }
        for config in &self.configs {
            match config.find(host, repository)? {
                Found::Credential(credential) => return Ok(Some(credential)),
                Found::Helper(name) => {
                    if let Some(login) =
                        credential_helper::get(&name, host, self.path.as_deref()).await?
                    {
                        let source = format!(
                            "the one that `{}` has for `{host}`",
                            credential_helper::program(&name)
                        );
                        return Ok(Some(Credential { login, source }));
                    }
                }
                Found::Nothing => {}
            }
        }
        Ok(None)
    }
}

/// The file itself, where a Secret is mounted as a folder.
fn mounted(file: &Path) -> PathBuf {
    if !file.is_dir() {
        return file.to_path_buf();
    }
    let kubernetes = file.join(".dockerconfigjson");
    if kubernetes.exists() {
        kubernetes
    } else {
        file.join("config.json")
    }
}
