//! `bart cache gc`: what went, what stayed, and why.

use std::collections::HashSet;
use std::fmt;
use std::time::SystemTime;

use artifact::store::{GRACE, GcPlan, GcPolicy, GcReport, ListedRelease};
use artifact::{Digest, Store};
use clap::Args;
use serde_json::{Value, json};

use super::{Place, count, ls, short};
use crate::Failure;
use crate::quantity::{Age, Bytes};
use crate::table::{Alignment, Table};

/// Arguments of `bart cache gc`.
#[derive(Debug, Args)]
pub(super) struct Gc {
    #[command(flatten)]
    place: Place,
    /// Remove releases, those used longest ago first, until the rest has at most this size, such as `2GiB` or `500MB`.
    #[arg(long, value_name = "SIZE")]
    max_size: Option<Bytes>,
    /// Remove releases that were not used for this long, such as `12h`, `7d` or `2w`.
    #[arg(long, value_name = "AGE")]
    max_age: Option<Age>,
    /// Say what would be removed, and remove nothing.
    #[arg(long)]
    dry_run: bool,
}

/// What went, or would go.
enum Outcome {
    Planned(GcPlan),
    Done(GcReport),
}

/// Why a release stays.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    /// So many processes run it.
    Leased(usize),
    /// It was used a moment ago.
    Recent,
    /// No limit asks for its removal.
    WithinLimits,
}

pub(super) fn run(arguments: &Gc, now: SystemTime) -> Result<(), Failure> {
    let store = arguments.place.cache.existing_store()?;
    let before = ls::listing(store.as_ref(), now)?.releases;
    let outcome = arguments.outcome(store.as_ref(), now)?;
    let gone: HashSet<&Digest> = outcome.releases().iter().collect();
    let (removed, kept): (Vec<&ListedRelease>, Vec<&ListedRelease>) =
        (before.iter()).partition(|release| gone.contains(&release.manifest));
    let kept: Vec<(&ListedRelease, Kept)> = kept
        .into_iter()
        .map(|release| (release, why_kept(release, now)))
        .collect();
    let json = outcome.as_json(&kept);
    let text = outcome.as_text(&removed, &kept, now);
    arguments.place.answer(&json, &text)
}

impl Gc {
    fn outcome(&self, store: Option<&Store>, now: SystemTime) -> Result<Outcome, Failure> {
        let policy = GcPolicy {
            max_size: self.max_size.map(|Bytes(size)| size),
            max_age: self.max_age.map(|Age(age)| age),
        };
        Ok(match (store, self.dry_run) {
            (Some(store), true) => Outcome::Planned(store.plan_gc(policy, now)?),
            (Some(store), false) => Outcome::Done(store.gc(policy, now)?),
            (None, true) => Outcome::Planned(GcPlan::default()),
            (None, false) => Outcome::Done(GcReport::default()),
        })
    }
}

fn why_kept(release: &ListedRelease, now: SystemTime) -> Kept {
    let Age(unused) = ls::used(release, now);
    match release.leases {
        0 if unused < GRACE => Kept::Recent,
        0 => Kept::WithinLimits,
        leases => Kept::Leased(leases),
    }
}

impl Kept {
    /// The word for scripts.
    fn name(self) -> &'static str {
        match self {
            Kept::Leased(_) => "leased",
            Kept::Recent => "recent",
            Kept::WithinLimits => "within_limits",
        }
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kept::Leased(1) => formatter.write_str("a process runs it"),
            Kept::Leased(leases) => write!(formatter, "{leases} processes run it"),
            Kept::Recent => write!(formatter, "used less than {} ago", Age(GRACE)),
            Kept::WithinLimits => formatter.write_str("within the limits"),
        }
    }
}

impl Outcome {
    fn releases(&self) -> &[Digest] {
        match self {
            Outcome::Planned(plan) => &plan.releases,
            Outcome::Done(report) => &report.releases,
        }
    }

    fn as_text(
        &self,
        removed: &[&ListedRelease],
        kept: &[(&ListedRelease, Kept)],
        now: SystemTime,
    ) -> String {
        let mut table = Table::new(&[
            ("RELEASE", Alignment::Left),
            ("SIZE", Alignment::Right),
            ("USED", Alignment::Right),
            ("WHAT", Alignment::Left),
            ("WHY", Alignment::Left),
            ("REFERENCES", Alignment::Left),
        ]);
        let mut line = |release: &ListedRelease, what: &str, why: String| {
            table.row(vec![
                short(&release.manifest),
                Bytes(release.bytes).to_string(),
                format!("{} ago", ls::used(release, now)),
                what.to_owned(),
                why,
                ls::references(release),
            ]);
        };
        let goes = match self {
            Outcome::Planned(_) => "would go",
            Outcome::Done(_) => "removed",
        };
        for release in removed {
            line(release, goes, "beyond the limits".to_owned());
        }
        for (release, why) in kept {
            line(release, "kept", why.to_string());
        }
        format!("{table}{}", self.summary())
    }

    fn summary(&self) -> String {
        match self {
            Outcome::Planned(plan) => format!(
                "would remove {} and {} ({})",
                count(plan.releases.len(), "release"),
                count(plan.blobs, "blob"),
                Bytes(plan.blob_bytes)
            ),
            Outcome::Done(report) => format!(
                "removed {}, {} ({}), {}, {} and {}",
                count(report.releases.len(), "release"),
                count(report.blobs, "blob"),
                Bytes(report.blob_bytes),
                count(report.trees, "unfinished release"),
                count(report.temporary, "temporary file"),
                count(report.refs, "reference")
            ),
        }
    }

    fn as_json(&self, kept: &[(&ListedRelease, Kept)]) -> Value {
        let kept = kept.iter().map(|(release, why)| {
            json!({ "digest": release.manifest, "why": why.name(), "leases": release.leases })
        });
        let kept: Vec<Value> = kept.collect();
        match self {
            Outcome::Planned(plan) => json!({
                "dry_run": true,
                "removed": plan.releases,
                "kept": kept,
                "blobs": plan.blobs,
                "blob_bytes": plan.blob_bytes,
            }),
            Outcome::Done(report) => json!({
                "dry_run": false,
                "removed": report.releases,
                "kept": kept,
                "blobs": report.blobs,
                "blob_bytes": report.blob_bytes,
                "unfinished_releases": report.trees,
                "temporary": report.temporary,
                "references": report.refs,
            }),
        }
    }
}
