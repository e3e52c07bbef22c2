//! From a site to the draft of its release: what is published, and what its author should know of it.

use std::collections::BTreeMap;

use anyhow::anyhow;
use artifact::release::{Draft, DraftFile, Source};
use bytes::Bytes;
use engine::app::Component;
use engine::mounts::Plan;

use super::lock::lock;
use super::modules::{self, Found};
use super::wording::Wording;
use crate::Failure;
use crate::up::prepare::list;
use crate::up::{Indexes, Site, Warning};

/// A draft, with what is to be said about it.
pub(super) struct Drafted {
    /// The draft, without annotations.
    pub(super) draft: Draft,
    /// What is published in place of what the manifest names, a line each.
    pub(super) notices: Vec<String>,
    /// What bart cannot run or looks like a mistake, a line each.
    pub(super) warnings: Vec<Warning>,
}

/// Drafts the release of a site.
pub(super) fn draft(site: &Site, wording: &Wording) -> Result<Drafted, Failure> {
    let app = site.app();
    let mut indexes = Indexes::default();
    let mut replaced: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut warnings = unsupported_triggers(site);
    let mut modules = BTreeMap::new();
    let mut files = Vec::new();
    for component in &app.components {
        let id = &component.id;
        let found = modules::find(component)?;
        if found.bundled.is_none() && wording.is_composed(app, id) {
            return Err(composed(id));
        }
        warnings.extend(unsupported(site, component, &found));
        if let Some(substitution) = found.substitution {
            replaced
                .entry(substitution.to_string())
                .or_default()
                .push(id);
        }
        let plan = site.plan(component, found.bundled, &mut indexes)?;
        let remarks = plan.warnings().iter();
        warnings
            .extend(remarks.map(|remark| Warning::Remark(format!("component `{id}`: {remark}"))));
        files.extend(files_of(id, &plan));
        modules.insert(id.clone(), found.source);
    }
    let notices = replaced
        .iter()
        .map(|(what, ids)| format!("{}: {what}", list(ids)))
        .collect();
    Ok(Drafted {
        draft: Draft {
            app: lock(app, wording)?,
            modules,
            files,
            annotations: BTreeMap::new(),
        },
        notices,
        warnings,
    })
}

/// The files of a component, those that bart made among them.
fn files_of(component: &str, plan: &Plan) -> Vec<DraftFile> {
    let file = |path: &str, source| DraftFile {
        component: component.to_owned(),
        path: path.to_owned(),
        source,
    };
    let on_disk = plan.files().iter();
    let made = plan.generated().iter();
    on_disk
        .map(|(path, planned)| file(path, Source::File(planned.source.clone())))
        .chain(
            made.map(|(path, content)| file(path, Source::Bytes(Bytes::copy_from_slice(content)))),
        )
        .collect()
}

fn unsupported_triggers(site: &Site) -> Vec<Warning> {
    let triggers = site.app().unsupported.iter();
    triggers
        .filter(|unsupported| matches!(unsupported.subject, engine::app::Subject::Trigger { .. }))
        .map(|unsupported| Warning::Unsupported(unsupported.to_string()))
        .collect()
}

/// Why bart will not run a component that is published as it is.
fn unsupported(site: &Site, component: &Component, found: &Found) -> Option<Warning> {
    if found.bundled.is_some() {
        return None;
    }
    let id = &component.id;
    let reason = match site.app().unsupported_in_component(id).next() {
        Some(reason) => reason,
        None if found.is_old => "was built for an older Spin, for which bart has no successor",
        None => return None,
    };
    Some(Warning::Unsupported(format!(
        "component `{id}` {reason}; its routes will answer 501"
    )))
}

fn composed(id: &str) -> Failure {
    let error =
        anyhow!("component `{id}` is composed with dependencies, and bart cannot compose them");
    Failure::usage(error).hint("`spin registry push` can")
}
