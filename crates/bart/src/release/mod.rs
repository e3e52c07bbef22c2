//! `bart release`: the checklist of a release, done: versions, map, changelog, check, commit and tag, or nothing at all.

mod arguments;
mod edits;
mod files;
mod repository;
mod version;

use std::env;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, anyhow};
use chrono::{DateTime, Utc};

pub use arguments::{Cut, Release, What};
pub use version::{Version, VersionError};

use crate::check::{self, Check};
use crate::settings::Configuration;
use crate::{Failure, clock, log};
use files::Change;
use repository::{Remote, Repository};

/// The map of the repository, where there is one.
const MAP: &str = "tree.txt";
/// What writes it.
const MAP_TASK: [&str; 3] = ["cargo", "xtask", "tree"];
const MANIFEST: &str = "spin.toml";

pub(crate) fn run(arguments: &Release) -> Result<(), Failure> {
    log::start(log::Format::Text, false);
    let now = clock::now()?;
    match &arguments.what {
        What::Site(cut) => release(cut, Kind::Site, now),
        What::Chart(cut) => release(cut, Kind::Chart, now),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Site,
    Chart,
}

impl Kind {
    fn tag(self, version: Version) -> String {
        match self {
            Kind::Site => version.to_string(),
            Kind::Chart => format!("chart-{version}"),
        }
    }
}

fn release(cut: &Cut, kind: Kind, now: DateTime<Utc>) -> Result<(), Failure> {
    let repository = Repository::find(&cut.folder)?;
    let tag = kind.tag(cut.version);
    repository.must_not_have(&tag)?;
    repository.must_be_clean()?;
    let remote = match cut.push {
        true => Some(repository.remote(&tag)?),
        false => None,
    };
    let manifest = manifest(&repository, &cut.folder)?;
    let root = &repository.root;
    let changes = match (kind, &manifest) {
        (Kind::Site, Some(manifest)) => {
            files::of_site(root, manifest, cut.version, now.date_naive())?
        }
        (Kind::Site, None) => return Err(no_site(&cut.folder)),
        (Kind::Chart, _) => files::of_chart(root, cut.version)?,
    };
    if let Some(manifest) = &manifest {
        check(&root.join(manifest), now)?;
    }
    log::print(&files::difference(&changes)?)?;
    if cut.dry_run {
        log::line(&format!("nothing is changed: this would be `{tag}`"));
        return Ok(());
    }
    let plan = Plan {
        repository: &repository,
        changes: &changes,
        tag: &tag,
    };
    plan.carry_out(remote.as_ref())
}

/// A release that is ready to be made.
struct Plan<'a> {
    repository: &'a Repository,
    changes: &'a [Change],
    tag: &'a str,
}

impl Plan<'_> {
    /// Makes the release, or leaves everything as it was.
    fn carry_out(&self, remote: Option<&Remote>) -> Result<(), Failure> {
        let mut files: Vec<&str> = self.changes.iter().map(|it| it.path.as_str()).collect();
        if self.repository.tracks(MAP) {
            files.push(MAP);
        }
        let mut tagged = None;
        let made = self.make(&files, remote, &mut tagged);
        if let Err(failure) = made {
            return Err(match self.repository.undo(&files, tagged) {
                Ok(()) => failure,
                Err(undone) => failure.hint(format!(
                    "what was begun could not be undone ({undone}); `git status` shows it"
                )),
            });
        }
        let commit = self.repository.short_head()?;
        let pushed = match remote {
            Some(_) => "pushed",
            None => "not pushed yet",
        };
        log::line(&format!(
            "released `{}` as commit {commit}, {pushed}",
            self.tag
        ));
        if remote.is_none() {
            let Repository { branch, .. } = self.repository;
            log::line(&format!(
                "push it: git push --atomic origin {branch} {}",
                self.tag
            ));
        }
        Ok(())
    }

    fn make<'a>(
        &'a self,
        files: &[&str],
        remote: Option<&Remote>,
        tagged: &mut Option<&'a str>,
    ) -> Result<(), Failure> {
        let root = &self.repository.root;
        refresh_map(root)?;
        self.changes
            .iter()
            .try_for_each(|change| change.write(root))?;
        let subject = format!("chore(release): {}", self.tag);
        self.repository.commit(files, &subject)?;
        self.repository.tag(self.tag, &subject)?;
        *tagged = Some(self.tag);
        match remote {
            Some(remote) => self.repository.push(remote, self.tag),
            None => Ok(()),
        }
    }
}

/// The manifest of the site, relative to the repository's root: that of the folder, or else that of the root.
fn manifest(repository: &Repository, folder: &Path) -> Result<Option<String>, Failure> {
    let folder = folder
        .canonicalize()
        .with_context(|| format!("failed to read `{}`", folder.display()))?;
    let below = folder
        .strip_prefix(&repository.root)
        .unwrap_or(Path::new(""));
    let candidates: [PathBuf; 2] = [below.join(MANIFEST), MANIFEST.into()];
    let mut candidates = candidates.iter();
    let found = candidates.find(|path| repository.root.join(path).is_file());
    let found = found.map(|path| path.to_str().context("the path of the site is not UTF-8"));
    Ok(found.transpose()?.map(str::to_owned))
}

fn no_site(folder: &Path) -> Failure {
    let error = anyhow!("there is no `{}`", folder.join(MANIFEST).display());
    Failure::usage(error).hint("name the folder of the site behind the version")
}

/// A site with an error is not released. What is wrong with it is printed.
fn check(manifest: &Path, now: DateTime<Utc>) -> Result<(), Failure> {
    let report = check::check(
        &Check {
            site: as_seen_from_here(manifest),
            deny: None,
            allow: Vec::new(),
            json: false,
            configuration: Configuration {
                settings: Vec::new(),
                files: Vec::new(),
                folders: Vec::new(),
            },
        },
        now,
    )?;
    report.print(false)?;
    match report.errors {
        0 => Ok(()),
        _ => Err(Failure::failed(anyhow!(
            "the site is not fit to be released: {}",
            report.summary()
        ))),
    }
}

/// A path as somebody in the working directory would write it.
fn as_seen_from_here(path: &Path) -> PathBuf {
    let here = env::current_dir().and_then(|here| here.canonicalize());
    let below = here.ok().and_then(|here| path.strip_prefix(here).ok());
    below.unwrap_or(path).to_owned()
}

/// Writes the map anew, where the repository has one and the task for it. Who has no Rust leaves it as it is.
fn refresh_map(root: &Path) -> Result<(), Failure> {
    if !root.join(MAP).is_file() || !root.join("xtask").is_dir() {
        return Ok(());
    }
    let [program, arguments @ ..] = MAP_TASK;
    let task = Command::new(program)
        .args(arguments)
        .current_dir(root)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status();
    match task {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(Failure::failed(anyhow!("`{}` failed", MAP_TASK.join(" ")))),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            log::line(&format!(
                "`{MAP}` is left as it is: `{program}` is not installed"
            ));
            Ok(())
        }
        Err(error) => {
            let context = format!("failed to run `{}`", MAP_TASK.join(" "));
            Err(Failure::failed(anyhow!(error).context(context)))
        }
    }
}
