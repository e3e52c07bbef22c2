//! From a manifest to a release: files mounted, variables resolved, components compiled.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use std::{env, fs};

use engine::app::{App, Component, Source, Subject};
use engine::mounts::{Fingerprint, Mount, MountError, Plan};
use engine::outbound_hosts::AllowedHosts;
use engine::substitution::Bundled;
use engine::variables::Variables;
use engine::{Code, Parts, Release, manifest};

use super::indexes::Indexes;
use super::modules::Modules;
use super::trees::Trees;
use crate::Failure;
use crate::settings::Settings;

/// A site as its manifest describes it.
#[derive(Debug)]
pub struct Site {
    app: App,
    manifest: PathBuf,
}

/// A site that is ready to be served.
pub struct Prepared {
    /// The release. It owns the trees of its files.
    pub release: Release,
    /// What runs in place of what the manifest names, a line each.
    pub notices: Vec<String>,
    /// What cannot run here or looks like a mistake, a line each.
    pub warnings: Vec<Warning>,
}

/// Lengths and times of the manifest, the modules and other inputs, and the fingerprints of the files that components see.
#[derive(Debug, PartialEq, Eq)]
pub struct Stamp {
    inputs: Vec<Option<(u64, SystemTime)>>,
    files: Vec<Fingerprint>,
}

/// Something that does not stop the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// A component or trigger that cannot run here.
    Unsupported(String),
    /// Anything else.
    Remark(String),
}

impl Site {
    /// Reads a manifest.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or has a mistake.
    pub fn read(manifest: &Path) -> Result<Site, Failure> {
        let app = manifest::read(manifest).map_err(|error| {
            let hint = error.hint().map(str::to_owned);
            Failure::usage(error).hint_if_any(hint)
        })?;
        Ok(Site {
            app,
            manifest: manifest.to_path_buf(),
        })
    }

    /// The application.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Makes the site ready to be served.
    ///
    /// # Errors
    ///
    /// When files are missing or cannot be mounted, a variable has no value, or a setting names no component.
    pub fn prepare(
        &self,
        modules: &mut Modules,
        indexes: &mut Indexes,
        settings: &Settings,
    ) -> Result<Prepared, Failure> {
        settings.check(&self.app)?;
        let variables = self.variables()?;
        let trees = Trees::make()?;
        let mut replaced: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        let mut warnings = self.unsupported_triggers();
        let mut parts = BTreeMap::new();
        for (index, component) in self.app.components.iter().enumerate() {
            let found = modules.find(component)?;
            let id = &component.id;
            if let Some(substitution) = found.substitution {
                replaced
                    .entry(substitution.to_string())
                    .or_default()
                    .push(id);
            }
            let module = match self.app.unsupported_in_component(id).next() {
                Some(reason) if found.bundled.is_none() => Err(reason.to_owned()),
                _ => found.module,
            };
            if let Err(reason) = &module {
                warnings.push(Warning::Unsupported(format!(
                    "component `{id}` {reason}; its routes answer 501"
                )));
            }
            let plan = self.plan(component, found.bundled, indexes)?;
            let tree = trees.of_component(index);
            let files = mount(component, &plan, tree, &mut warnings)?;
            parts.insert(
                id.clone(),
                Parts {
                    code: Code::ready(module),
                    environment: settings.environment(component),
                    variables: variables
                        .expand_all(&component.variables)
                        .map_err(variable_failure)?,
                    allowed_hosts: allowed_hosts(component, &variables)?,
                    files,
                    is_bundled: found.bundled.is_some(),
                },
            );
        }
        let release = Release::new(modules.wasm(), &self.app, parts, Box::new(trees))
            .map_err(Failure::usage)?;
        warnings.extend(release.unreachable().map(Warning::Remark));
        let notices = replaced
            .iter()
            .map(|(what, ids)| format!("{}: {what}", list(ids)))
            .collect();
        Ok(Prepared {
            release,
            notices,
            warnings,
        })
    }

