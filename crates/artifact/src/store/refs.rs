//! Refs: the digest to which a tag last resolved, for a start without the registry.

use std::cmp::Reverse;
use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

use super::error::{StoreError, failed, if_there};
use super::{Store, atomic, faults, scan};
use crate::digest::Digest;
use crate::reference::{Reference, Repository, Target};

/// A ref, as a clean-up and a listing see it.
pub(super) struct Ref {
    pub(super) path: PathBuf,
    pub(super) written: SystemTime,
    /// `None` where it cannot be understood.
    pub(super) content: Option<(Digest, String)>,
}

impl Store {
    /// The digest that a tag had when it was last resolved.
    #[must_use]
    pub fn resolved(&self, repository: &Repository, tag: &str) -> Option<Digest> {
        let path = self.places().reference(repository, tag);
        let bytes = if_there(fs::read(&path)).unwrap_or_else(|error| {
            tracing::warn!(path = %path.display(), %error, "a ref cannot be read");
            None
        })?;
        let (digest, name) = parse(&bytes)?;
        (name == full_name(repository, tag)).then_some(digest)
    }

    /// Remembers what a tag resolved to. The same as before is not written again.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn remember(
        &self,
        repository: &Repository,
        tag: &str,
        digest: &Digest,
    ) -> Result<(), StoreError> {
        if self.resolved(repository, tag) == Some(*digest) {
            return Ok(());
        }
        let path = self.places().reference(repository, tag);
        let text = format!("{digest}\n{}\n", full_name(repository, tag));
        atomic::write(&self.places().tmp(), &path, text.as_bytes(), "ref.written")
            .map_err(failed("write", &path))?;
        faults::reach("ref.renamed");
        Ok(())
    }

    /// What tags of a registry last resolved to, those first that were written last.
    ///
    /// # Errors
    /// The refs cannot be listed.
    pub fn recent(&self, registry: &str) -> Result<Vec<(Reference, Digest)>, StoreError> {
        let mut refs = all(self)?;
        refs.sort_by_key(|known| Reverse(known.written));
        let recent = refs.into_iter().filter_map(|known| {
            let (digest, name) = known.content?;
            let reference: Reference = name.parse().ok()?;
            (reference.repository.registry == registry).then_some((reference, digest))
        });
        Ok(recent.collect())
    }
}

/// All refs.
pub(super) fn all(store: &Store) -> Result<Vec<Ref>, StoreError> {
    let mut refs = Vec::new();
    for registry in scan::entries(&store.places().refs())? {
        for repository in scan::entries(&registry.path)? {
            for tag in scan::entries(&repository.path)? {
                let bytes = fs::read(&tag.path).unwrap_or_default();
                refs.push(Ref {
                    content: parse(&bytes),
                    path: tag.path,
                    written: tag.modified,
                });
            }
        }
    }
    Ok(refs)
}

/// A line with the digest and one with the name.
fn parse(bytes: &[u8]) -> Option<(Digest, String)> {
    let mut lines = std::str::from_utf8(bytes).ok()?.lines();
    Some((lines.next()?.parse().ok()?, lines.next()?.to_owned()))
}

fn full_name(repository: &Repository, tag: &str) -> String {
    // A tag has no line in it; anything else that is passed here is only not found again.
    repository.at(Target::Tag(tag.to_owned())).to_string()
}
