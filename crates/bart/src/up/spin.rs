//! Hands a site to a real Spin.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow};
use engine::app::{App, Source};
use engine::manifest;
use engine::substitution::{self, Bundled};
use toml::{Table, Value};

use super::Up;
use super::prepare::Site;
use super::trees::Trees;
use crate::settings::Settings;
use crate::{Failure, bundled};

/// Does not return when all goes well: `spin` takes the place of this process, so that signals reach it.
pub(super) fn hand_over(manifest: &Path, arguments: &Up) -> Failure {
    let Some(spin) = find_spin() else {
        return Failure::failed(anyhow!("there is no `spin` on PATH"))
            .hint("install Spin, or leave out `--engine spin` and `--original`");
    };
    match derive(manifest, arguments) {
        Err(failure) => failure,
        Ok(derived) => {
            let mut command = Command::new(&spin);
            command.args(["up", "--from"]).arg(&derived);
            command.args(["--listen", &arguments.listen.to_string()]);
            if arguments.quiet {
                command.arg("--quiet");
            }
            let error = command.exec();
            Failure::failed(anyhow!(error).context(format!("failed to start `{}`", spin.display())))
        }
    }
}

fn find_spin() -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join("spin"))
        .find(|spin| spin.is_file())
}

/// A manifest for Spin, in a folder of links to what is beside the original, so that the user's own folder stays as it is. The settings are
/// in it, and unless `--original` is given the bundled components in place of those that bart replaces.
fn derive(manifest: &Path, arguments: &Up) -> Result<PathBuf, Failure> {
    let site = Site::read(manifest)?;
    let settings = arguments.configuration.read(site.app(), env::vars_os())?;
    if arguments.original && settings.is_empty() {
        return Ok(manifest.to_path_buf());
    }
    let folder = Trees::make()?.hand_over()?;
    let derived = write(manifest, site.app(), arguments.original, &settings, &folder)?;
    Ok(derived)
}

fn write(
    manifest: &Path,
    app: &App,
    original: bool,
    settings: &Settings,
    folder: &Path,
) -> Result<PathBuf> {
    let text = fs::read_to_string(manifest)
        .with_context(|| format!("failed to read `{}`", manifest.display()))?;
    let mut table: Table = text.parse().context("failed to read the manifest again")?;
    let sources = if original {
        BTreeMap::new()
    } else {
        bundled_sources(app, folder)?
    };
    for component in &app.components {
        let entry = component_entry(&mut table, &component.id)
            .with_context(|| format!("component `{}` is not where it was", component.id))?;
        if let Source::File(path) = &component.source
            && let Ok(absolute) = path.canonicalize()
        {
            // It may lead out of the folder, which the derived manifest is not in.
            entry.insert(
                "source".to_owned(),
                Value::String(absolute.display().to_string()),
            );
        }
        if let Some(source) = sources.get(component.id.as_str()) {
            entry.insert(
                "source".to_owned(),
                Value::String(source.display().to_string()),
            );
            // It would build what is not used.
            entry.remove("build");
        }
        let environment = settings.environment(component);
        let environment = environment
            .into_iter()
            .map(|(key, value)| (key, Value::String(value)));
        entry.insert(
            "environment".to_owned(),
            Value::Table(environment.collect()),
        );
    }
    link_siblings(manifest, folder)?;
    let derived = folder.join("spin.toml");
    #[expect(
        clippy::disallowed_methods,
        reason = "in a new folder that nothing else reads"
    )]
    fs::write(&derived, table.to_string()).context("failed to write a manifest for Spin")?;
    Ok(derived)
}

/// The bundled components that take the place of others, written to files.
fn bundled_sources<'app>(app: &'app App, folder: &Path) -> Result<BTreeMap<&'app str, PathBuf>> {
    let mut sources = BTreeMap::new();
    for component in &app.components {
        let Some(substitution) = substitution::recognise(&component.source) else {
            continue;
        };
        sources.insert(
            component.id.as_str(),
            bundled_file(substitution.bundled, folder)?,
        );
    }
    Ok(sources)
}

fn bundled_file(component: Bundled, folder: &Path) -> Result<PathBuf> {
    let path = folder.join(format!(".bart-{component}.wasm"));
    if !path.exists() {
        #[expect(
            clippy::disallowed_methods,
            reason = "in a new folder that nothing else reads"
        )]
        fs::write(&path, bundled::wasm(component))
            .with_context(|| format!("failed to write `{}`", path.display()))?;
    }
    Ok(path)
}

/// `[component.ID]` of version 2, or the `[[component]]` with that `id` of version 1.
fn component_entry<'a>(manifest: &'a mut Table, id: &str) -> Option<&'a mut Table> {
    match manifest.get_mut("component")? {
        Value::Array(components) => components
            .iter_mut()
            .filter_map(Value::as_table_mut)
            .find(|component| component.get("id").and_then(Value::as_str) == Some(id)),
        components => components.get_mut(id)?.as_table_mut(),
    }
}

fn link_siblings(manifest: &Path, folder: &Path) -> Result<()> {
    let root = manifest::folder(manifest)
        .canonicalize()
        .context("failed to find the site's folder")?;
    for entry in
        fs::read_dir(&root).with_context(|| format!("failed to read `{}`", root.display()))?
    {
        let entry = entry.with_context(|| format!("failed to read `{}`", root.display()))?;
        if Some(entry.file_name().as_os_str()) != manifest.file_name()
            && entry.file_name() != "spin.toml"
        {
            symlink(entry.path(), folder.join(entry.file_name()))
                .context("failed to link to the site's files")?;
        }
    }
    Ok(())
}
