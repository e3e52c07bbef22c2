//! The Wasm to publish: bart's own where it takes the place of what the manifest names, else what the manifest names, as it is.

use std::path::Path;

use anyhow::anyhow;
use artifact::release;
use bytes::Bytes;
use engine::app::{Component, Source};
use engine::substitution::{self, Bundled, Substitution};

use crate::up::modules::{fetch, is_own, read};
use crate::{Failure, bundled};

/// What every module and component begins with (WebAssembly, "Binary Format", "Modules").
const MAGIC: &[u8] = b"\0asm";

/// The Wasm of a component, and what the user should know of it.
pub(super) struct Found {
    /// The bytes.
    pub(super) source: release::Source,
    /// What is published in place of what the manifest names, unless the manifest names bart's own.
    pub(super) substitution: Option<Substitution>,
    /// Which of bart's own components it is, if it is one.
    pub(super) bundled: Option<Bundled>,
    /// Whether it serves HTTP by an interface that bart does not have.
    pub(super) is_old: bool,
}

/// Finds the Wasm of a component.
pub(super) fn find(component: &Component) -> Result<Found, Failure> {
    if let Some(substitution) = substitution::recognise(&component.source) {
        let own = is_own(&component.source, substitution);
        return Ok(Found {
            source: release::Source::Bytes(Bytes::from_static(bundled::wasm(substitution.bundled))),
            substitution: (!own).then_some(substitution),
            bundled: Some(substitution.bundled),
            is_old: false,
        });
    }
    let (bytes, source) = match &component.source {
        Source::File(path) => in_file(path, component)?,
        Source::Url { url, digest } => {
            let bytes = Bytes::from(fetch(url, digest, component)?);
            (bytes.clone(), release::Source::Bytes(bytes))
        }
        Source::Blob { .. } | Source::Registry { .. } => return Err(elsewhere(component)),
    };
    if !bytes.starts_with(MAGIC) {
        return Err(Failure::usage(anyhow!(
            "`{}` of component `{}` is not Wasm",
            component.source,
            component.id
        )));
    }
    Ok(Found {
        source,
        substitution: None,
        bundled: None,
        is_old: substitution::has_old_interface(&bytes),
    })
}

fn in_file(path: &Path, component: &Component) -> Result<(Bytes, release::Source), Failure> {
    let bytes = Bytes::from(read(path, component)?);
    Ok((bytes, release::Source::File(path.to_owned())))
}

fn elsewhere(component: &Component) -> Failure {
    let error = anyhow!(
        "component `{}` is the package `{}` of a registry, which bart does not read yet",
        component.id,
        component.source
    );
    Failure::usage(error)
        .hint("download it and name the file as its `source`, or use `spin registry push`")
}
