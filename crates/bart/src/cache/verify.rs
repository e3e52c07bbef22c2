//! `bart cache verify`: everything read again.

use std::fmt::Write;
use std::time::Instant;

use artifact::store::{VerifyProgress, VerifyReport};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::{Place, count, short};
use crate::Failure;
use crate::failure::exit;
use crate::quantity::{Bytes, Elapsed};

pub(super) fn run(place: &Place) -> Result<(), Failure> {
    let begin = Instant::now();
    let report = match place.cache.existing_store()? {
        Some(store) => {
            let bar = bar();
            let report = store.verify(&mut |progress| show(&bar, progress));
            bar.finish_and_clear();
            report?
        }
        None => VerifyReport::default(),
    };
    let json = json!({
        "blobs": report.blobs,
        "bytes": report.bytes,
        "damaged_blobs": report.bad_blobs,
        "releases": report.releases,
        "damaged_releases": report.bad_releases,
    });
    let text = as_text(&report, Elapsed(begin.elapsed()));
    place.answer(&json, &text)?;
    result(&report)
}

/// A bar on a terminal, and nothing elsewhere.
fn bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    let template = "{bar:40} {msg}";
    bar.set_style(ProgressStyle::with_template(template).expect("the template is right"));
    bar
}

fn show(bar: &ProgressBar, VerifyProgress { done, total }: VerifyProgress) {
    bar.set_length(total);
    bar.set_position(done);
    bar.set_message(format!("{} of {}", Bytes(done), Bytes(total)));
}

fn as_text(report: &VerifyReport, elapsed: Elapsed) -> String {
    let mut text = String::new();
    let damaged = [
        ("blob", &report.bad_blobs),
        ("release", &report.bad_releases),
    ];
    for (what, digests) in damaged {
        for digest in digests {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "damaged  {what:<7}  {}", short(digest));
        }
    }
    let _ = write!(
        text,
        "checked {} ({}) and {} in {elapsed}",
        count(report.blobs, "blob"),
        Bytes(report.bytes),
        count(report.releases, "release"),
    );
    text
}

fn result(report: &VerifyReport) -> Result<(), Failure> {
    let (blobs, releases) = (report.bad_blobs.len(), report.bad_releases.len());
    if blobs + releases == 0 {
        return Ok(());
    }
    let error = anyhow::anyhow!(
        "{} and {} were damaged",
        count(blobs, "blob"),
        count(releases, "release")
    );
    Err(Failure::failed(error)
        .code(exit::WRONG_BYTES)
        .hint("nothing trusts them any more: they are fetched again when a release needs them"))
}
