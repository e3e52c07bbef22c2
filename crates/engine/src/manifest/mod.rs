//! Reads an application from its `spin.toml`, version 1 or 2.

mod check;
mod component;
mod draft;
mod error;
mod names;
mod normalise;
mod trigger;
mod v1;
mod v2;
mod values;

use std::fs;
use std::path::Path;

use serde::Deserialize;
use toml::{Spanned, Value};

use crate::app::App;
use draft::Draft;
use error::Problem;

pub use error::{ManifestError, nearest};

/// What tells the versions apart; all other keys are of no interest yet.
#[derive(Deserialize)]
struct Probe {
    spin_manifest_version: Option<Spanned<Value>>,
    spin_version: Option<Spanned<Value>>,
}

/// Reads and checks a manifest. The files that it names are not looked at.
///
/// # Errors
/// The file cannot be read, or the first mistake in it with its line.
pub fn read(path: &Path) -> Result<App, ManifestError> {
    let text = fs::read_to_string(path).map_err(|source| ManifestError::Read {
        path: path.to_owned(),
        source,
    })?;
    parse(path, &text)
}

/// Reads and checks the text of the manifest at `path`, which is not looked at.
///
/// # Errors
/// The first mistake in it with its line.
pub fn parse(path: &Path, text: &str) -> Result<App, ManifestError> {
    let app = draft(text).and_then(|draft| check::check(draft, folder(path)));
    app.map_err(|problem| problem.in_file(path, text))
}

/// The folder that the paths of a manifest are relative to.
pub fn folder(manifest: &Path) -> &Path {
    match manifest.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

fn draft(text: &str) -> Result<Draft, Problem> {
    let probe: Probe = toml::from_str(text)?;
    let Some(version) = probe.spin_manifest_version.or(probe.spin_version) else {
        return Err(Problem::new(0, "missing key `spin_manifest_version`")
            .hint("add `spin_manifest_version = 2`"));
    };
    match version.get_ref() {
        Value::Integer(2) => v2::read(text),
        Value::String(one) if one == "1" => v1::read(text),
        other => Err(Problem::new(
            version.span().start,
            format!("unknown manifest version `{other}`"),
        )
        .hint("it is `2`, or `\"1\"` for old manifests")),
    }
}
