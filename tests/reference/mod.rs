//! The golden answers of `tests/fixtures/reference-site`, and how an answer is compared with them.
//!
//! Any crate's tests can include this file by its path.

mod compare;
pub(crate) mod markup;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

pub(crate) use compare::{Reply, mismatch, mismatch_wanted};

/// One request to the reference, and what it answered.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Record {
    pub(crate) site: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) request_headers: BTreeMap<String, HeaderLines>,
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Option<String>,
    pub(crate) compare: Comparison,
    pub(crate) fix: Option<Fix>,
    #[serde(default)]
    pub(crate) volatile: bool,
}

/// One line or several of a header field.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum HeaderLines {
    One(String),
    Many(Vec<String>),
}

/// Where an answer should differ from the reference.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Fix {
    pub(crate) item: String,
    pub(crate) wanted: String,
}

/// How bodies are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Comparison {
    Dom,
    Xml,
    Json,
    Text,
    Bytes,
    Status,
    None,
}

/// A site and its environment variables.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Run {
    pub(crate) folder: String,
    #[serde(rename = "env")]
    pub(crate) environment: BTreeMap<String, String>,
}

/// What is wanted instead of the reference's answer, said so that it can be checked.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Wanted {
    pub(crate) site: String,
    pub(crate) path: String,
    pub(crate) status: u16,
    /// The body, compared as `compare` says.
    pub(crate) body: Option<String>,
    /// How, if not as the record says.
    pub(crate) compare: Option<Comparison>,
    /// Replacements that make the wanted body out of the recorded one.
    #[serde(default)]
    pub(crate) replace: Vec<[String; 2]>,
    /// Texts that the body has.
    #[serde(default)]
    pub(crate) contains: Vec<String>,
    /// Texts that it has not.
    #[serde(default)]
    pub(crate) lacks: Vec<String>,
    pub(crate) location: Option<String>,
}

/// A known difference, with its reason.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Unsolved {
    pub(crate) site: String,
    pub(crate) path: String,
    pub(crate) reason: String,
}

impl HeaderLines {
    pub(crate) fn last(&self) -> &str {
        match self {
            Self::One(line) => line,
            Self::Many(lines) => lines.last().map_or("", String::as_str),
        }
    }
}

/// The folder of the fixture.
pub(crate) fn folder() -> PathBuf {
    root().join("tests/fixtures/reference-site")
}

pub(crate) fn records() -> Vec<Record> {
    let text = read(&folder().join("expected.jsonl"));
    let lines = text.lines().filter(|line| !line.is_empty());
    lines
        .map(|line| serde_json::from_str(line).expect("a record is JSON of this shape"))
        .collect()
}

pub(crate) fn runs() -> BTreeMap<String, Run> {
    serde_json::from_str(&read(&folder().join("runs.json"))).expect("the runs are JSON")
}

pub(crate) fn wanted() -> Vec<Wanted> {
    #[derive(Deserialize)]
    struct Table {
        wanted: Vec<Wanted>,
    }
    let text = read(&root().join("tests/reference/wanted.toml"));
    toml::from_str::<Table>(&text)
        .expect("wanted.toml is a list of `wanted`")
        .wanted
}

/// The known differences of the crate whose list that is.
pub(crate) fn unsolved(list: &str) -> Vec<Unsolved> {
    #[derive(Deserialize)]
    struct Table {
        #[serde(default)]
        unsolved: Vec<Unsolved>,
    }
    let text = read(&root().join("tests/reference").join(list));
    toml::from_str::<Table>(&text)
        .expect("it is a list of `unsolved`")
        .unsolved
}

fn root() -> PathBuf {
    // At run time, since two checkouts may share one target folder.
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs this")).join("../..")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
