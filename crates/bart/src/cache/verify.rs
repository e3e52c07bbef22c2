//! `bart cache verify`: everything read again.

use std::fmt::Write;
use std::time::Instant;

use artifact::store::{VerifyProgress, VerifyReport};
use artifact::{Digest, Store};
use engine::native::{LoadError, NativeFile};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::{Place, count, short};
use crate::Failure;
use crate::failure::exit;
use crate::quantity::{Bytes, Elapsed};

pub(super) fn run(place: &Place) -> Result<(), Failure> {
    let begin = Instant::now();
    let store = place.cache.existing_store()?;
    let report = match &store {
        Some(store) => {
            let bar = bar();
            let report = store.verify(&mut |progress| show(&bar, progress));
            bar.finish_and_clear();
            report?
        }
        None => VerifyReport::default(),
    };
    let native = store
        .as_ref()
        .map_or(Ok(Native::default()), Native::check)?;
    let json = json!({
        "blobs": report.blobs,
        "bytes": report.bytes,
        "damaged_blobs": report.bad_blobs,
        "releases": report.releases,
        "damaged_releases": report.bad_releases,
        "native": native.files,
        "damaged_native": native.bad,
    });
    let text = as_text(&report, &native, Elapsed(begin.elapsed()));
    place.answer(&json, &text)?;
    result(&report, &native)
}

/// What was found of native code.
#[derive(Default)]
struct Native {
    files: usize,
    /// The digests of the Wasm of what is damaged or could have been written by others. It is removed.
    bad: Vec<Digest>,
}

impl Native {
    fn check(store: &Store) -> Result<Native, Failure> {
        let files = store.native_files()?;
        let mut native = Native {
            files: files.len(),
            bad: Vec::new(),
        };
        for file in files {
            let opened = NativeFile::open(store.root(), &file.path);
            match opened.and_then(|opened| opened.check()) {
                // Another process has removed it meanwhile.
                Ok(()) | Err(LoadError::Missing { .. }) => {}
                Err(error) => {
                    tracing::warn!("{}", Failure::failed(error));
                    native.bad.push(file.wasm);
                    store.remove_native(&[file])?;
                }
            }
        }
        Ok(native)
    }
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

fn as_text(report: &VerifyReport, native: &Native, elapsed: Elapsed) -> String {
    let mut text = String::new();
    let damaged = [
        ("blob", &report.bad_blobs),
        ("release", &report.bad_releases),
        ("native", &native.bad),
    ];
    for (what, digests) in damaged {
        for digest in digests {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "damaged  {what:<7}  {}", short(digest));
        }
    }
    let _ = write!(
        text,
        "checked {} ({}), {} and {} in {elapsed}",
        count(report.blobs, "blob"),
        Bytes(report.bytes),
        count(report.releases, "release"),
        count(native.files, "native module"),
    );
    text
}

fn result(report: &VerifyReport, native: &Native) -> Result<(), Failure> {
    let (blobs, releases) = (report.bad_blobs.len(), report.bad_releases.len());
    if blobs + releases + native.bad.len() == 0 {
        return Ok(());
    }
    let error = anyhow::anyhow!(
        "{}, {} and {} were damaged",
        count(blobs, "blob"),
        count(releases, "release"),
        count(native.bad.len(), "native module")
    );
    Err(Failure::failed(error)
        .code(exit::WRONG_BYTES)
        .hint("nothing trusts them any more: they are made again when a release needs them"))
}
