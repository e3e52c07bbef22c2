//! Notes on a manifest: what the artifact is, from the manifest of the site, and where it is from, from git.

use std::collections::BTreeMap;
use std::str::FromStr;

use anyhow::anyhow;
use artifact::annotation;
use chrono::{DateTime, SecondsFormat};
use engine::app::App;

use super::git::Commit;
use super::wording::Wording;
use crate::Failure;
use crate::clock::source_date;

/// A note that the user gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// What it says something about.
    pub key: String,
    /// What it says.
    pub value: String,
}

impl FromStr for Annotation {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Annotation, anyhow::Error> {
        match text.split_once('=') {
            Some((key, value)) if !key.is_empty() => Ok(Annotation {
                key: key.to_owned(),
                value: value.to_owned(),
            }),
            _ => Err(anyhow!("it is not of the form `KEY=VALUE`")),
        }
    }
}

/// The notes on a site. What the user gives counts most; an empty value leaves a note out. No clock is read.
pub(super) fn annotations(
    app: &App,
    wording: &Wording,
    commit: Option<&Commit>,
    given: &[Annotation],
) -> Result<BTreeMap<String, String>, Failure> {
    let authors = app.authors.join(", ");
    let created = created(commit)?;
    let known = [
        (annotation::TITLE, Some(app.name.as_str())),
        (annotation::DESCRIPTION, Some(app.description.as_str())),
        (annotation::VERSION, app.version.as_deref()),
        (annotation::AUTHORS, Some(authors.as_str())),
        (annotation::LICENSES, wording.licenses()),
        (annotation::CREATED, created.as_deref()),
        (annotation::REVISION, commit.map(|it| it.revision.as_str())),
        (
            annotation::SOURCE,
            commit.and_then(|it| it.source.as_deref()),
        ),
    ];
    let known = known
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?.to_owned())));
    let given = given
        .iter()
        .map(|annotation| (annotation.key.clone(), annotation.value.clone()));
    let mut annotations: BTreeMap<String, String> = known.chain(given).collect();
    annotations.retain(|_, value| !value.is_empty());
    Ok(annotations)
}

fn created(commit: Option<&Commit>) -> Result<Option<String>, Failure> {
    let seconds = source_date()?.or_else(|| commit.map(|commit| commit.time));
    let time = seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    Ok(time.map(|time| time.to_rfc3339_opts(SecondsFormat::Secs, true)))
}
