//! `bart check`: a site looked at as a whole, as its readers will see it, before anybody publishes it.

mod addresses;
mod answers;
mod arguments;
mod finding;
mod heads;
mod links;
mod markup;
mod origin;
mod pages;
mod parts;
mod redirects;
mod report;
mod sources;

use std::env;
use std::fs;
use std::path::Path;
use std::time::SystemTime;

use anyhow::anyhow;
use chrono::{DateTime, Utc};
use engine::manifest::{self, ManifestError};

pub use arguments::{Check, Deny};
pub use finding::{Code, Finding, Severity};
pub use report::Report;

use crate::up::Site;
use crate::{Failure, log, up};
use answers::Answers;
use finding::Findings;
use pages::Pages;
use parts::Parts;
use report::Count;

pub(crate) fn run(arguments: &Check) -> Result<(), Failure> {
    let report = check(arguments, SystemTime::now().into())?;
    report.print(arguments.json)?;
    let denied = match arguments.deny {
        Some(Deny::Warnings) => report.warnings,
        None => 0,
    };
    let summary = report.summary();
    if report.errors + denied > 0 {
        return Err(Failure::failed(anyhow!("{summary}")));
    }
    log::line(&format!("no error in the site: {summary}"));
    Ok(())
}

/// Looks at a site as it is at that moment.
///
/// # Errors
///
/// When there is no site, or a setting is wrong. What is wrong with the site itself is in the report.
pub fn check(arguments: &Check, now: DateTime<Utc>) -> Result<Report, Failure> {
    let manifest = up::manifest(&arguments.site)?;
    let mut findings = Findings::default();
    let count = match manifest::read(&manifest) {
        Err(ManifestError::Invalid {
            line,
            message,
            hint,
            path,
        }) => {
            let path = path.strip_prefix("./").unwrap_or(&path);
            findings.add(
                Finding::new(Code::BrokenSite, path.display().to_string(), message)
                    .line(Some(line))
                    .hint(hint),
            );
            Count::default()
        }
        _ => look(&manifest, arguments, now, &mut findings)?,
    };
    Ok(Report::new(findings.sorted(&arguments.allow), count))
}

fn look(
    manifest: &Path,
    arguments: &Check,
    now: DateTime<Utc>,
    findings: &mut Findings,
) -> Result<Count, Failure> {
    let site = Site::read(manifest)?;
    let settings = arguments.configuration.read(site.app(), env::vars_os())?;
    let parts = Parts::new(&site, &settings, findings)?;
    let text = fs::read_to_string(manifest).unwrap_or_default();
    duplicate_routes(&parts, &text, findings);
    let pages = Pages::of(&parts, now, findings);
    heads::check(&parts, &pages, findings);
    sources::check(&parts, &pages, findings);
    let answers = Answers::new(&parts, &pages);
    links::check(&answers, now, findings);
    redirects::check(&answers, &text, findings);
    Ok(pages.count())
}

/// Of two triggers with one route only one is ever asked.
fn duplicate_routes(parts: &Parts, text: &str, findings: &mut Findings) {
    let triggers = &parts.app().triggers;
    for duplicate in parts.routes().duplicates() {
        let [answers, unreachable] =
            [duplicate.answers, duplicate.unreachable].map(|index| &triggers[index]);
        let message = format!(
            "the trigger `{}` is never asked: `{}` has the same route",
            unreachable.id, answers.id
        );
        let line = origin::line_of(text, &unreachable.id);
        let manifest = &parts.manifest;
        findings.add(Finding::new(Code::DuplicateAddress, manifest, message).line(line));
    }
}
