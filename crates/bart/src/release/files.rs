//! The files of a release: what they become, shown as a difference, and written.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, anyhow};
use chrono::NaiveDate;
use tempfile::NamedTempFile;

use super::edits::{self, EditError, Edited};
use super::version::Version;
use crate::publish::git;
use crate::{Failure, log};

/// The chart, relative to the repository's root.
const CHART: &str = "charts/bart/Chart.yaml";
/// What the chart is installed with.
const VALUES: &str = "charts/bart/values.yaml";
const CHANGELOG: &str = "CHANGELOG.md";

/// A file that a release changes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// Relative to the repository's root.
    pub(super) path: String,
    before: String,
    after: String,
}

/// What a release of the site changes: the manifest at that path, and, where there are such files, the chart and the changelog.
pub(super) fn of_site(
    root: &Path,
    manifest: &str,
    version: Version,
    date: NaiveDate,
) -> Result<Vec<Change>, Failure> {
    let text = read(root, manifest)?;
    let edited = edits::manifest(&text, version).map_err(|error| no_place(manifest, error))?;
    must_grow(manifest, &edited, version)?;
    let mut changes = vec![Change::new(manifest, text, edited.text)];
    if root.join(CHART).is_file() {
        changes.push(edit(root, CHART, |text| {
            edits::yaml(text, "appVersion", version)
        })?);
        changes.push(edit(root, VALUES, |text| edits::image_tag(text, version))?);
    }
    if root.join(CHANGELOG).is_file() {
        let text = read(root, CHANGELOG)?;
        if let Some(after) = edits::changelog(&text, version, date) {
            changes.push(Change::new(CHANGELOG, text, after));
        }
    }
    Ok(changes)
}

/// What a release of the chart changes.
pub(super) fn of_chart(root: &Path, version: Version) -> Result<Vec<Change>, Failure> {
    let text = read(root, CHART)?;
    let edited = edits::yaml(&text, "version", version).map_err(|error| no_place(CHART, error))?;
    must_grow(CHART, &edited, version)?;
    Ok(vec![Change::new(CHART, text, edited.text)])
}

impl Change {
    fn new(path: &str, before: String, after: String) -> Change {
        Change {
            path: path.to_owned(),
            before,
            after,
        }
    }

    /// Writes the file, whole or not at all.
    pub(super) fn write(&self, root: &Path) -> Result<(), Failure> {
        let path = root.join(&self.path);
        replace(&path, &self.after)
            .with_context(|| format!("failed to write `{}`", path.display()))?;
        Ok(())
    }
}

/// The difference that changes make, as git shows it.
pub(super) fn difference(changes: &[Change]) -> Result<String, Failure> {
    let folder = tempfile::tempdir().context("failed to make a folder")?;
    for change in changes {
        for (side, text) in [("a", &change.before), ("b", &change.after)] {
            let path = folder.path().join(side).join(&change.path);
            let parent = path.parent().unwrap_or(folder.path());
            fs::create_dir_all(parent)
                .and_then(|()| fs::File::create(&path)?.write_all(text.as_bytes()))
                .with_context(|| format!("failed to write `{}`", path.display()))?;
        }
    }
    let colour = match log::colours_on_stdout() {
        true => "--color=always",
        false => "--color=never",
    };
    let arguments = [
        "diff",
        "--no-index",
        "--no-prefix",
        "--no-ext-diff",
        colour,
        "a",
        "b",
    ];
    let output = git::git(folder.path(), &arguments)
        .output()
        .context("failed to run `git`")?;
    // 1 is that there is a difference.
    if !matches!(output.status.code(), Some(0 | 1)) {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(Failure::failed(anyhow!(
            "`git diff` failed: {}",
            said.trim()
        )));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn edit(
    root: &Path,
    path: &str,
    edit: impl FnOnce(&str) -> Result<Edited, EditError>,
) -> Result<Change, Failure> {
    let text = read(root, path)?;
    let edited = edit(&text).map_err(|error| no_place(path, error))?;
    Ok(Change::new(path, text, edited.text))
}

fn read(root: &Path, path: &str) -> Result<String, Failure> {
    let text = fs::read_to_string(root.join(path));
    text.with_context(|| format!("failed to read `{path}`"))
        .map_err(Failure::usage)
}

fn must_grow(path: &str, edited: &Edited, version: Version) -> Result<(), Failure> {
    let before = &edited.before;
    let grows = version.is_after(before).map_err(|error| {
        let error = anyhow::Error::new(error);
        Failure::usage(error.context(format!("`{before}` in `{path}` is no version")))
            .hint("correct it, such as to `0.1.0`")
    })?;
    if grows {
        return Ok(());
    }
    let error = anyhow!("`{version}` does not come after `{before}`, the version in `{path}`");
    let hint = match version.to_string() == *before {
        true => format!("if it was never released, tag what is committed: `git tag {before}`"),
        false => format!("choose one above `{before}`"),
    };
    Err(Failure::failed(error).hint(hint))
}

fn no_place(path: &str, error: EditError) -> Failure {
    Failure::usage(
        anyhow::Error::new(error).context(format!("`{path}` has no place for a version")),
    )
}

/// The file has its name only when it is whole.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    let permissions = fs::metadata(path)?.permissions();
    file.as_file().set_permissions(permissions)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
