//! How a push shows that it goes on: a bar on a terminal, a line for each blob elsewhere.

use std::collections::HashMap;
use std::io::{IsTerminal, stderr};
use std::sync::{Mutex, PoisonError};

use artifact::registry::{Event, Placed, Progress};
use artifact::{Descriptor, Digest, media_type};
use indicatif::{ProgressBar, ProgressStyle};

use super::outgoing::Outgoing;
use crate::log;
use crate::quantity::Bytes;
use crate::table::plain;
use crate::uses::{Use, Uses};

/// The bar: how much of the artifact is in the registry.
const BAR: &str = "pushing {bar:30} {msg} of {prefix}";

/// A progress that shows the push of an artifact on stderr, and what takes its bar away again.
pub(super) fn show(outgoing: &Outgoing) -> (Progress, ProgressBar) {
    if !stderr().is_terminal() {
        let names = names(outgoing);
        let lines = Progress::new(move |event| line(&names, &event));
        return (lines, ProgressBar::hidden());
    }
    let sizes = sizes(outgoing);
    let total = sizes.values().sum();
    let style = ProgressStyle::with_template(BAR).expect("the template is right");
    let bar = ProgressBar::new(total)
        .with_style(style)
        .with_prefix(Bytes(total).to_string());
    let shown = bar.clone();
    let counted = Mutex::new(HashMap::new());
    let progress = Progress::new(move |event| {
        let mut counted = counted.lock().unwrap_or_else(PoisonError::into_inner);
        count(&mut counted, &sizes, &event);
        let bytes = counted.values().sum();
        shown.set_position(bytes);
        shown.set_message(Bytes(bytes).to_string());
    });
    (progress, bar)
}

fn sizes(outgoing: &Outgoing) -> HashMap<Digest, u64> {
    let descriptors = outgoing.blobs.iter().map(|blob| &blob.descriptor);
    descriptors
        .map(|Descriptor { digest, size, .. }| (*digest, *size))
        .collect()
}

/// Notes how many bytes of each blob the registry has.
fn count(counted: &mut HashMap<Digest, u64>, sizes: &HashMap<Digest, u64>, event: &Event) {
    match event {
        Event::BlobStarted(_) => {}
        Event::Bytes { digest, count } => *counted.entry(*digest).or_default() += count,
        Event::BlobRestarted(digest) => drop(counted.insert(*digest, 0)),
        Event::BlobDone { digest, .. } => {
            let size = sizes.get(digest).copied().unwrap_or_default();
            counted.insert(*digest, size);
        }
    }
}

/// What each blob is, with its size.
fn names(outgoing: &Outgoing) -> HashMap<Digest, String> {
    let uses = Uses::of(&outgoing.app);
    let descriptors = outgoing.blobs.iter().map(|blob| &blob.descriptor);
    descriptors
        .map(|blob| {
            let name = match uses.get(&blob.digest).first() {
                Some(Use {
                    component,
                    path: Some(path),
                }) => format!("{component}/{path}"),
                Some(Use { component, .. }) => format!("the Wasm of {component}"),
                None if blob.media_type == media_type::ARCHIVE => "a pack of files".to_owned(),
                None if blob.media_type == media_type::LOCKED_APP => "the locked app".to_owned(),
                None => "the configuration".to_owned(),
            };
            (
                blob.digest,
                format!("{} ({})", plain(&name), Bytes(blob.size)),
            )
        })
        .collect()
}

fn line(names: &HashMap<Digest, String>, event: &Event) {
    let Event::BlobDone { digest, how } = event else {
        return;
    };
    let done = match how {
        Placed::Reused => return,
        Placed::Mounted => "mounted",
        Placed::Uploaded => "uploaded",
    };
    if let Some(name) = names.get(digest) {
        log::line(&format!("{done} {name}"));
    }
}
