//! `bart cache rm`: one release goes, unless somebody runs it.

use std::time::SystemTime;

use anyhow::anyhow;
use artifact::store::{LEASE_LIFE, ListedRelease, Removal};
use clap::Args;
use serde_json::json;

use super::selector::Selector;
use super::{Place, short};
use crate::Failure;
use crate::quantity::{Age, Bytes};

/// Arguments of `bart cache rm`.
#[derive(Debug, Args)]
pub(super) struct Rm {
    /// The release: its digest, the first digits of that, or a reference that resolved to it.
    #[arg(value_name = "DIGEST|REF")]
    release: Selector,
    #[command(flatten)]
    place: Place,
}

pub(super) fn run(arguments: &Rm, now: SystemTime) -> Result<(), Failure> {
    let Some(store) = arguments.place.cache.existing_store()? else {
        return Err(not_there(&arguments.release));
    };
    let releases = store.list(now)?.releases;
    let manifests = releases.iter().map(|release| release.manifest);
    let wanted = arguments.release.find(&store, manifests)?;
    let found = releases
        .iter()
        .find(|release| Some(release.manifest) == wanted);
    let release = found.ok_or_else(|| not_there(&arguments.release))?;
    match store.remove_release(&release.manifest, now)? {
        Removal::Removed => answer(&arguments.place, release),
        Removal::NotThere => Err(not_there(&arguments.release)),
        Removal::Leased => {
            // Again, as it may have been taken since.
            let releases = store.list(now)?.releases;
            let listed = (releases.iter()).find(|listed| listed.manifest == release.manifest);
            let leases = listed.map_or(1, |release| release.leases.max(1));
            Err(leased_by(&arguments.release, leases))
        }
    }
}

fn answer(place: &Place, release: &ListedRelease) -> Result<(), Failure> {
    let json = json!({
        "digest": release.manifest,
        "references": release.references,
        "bytes": release.bytes,
    });
    let text = format!(
        "removed {} ({}); `bart cache gc` removes the blobs and the native code that nothing needs any more",
        short(&release.manifest),
        Bytes(release.bytes)
    );
    place.answer(&json, &text)
}

fn not_there(release: &Selector) -> Failure {
    Failure::failed(anyhow!("`{}` is not in the cache", release.text()))
        .hint("`bart cache ls` lists what is there")
}

fn leased_by(release: &Selector, leases: usize) -> Failure {
    let processes = match leases {
        1 => "1 process runs it".to_owned(),
        _ => format!("{leases} processes run it"),
    };
    Failure::failed(anyhow!("`{}` stays: {processes}", release.text())).hint(format!(
        "end what runs it; a process that was killed counts for up to {} more",
        Age(LEASE_LIFE)
    ))
}