    /// What the site and `inputs` are made of at this moment. When it changes, the site must be prepared again.
    ///
    /// # Errors
    ///
    /// When the files cannot be listed.
    pub fn stamp(&self, inputs: &[PathBuf]) -> Result<Stamp, MountError> {
        let components = &self.app.components;
        let sources = components
            .iter()
            .filter_map(|component| match &component.source {
                Source::File(path) => Some(path.as_path()),
                Source::Url { .. } | Source::Blob { .. } | Source::Registry { .. } => None,
            });
        Ok(Stamp {
            inputs: std::iter::once(self.manifest.as_path())
                .chain(sources)
                .chain(inputs.iter().map(PathBuf::as_path))
                .map(|path| {
                    let metadata = fs::metadata(path).ok()?;
                    Some((metadata.len(), metadata.modified().ok()?))
                })
                .collect(),
            files: components
                .iter()
                .map(|component| self.files_of(component).fingerprint())
                .collect::<Result<_, _>>()?,
        })
    }

    /// The manifest's file.
    pub(crate) fn manifest(&self) -> &Path {
        &self.manifest
    }

    /// The site as its manifest describes it now.
    pub(super) fn read_again(&self) -> Result<Site, Failure> {
        Site::read(&self.manifest)
    }

    fn files_of<'a>(&'a self, component: &'a Component) -> Mount<'a> {
        Mount {
            files: &component.files,
            exclude: &component.exclude_files,
            root: manifest::folder(&self.manifest),
        }
    }

    /// The values of the application's variables, from the environment and the manifest.
    pub(crate) fn variables(&self) -> Result<Variables, Failure> {
        let environment: BTreeMap<String, String> = env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Variables::resolve(&self.app.variables, &environment).map_err(variable_failure)
    }

    fn unsupported_triggers(&self) -> Vec<Warning> {
        let triggers = self.app.unsupported.iter();
        triggers
            .filter(|unsupported| matches!(unsupported.subject, Subject::Trigger { .. }))
            .map(|unsupported| Warning::Unsupported(format!("{unsupported}; it is left out")))
            .collect()
    }

    /// The files of a component. If it is one of bart's own, with what bart adds to them.
    pub(crate) fn plan(
        &self,
        component: &Component,
        bundled: Option<Bundled>,
        indexes: &mut Indexes,
    ) -> Result<Plan, Failure> {
        let plan = self.files_of(component).plan();
        let mut plan = plan.map_err(|error| mount_failure(component, error))?;
        if let Some(bundled) = bundled.filter(|_| !component.files.is_empty()) {
            indexes.add(bundled, &mut plan);
        }
        Ok(plan)
    }
}

fn mount(
    component: &Component,
    plan: &Plan,
    tree: PathBuf,
    warnings: &mut Vec<Warning>,
) -> Result<Option<PathBuf>, Failure> {
    if component.files.is_empty() {
        return Ok(None);
    }
    let report = plan.build(&tree);
    let report = report.map_err(|error| mount_failure(component, error))?;
    let remarks = report.warnings.into_iter();
    warnings.extend(
        remarks.map(|remark| Warning::Remark(format!("component `{}`: {remark}", component.id))),
    );
    Ok(Some(tree))
}

fn mount_failure(component: &Component, error: MountError) -> Failure {
    let hint = error.hint();
    Failure::usage(anyhow::Error::new(error).context(format!("component `{}`", component.id)))
        .hint_if_any(hint)
}

/// ``component `a` ``, or the first few of many.
pub(crate) fn list(ids: &[&str]) -> String {
    match ids {
        [id] => format!("component `{id}`"),
        [first, second] => format!("components `{first}` and `{second}`"),
        [first, second, rest @ ..] => {
            format!("components `{first}`, `{second}` and {} more", rest.len())
        }
        [] => String::new(),
    }
}

fn allowed_hosts(component: &Component, variables: &Variables) -> Result<AllowedHosts, Failure> {
    AllowedHosts::resolve(&component.allowed_outbound_hosts, variables).map_err(|error| {
        Failure::usage(anyhow::Error::new(error).context(format!("component `{}`", component.id)))
    })
}

fn variable_failure(error: engine::variables::VariableError) -> Failure {
    let hint = error.hint();
    Failure::usage(error).hint_if_any(hint)
}
