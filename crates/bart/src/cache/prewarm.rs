//! `bart cache prewarm`: releases brought into the store before anybody starts them.

use std::time::Instant;

use anyhow::Context;
use artifact::store::StoredRelease;
use artifact::{Digest, Reference};
use clap::Args;
use serde_json::{Value, json};

use super::{Place, count, short};
use crate::native::{NativeArguments, compile_lacking};
use crate::pull::{Puller, Traffic};
use crate::quantity::{Bytes, Elapsed};
use crate::registries::RegistryArguments;
use crate::{Failure, log};

/// Arguments of `bart cache prewarm`.
#[derive(Debug, Args)]
pub(super) struct Prewarm {
    /// The releases: `HOST/NAME:TAG` or `HOST/NAME@DIGEST`. The first that fails ends it.
    #[arg(value_name = "REF", required = true)]
    references: Vec<Reference>,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    native: NativeArguments,
    #[command(flatten)]
    registry: RegistryArguments,
}

/// A release that is there now.
struct Warm<'a> {
    reference: &'a Reference,
    digest: Digest,
    release: StoredRelease,
    traffic: Traffic,
}

pub(super) fn run(arguments: &Prewarm) -> Result<(), Failure> {
    let puller = Puller {
        registry: arguments.registry.registry()?,
        store: arguments.place.cache.store()?,
    };
    let runtime = tokio::runtime::Runtime::new().context("failed to start the runtime")?;
    let native = arguments.native.with(Some(puller.store.clone()));
    let mut all = Vec::new();
    for reference in &arguments.references {
        let begin = Instant::now();
        let (digest, kept) = runtime.block_on(puller.pull(reference))?;
        let traffic = kept.downloads.traffic;
        let warm = Warm {
            reference,
            digest,
            release: kept.settle(&puller.store)?,
            traffic,
        };
        compile_lacking(&native, &warm.release)?;
        if !arguments.place.json {
            log::print(&warm.as_text(Elapsed(begin.elapsed())))?;
        }
        all.push(warm.as_json());
    }
    if arguments.place.json {
        let json = json!({ "releases": all });
        log::print_json(&json)?;
    }
    Ok(())
}

impl Warm<'_> {
    fn as_text(&self, elapsed: Elapsed) -> String {
        let blobs = usize::try_from(self.traffic.blobs).unwrap_or(usize::MAX);
        format!(
            "{} is {}: {} ({}), of which {} ({}) came in {elapsed}",
            self.reference,
            short(&self.digest),
            count(self.release.files(), "file"),
            Bytes(self.release.bytes()),
            count(blobs, "blob"),
            Bytes(self.traffic.bytes),
        )
    }

    fn as_json(&self) -> Value {
        json!({
            "reference": self.reference.to_string(),
            "digest": self.digest,
            "files": self.release.files(),
            "bytes": self.release.bytes(),
            "downloaded": { "blobs": self.traffic.blobs, "bytes": self.traffic.bytes },
        })
    }
}
