//! `bart cache ls`: the releases, and what they take.

use std::fmt::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use artifact::Store;
use artifact::store::{ListedRelease, Listing, Room};
use serde_json::{Value, json};

use super::{Place, count, short};
use crate::Failure;
use crate::quantity::{Age, Bytes};
use crate::table::{Alignment, Table, plain};

pub(super) fn run(place: &Place, now: SystemTime) -> Result<(), Failure> {
    let listing = listing(place.cache.existing_store()?.as_ref(), now)?;
    place.answer(&as_json(&listing), &as_text(&listing, now))
}

/// What is there; without a store, nothing.
pub(super) fn listing(store: Option<&Store>, now: SystemTime) -> Result<Listing, Failure> {
    Ok(match store {
        Some(store) => store.list(now)?,
        None => Listing::default(),
    })
}

/// The references of a release, fit for a terminal.
pub(super) fn references(release: &ListedRelease) -> String {
    plain(&release.references.join(", "))
}

/// When a release was last used.
pub(super) fn used(release: &ListedRelease, now: SystemTime) -> Age {
    // What is to come, by the clock of another machine, is now.
    Age(now.duration_since(release.used).unwrap_or_default())
}

fn as_text(listing: &Listing, now: SystemTime) -> String {
    let mut table = Table::new(&[
        ("RELEASE", Alignment::Left),
        ("FILES", Alignment::Right),
        ("SIZE", Alignment::Right),
        ("SHARED", Alignment::Right),
        ("USED", Alignment::Right),
        ("LEASES", Alignment::Right),
        ("REFERENCES", Alignment::Left),
    ]);
    for release in &listing.releases {
        table.row(vec![
            short(&release.manifest),
            release.files.to_string(),
            Bytes(release.bytes).to_string(),
            Bytes(release.shared).to_string(),
            format!("{} ago", used(release, now)),
            release.leases.to_string(),
            references(release),
        ]);
    }
    let mut text = table.to_string();
    let parts = [
        ("blob", listing.blobs),
        ("native module", listing.native),
        ("temporary file", listing.temporary),
    ];
    let totals = parts.map(|(name, room)| {
        let Room { files, bytes } = room;
        format!("{} ({})", count(files, name), Bytes(bytes))
    });
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "{}: {}",
        count(listing.releases.len(), "release"),
        totals.join(", ")
    );
    text
}

fn as_json(listing: &Listing) -> Value {
    let releases = listing.releases.iter().map(|release| {
        let used = release.used.duration_since(UNIX_EPOCH).unwrap_or_default();
        json!({
            "digest": release.manifest,
            "references": release.references,
            "files": release.files,
            "bytes": release.bytes,
            "shared_bytes": release.shared,
            "last_used": used.as_secs(),
            "leases": release.leases,
        })
    });
    json!({
        "releases": releases.collect::<Vec<Value>>(),
        "blobs": room(listing.blobs),
        "native": room(listing.native),
        "temporary": room(listing.temporary),
    })
}

/// Some files, as JSON.
pub(super) fn room(room: Room) -> Value {
    json!({ "files": room.files, "bytes": room.bytes })
}
