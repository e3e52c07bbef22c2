//! The arguments that say where settings are, and their order of precedence.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use clap::{Arg, Args, Command};
use engine::app::App;

use super::sources::{self, SourceError};
use super::{Setting, SettingError, Settings};
use crate::Failure;

/// Where settings are. From the weakest to the strongest: the manifest, `BART_ENV_*`, `--env-dir`, `--env-file`, `--env`. Within one
/// of these what is for one component is stronger than what is for all, and among equals the later.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Run-time configuration")]
pub struct Configuration {
    /// Set an environment variable of one component, or of all.
    #[arg(
        long = "env",
        short = 'e',
        value_name = "[COMPONENT.]KEY=VALUE",
        value_parser = SettingParser
    )]
    pub settings: Vec<Setting>,
    /// Set those that a file has, one a line in the form of `--env`; lines that begin with `#` are comments.
    #[arg(long = "env-file", value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Set those that a folder has, such as a mounted Secret: each file is named [COMPONENT.]KEY and holds a value.
    #[arg(long = "env-dir", value_name = "DIR")]
    pub folders: Vec<PathBuf>,
}

impl Configuration {
    /// Reads all sources, with `variables` as the environment of this process.
    ///
    /// # Errors
    ///
    /// When one cannot be read, has a mistake, or names a component that the application does not have.
    pub fn read(
        &self,
        app: &App,
        variables: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Settings, Failure> {
        let settings = self.collect(app, variables).map_err(Failure::usage)?;
        settings.check(app)?;
        Ok(settings)
    }

    fn collect(
        &self,
        app: &App,
        variables: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Settings, SourceError> {
        let mut settings = Settings::default();
        settings.add(sources::from_variables(app, variables)?);
        settings.add(all(&self.folders, sources::from_folder)?);
        settings.add(all(&self.files, sources::from_file)?);
        settings.add(self.settings.iter().cloned());
        Ok(settings)
    }

    /// The files and folders that are read, so that a change of them can be noticed.
    #[must_use]
    pub fn inputs(&self) -> Vec<PathBuf> {
        let inside = |folder: &PathBuf| {
            let entries = fs::read_dir(folder).into_iter().flatten().flatten();
            let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
            paths.sort();
            paths
        };
        let files = self.files.iter().chain(&self.folders).cloned();
        files.chain(self.folders.iter().flat_map(inside)).collect()
    }
}

fn all(
    paths: &[PathBuf],
    read: fn(&Path) -> Result<Vec<Setting>, SourceError>,
) -> Result<Vec<Setting>, SourceError> {
    let sources = paths.iter().map(|path| read(path));
    Ok(sources.collect::<Result<Vec<_>, _>>()?.concat())
}

/// Says what is wrong without the text, which may be a secret; the message of clap would quote it.
#[derive(Clone)]
struct SettingParser;

impl TypedValueParser for SettingParser {
    type Value = Setting;

    fn parse_ref(
        &self,
        command: &Command,
        _argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<Setting, clap::Error> {
        let text = value.to_str().ok_or(SettingError::NotUtf8);
        text.and_then(str::parse).map_err(|error| {
            let message = format!("what follows `--env` is no setting: {error}\n");
            clap::Error::raw(ErrorKind::ValueValidation, message).with_cmd(command)
        })
    }
}
