//! `bart cache gc`: what went, what stayed, and why.

use std::collections::HashSet;
use std::fmt;
use std::time::SystemTime;

use artifact::store::{
    GRACE, GcPlan, GcPolicy, GcReport, ListedRelease, NativeFile, NativePolicy, Room,
};
use artifact::{Digest, Store};
use clap::Args;
use engine::native::Compiler;
use engine::substitution::Bundled;
use serde_json::{Value, json};

use super::{Place, count, ls, short};
use crate::quantity::{Age, Bytes};
use crate::table::{Alignment, Table};
use crate::{Failure, bundled};

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
    Planned(GcPlan, Room),
    Done(GcReport, Room),
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
            (Some(store), true) => {
                let plan = store.plan_gc(policy, now)?;
                let native = unneeded_native(store, &plan.releases, now)?;
                Outcome::Planned(plan, room(&native))
            }
            (Some(store), false) => {
                let report = store.gc(policy, now)?;
                let native = unneeded_native(store, &[], now)?;
                Outcome::Done(report, store.remove_native(&native)?)
            }
            (None, true) => Outcome::Planned(GcPlan::default(), Room::default()),
            (None, false) => Outcome::Done(GcReport::default(), Room::default()),
        })
    }
}

/// The native code of other versions of bart, and of Wasm that nothing runs once the releases that are `gone` are.
fn unneeded_native(
    store: &Store,
    gone: &[Digest],
    now: SystemTime,
) -> Result<Vec<NativeFile>, Failure> {
    let compiler = Compiler::here().map_err(Failure::failed)?;
    let policy = NativePolicy {
        engine_key: compiler.key().as_str(),
        needed: &Bundled::ALL.map(bundled::digest),
        gone,
    };
    Ok(store.unneeded_native(policy, now)?)
}

fn room(files: &[NativeFile]) -> Room {
    Room {
        files: files.len(),
        bytes: files.iter().map(|file| file.size).sum(),
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
            Outcome::Planned(plan, _) => &plan.releases,
            Outcome::Done(report, _) => &report.releases,
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
            Outcome::Planned(..) => "would go",
            Outcome::Done(..) => "removed",
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
            Outcome::Planned(plan, native) => format!(
                "would remove {}, {} ({}) and {} ({})",
                count(plan.releases.len(), "release"),
                count(plan.blobs, "blob"),
                Bytes(plan.blob_bytes),
                count(native.files, "native module"),
                Bytes(native.bytes)
            ),
            Outcome::Done(report, native) => format!(
                "removed {}, {} ({}), {} ({}), {}, {} and {}",
                count(report.releases.len(), "release"),
                count(report.blobs, "blob"),
                Bytes(report.blob_bytes),
                count(native.files, "native module"),
                Bytes(native.bytes),
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
            Outcome::Planned(plan, native) => json!({
                "dry_run": true,
                "removed": plan.releases,
                "kept": kept,
                "blobs": plan.blobs,
                "blob_bytes": plan.blob_bytes,
                "native": ls::room(*native),
            }),
            Outcome::Done(report, native) => json!({
                "dry_run": false,
                "removed": report.releases,
                "kept": kept,
                "blobs": report.blobs,
                "blob_bytes": report.blob_bytes,
                "native": ls::room(*native),
                "unfinished_releases": report.trees,
                "temporary": report.temporary,
                "references": report.refs,
            }),
        }
    }
}
