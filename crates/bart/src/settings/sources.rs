//! Where settings come from besides the command line: files with a line each, folders with a file each, variables of bart itself.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use engine::app::App;
use thiserror::Error;

use super::{Origin, Setting, SettingError};

/// What the names of variables begin with.
const PREFIX: &str = "BART_ENV_";

/// What is between a component and a key in them, which may have neither a dot nor lower case.
const SEPARATOR: &str = "__";

/// Why settings could not be read.
#[derive(Debug, Error)]
pub enum SourceError {
    /// A file or folder.
    #[error("failed to read `{}`", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A setting that is none.
    #[error("{origin}: {problem}")]
    Setting {
        /// Where it is.
        origin: Origin,
        /// What is wrong with it.
        problem: SettingError,
    },
    /// A variable that several components may mean.
    #[error("`{variable}` may be for component `{first}` or `{second}`")]
    Ambiguous {
        /// The variable.
        variable: String,
        /// A component.
        first: String,
        /// Another one.
        second: String,
    },
}

/// Reads lines of `[COMPONENT.]KEY=VALUE`. White space around names and values does not count, nor does a pair of single or double
/// quotes around a value; what is between them is taken as it is. Empty lines and those that begin with `#` are left out.
pub(super) fn from_file(path: &Path) -> Result<Vec<Setting>, SourceError> {
    let bytes = read(path)?;
    let mut settings = Vec::new();
    for (line, number) in bytes.split(|byte| *byte == b'\n').zip(1..) {
        let origin = Origin::Line {
            path: path.to_owned(),
            line: number,
        };
        let text = str::from_utf8(line).map_err(|_| SettingError::NotUtf8);
        match text.and_then(|text| from_line(text, origin.clone())) {
            Ok(setting) => settings.extend(setting),
            Err(problem) => return Err(SourceError::Setting { origin, problem }),
        }
    }
    Ok(settings)
}

/// Reads the files of a folder, such as a mounted Secret or ConfigMap. A name is `KEY` or `COMPONENT.KEY`, a content the value, without one
/// newline at its end. Names that begin with a dot are left out: Kubernetes keeps the versions of a volume there.
pub(super) fn from_folder(folder: &Path) -> Result<Vec<Setting>, SourceError> {
    let failed = |source| SourceError::Read {
        path: folder.to_owned(),
        source,
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if !entry.file_name().as_encoded_bytes().starts_with(b".") {
            paths.push(entry.path());
        }
    }
    // So that one folder always means the same.
    paths.sort();
    paths.into_iter().map(|path| from_own_file(&path)).collect()
}

/// Reads `BART_ENV_KEY` and `BART_ENV_COMPONENT__KEY`. The component is its id in any case, with `-` and `_` alike; where there is no such
/// component all of it is the key.
pub(super) fn from_variables(
    app: &App,
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Vec<Setting>, SourceError> {
    let mut settings = Vec::new();
    for (variable, value) in variables {
        let Some(name) = variable.to_str().and_then(|name| name.strip_prefix(PREFIX)) else {
            continue;
        };
        let (component, key) = split(app, name)?;
        let origin = Origin::Variable(format!("{PREFIX}{name}"));
        let value = value.to_str().ok_or(SettingError::NotUtf8);
        let setting =
            value.and_then(|value| Setting::checked(component, key, value, origin.clone()));
        settings.push(setting.map_err(|problem| SourceError::Setting { origin, problem })?);
    }
    Ok(settings)
}

fn from_line(line: &str, origin: Origin) -> Result<Option<Setting>, SettingError> {
    let line = line.trim_start_matches('\u{feff}').trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let (name, value) = line.split_once('=').ok_or(SettingError::NoValue)?;
    let value = unquoted(value.trim_start())?;
    Setting::new(name.trim_end(), value, origin).map(Some)
}

fn unquoted(value: &str) -> Result<&str, SettingError> {
    match value.chars().next() {
        Some(quote @ ('"' | '\'')) => value[1..].strip_suffix(quote).ok_or(SettingError::Quote),
        _ => Ok(value),
    }
}

fn from_own_file(path: &Path) -> Result<Setting, SourceError> {
    let content = read(path)?;
    let name = path.file_name().and_then(|name| name.to_str());
    let value = str::from_utf8(&content);
    let setting = match (name, value) {
        (Some(name), Ok(value)) => {
            let value = value.strip_suffix('\n').unwrap_or(value);
            Setting::new(name, value, Origin::File(path.to_owned()))
        }
        _ => Err(SettingError::NotUtf8),
    };
    setting.map_err(|problem| SourceError::Setting {
        origin: Origin::File(path.to_owned()),
        problem,
    })
}

fn read(path: &Path) -> Result<Vec<u8>, SourceError> {
    fs::read(path).map_err(|source| SourceError::Read {
        path: path.to_owned(),
        source,
    })
}

/// The component and the key of a name, at the last separator before which there is a component.
fn split<'a>(app: &'a App, name: &'a str) -> Result<(Option<&'a str>, &'a str), SourceError> {
    for (at, _) in name.rmatch_indices(SEPARATOR) {
        let (before, key) = (&name[..at], &name[at + SEPARATOR.len()..]);
        let ids = app.components.iter().map(|component| component.id.as_str());
        let mut meant = ids.filter(|id| is_alike(id, before));
        match (meant.next(), meant.next()) {
            (None, _) => {}
            (Some(id), None) => return Ok((Some(id), key)),
            (Some(first), Some(second)) => {
                return Err(SourceError::Ambiguous {
                    variable: format!("{PREFIX}{name}"),
                    first: first.to_owned(),
                    second: second.to_owned(),
                });
            }
        }
    }
    Ok((None, name))
}

fn is_alike(id: &str, name: &str) -> bool {
    let plain = |byte: u8| match byte {
        b'-' => b'_',
        byte => byte.to_ascii_lowercase(),
    };
    id.bytes().map(plain).eq(name.bytes().map(plain))
}
