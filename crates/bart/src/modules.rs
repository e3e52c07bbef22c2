//! Which Wasm runs for the components of a stored release.

use anyhow::anyhow;
use artifact::store::StoredRelease;
use artifact::{Digest, LockedApp};
use engine::app::{App, Component, Source};
use engine::locked;
use engine::substitution::{self, Bundled, Substitution};

use crate::bundled;
use crate::failure::{Failure, exit};
use crate::pull::{APPLICATION, module_name};

/// The Wasm that runs for a component.
#[derive(Clone, Copy)]
pub(crate) enum Code {
    /// One of bart's own, perhaps in place of what the release names.
    Bundled {
        bundled: Bundled,
        substitution: Option<Substitution>,
    },
    /// What the release carries.
    Carried(Digest),
}

impl Code {
    /// The digest of the Wasm.
    pub(crate) fn digest(self) -> Digest {
        match self {
            Code::Bundled { bundled, .. } => bundled::digest(bundled),
            Code::Carried(digest) => digest,
        }
    }
}

/// The application of a stored release.
pub(crate) fn application(stored: &StoredRelease) -> Result<App, Failure> {
    let bytes = stored
        .read(APPLICATION)?
        .ok_or_else(|| Failure::failed(anyhow!("the stored release has no application")))?;
    locked::app(&LockedApp::parse(&bytes)?)
        .map_err(|error| Failure::failed(error).code(exit::NOT_AN_ARTIFACT))
}

/// What runs for a component.
///
/// # Errors
///
/// Why nothing does, in half a sentence that follows the component's name.
pub(crate) fn code_of(app: &App, component: &Component) -> Result<Code, String> {
    let Source::Blob { digest } = &component.source else {
        return Err("is no blob of the artifact".to_owned());
    };
    if let Some(bundled) = bundled::by_digest(digest) {
        return Ok(Code::Bundled {
            bundled,
            substitution: None,
        });
    }
    if let Some(substitution) = substitution::recognise(&component.source) {
        return Ok(Code::Bundled {
            bundled: substitution.bundled,
            substitution: Some(substitution),
        });
    }
    match app.unsupported_in_component(&component.id).next() {
        Some(reason) => Err(reason.to_owned()),
        None => Ok(Code::Carried(*digest)),
    }
}

/// The Wasm that a release carries.
pub(crate) fn carried(stored: &StoredRelease, digest: &Digest) -> Result<Vec<u8>, Failure> {
    stored
        .read(&module_name(digest))?
        .ok_or_else(|| Failure::failed(anyhow!("the stored release lacks the Wasm `{digest}`")))
}
