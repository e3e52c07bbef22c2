//! A Spin application as a value, whatever it was read from.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use artifact::Digest;

use crate::variables::Template;

/// An application: what answers which requests, and with what.
///
/// It is checked: every trigger names a component that exists, every template uses variables that are declared.
#[derive(Clone, Debug)]
pub struct App {
    /// The name, not necessarily unique.
    pub name: String,
    /// The version, when the author gave one; any text.
    pub version: Option<String>,
    /// What it is, in the author's words; may be empty.
    pub description: String,
    /// `name <address>` of each author.
    pub authors: Vec<String>,
    /// What all routes are below: `/` unless the manifest sets the `base` of its HTTP trigger.
    pub base_path: String,
    /// The application's variables by name.
    pub variables: BTreeMap<String, Variable>,
    /// What answers which requests, in the order of the manifest.
    pub triggers: Vec<Trigger>,
    /// The components, in the order of the manifest.
    pub components: Vec<Component>,
    /// What the application asks for and bart does not do.
    pub unsupported: Vec<Unsupported>,
}

/// A variable of the application.
#[derive(Clone)]
pub struct Variable {
    /// What it is for, in the author's words.
    pub description: Option<String>,
    /// The value when the environment gives none. Without it the variable is required.
    pub default: Option<String>,
    /// Whether values are kept out of everything that is printed.
    pub secret: bool,
}

/// Sends the requests of one route to what answers them.
#[derive(Clone, Debug)]
pub struct Trigger {
    /// The name, given or generated, unique unless the author repeats one.
    pub id: String,
    /// Which requests.
    pub route: Route,
    /// What answers.
    pub target: Target,
}

/// Which requests a trigger answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// Those whose path matches a pattern, such as `/docs/...` or `/users/:id`.
    Path(String),
    /// Only those that the application sends itself, to `http://<component>.spin.internal`.
    Private,
}

/// What answers the requests of a trigger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The component of this id.
    Component(String),
    /// Always the same answer, without a component.
    StaticResponse(StaticResponse),
}

/// An answer that is part of the manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaticResponse {
    /// The status, 200 unless given.
    pub status: http::StatusCode,
    /// The header fields.
    pub headers: http::HeaderMap,
    /// The body, empty unless given.
    pub body: String,
}

/// A Wasm component and what it may use.
#[derive(Clone, Debug)]
pub struct Component {
    /// The name, unique in the application.
    pub id: String,
    /// What it is, in the author's words; may be empty.
    pub description: String,
    /// Where its Wasm comes from.
    pub source: Source,
    /// The files it sees. Of two entries that place the same path the later wins.
    pub files: Vec<FileEntry>,
    /// Patterns of files, relative to the manifest's folder, that it never sees.
    pub exclude_files: Vec<String>,
    /// Its environment variables.
    pub environment: BTreeMap<String, String>,
    /// Its variables by name, made from those of the application.
    pub variables: BTreeMap<String, Template>,
    /// Where it may send requests; nowhere when empty. See [`AllowedHosts`](crate::outbound_hosts::AllowedHosts).
    pub allowed_outbound_hosts: Vec<Template>,
    /// Labels of the key-value stores it may use.
    pub key_value_stores: Vec<String>,
    /// Labels of the SQLite databases it may use.
    pub sqlite_databases: Vec<String>,
    /// Names of the AI models it may use.
    pub ai_models: Vec<String>,
    /// How its Wasm is built, when the manifest says so.
    pub build: Option<Build>,
}

/// Where a component's Wasm comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A file. A relative path is relative to the working directory: the manifest's folder is already part of it.
    File(PathBuf),
    /// A download.
    Url {
        /// The address.
        url: String,
        /// `sha256:` and the 64 lower-case hexadecimal digits of the file.
        digest: String,
    },
    /// A blob of the artifact that the application is from.
    Blob {
        /// Its digest.
        digest: Digest,
    },
    /// A package of a Wasm registry.
    Registry {
        /// The registry's host name; the user's default registry when absent.
        registry: Option<String>,
        /// `namespace:name`.
        package: String,
        /// The exact version.
        version: String,
    },
}

/// One entry of a component's `files`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileEntry {
    /// A file, a folder or a pattern relative to the manifest's folder. What it matches keeps that path in the guest.
    Pattern(String),
    /// A file or a folder that gets a path of its own in the guest.
    Placement {
        /// The path relative to the manifest's folder.
        source: String,
        /// The path in the guest, such as `/` or `/assets`.
        destination: String,
    },
}

/// How a component's Wasm is built. bart does not build it, but can say how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// Shell commands, one after the other.
    pub commands: Vec<String>,
    /// Where they run, relative to the manifest's folder, when not in it.
    pub workdir: Option<PathBuf>,
    /// Patterns of the sources, relative to `workdir`.
    pub watch: Vec<String>,
}

/// Something that the application asks for and bart does not do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsupported {
    /// What cannot run.
    pub subject: Subject,
    /// Why, as half a sentence that follows the subject.
    pub reason: String,
}

/// What an [`Unsupported`] is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A trigger of a kind that bart does not listen to. It is not among [`App::triggers`].
    Trigger {
        /// `redis`, `mqtt`, ...
        kind: String,
        /// The trigger's name.
        id: String,
    },
    /// The component of this id. It does not hold when the component is replaced by a bundled one
    /// (see [`substitution`](crate::substitution)).
    Component(String),
}

impl App {
    /// The component of this id.
    pub fn component(&self, id: &str) -> Option<&Component> {
        self.components.iter().find(|component| component.id == id)
    }

    /// Why bart cannot run the component of this id: what the manifest shows, without a look at its Wasm.
    pub fn unsupported_in_component<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a str> {
        self.unsupported
            .iter()
            .filter_map(move |unsupported| match &unsupported.subject {
                Subject::Component(component) if component == id => {
                    Some(unsupported.reason.as_str())
                }
                _ => None,
            })
    }
}

impl fmt::Debug for Variable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let default = match &self.default {
            Some(_) if self.secret => Some("<secret>"),
            other => other.as_deref(),
        };
        formatter
            .debug_struct("Variable")
            .field("description", &self.description)
            .field("default", &default)
            .field("secret", &self.secret)
            .finish()
    }
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(formatter, "{}", path.display()),
            Self::Url { url, .. } => formatter.write_str(url),
            Self::Blob { digest } => write!(formatter, "{digest}"),
            Self::Registry {
                package, version, ..
            } => write!(formatter, "{package}@{version}"),
        }
    }
}

impl fmt::Display for FileEntry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pattern(pattern) => formatter.write_str(pattern),
            Self::Placement {
                source,
                destination,
            } => write!(formatter, "{source} -> {destination}"),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trigger { kind, id } => write!(formatter, "{kind} trigger `{id}`"),
            Self::Component(id) => write!(formatter, "component `{id}`"),
        }
    }
}

impl fmt::Display for Unsupported {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.subject, self.reason)
    }
}
