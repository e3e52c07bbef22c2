//! An artifact on its way to a registry: one look at its tag, then what the registry lacks.

use std::collections::BTreeMap;

use artifact::registry::{Progress, Push, Pushed, Registry, TagState};
use artifact::{Digest, Manifest, Reference, Repository, Store, Target};

use super::outgoing::Outgoing;
use crate::Failure;

/// How many other repositories are looked at for blobs. Each costs a request.
const OTHERS: usize = 3;

/// Pushes an artifact. What the store remembers of earlier pushes saves requests, and is checked by the registry.
pub(super) async fn deliver(
    registry: &Registry,
    outgoing: &Outgoing,
    reference: &Reference,
    force_tag: bool,
    store: Option<&Store>,
    progress: &Progress,
) -> Result<Pushed, Failure> {
    let mut push = push(outgoing, reference, force_tag);
    let (before, existing) = tag(registry, outgoing, &push).await?;
    let goes_on = match before {
        TagState::Absent => true,
        TagState::Other { .. } => force_tag,
        TagState::Same { .. } => false,
    };
    if goes_on {
        let last = match existing {
            Some(existing) => Some(existing),
            None => last_of_repository(registry, reference, store).await,
        };
        push.known = last.iter().flat_map(digests).collect();
        if last.is_none() {
            push.mount_from = mounts(registry, reference, store).await;
        }
    }
    let pushed = registry.push_over(before, &push, progress).await?;
    if let (Some(store), Target::Tag(tag)) = (store, &reference.target) {
        let remembered = store.remember(&reference.repository, tag, &pushed.digest);
        if let Err(error) = remembered {
            tracing::debug!("the next push will take longer: {error}");
        }
    }
    Ok(pushed)
}

/// What the tag points at, and its manifest where that has other content.
pub(super) async fn tag(
    registry: &Registry,
    outgoing: &Outgoing,
    push: &Push,
) -> Result<(TagState, Option<Manifest>), Failure> {
    let mut existing = None;
    let is_same = |bytes: &[u8]| {
        existing = Manifest::parse(bytes).ok();
        existing
            .as_ref()
            .is_some_and(|existing| existing.is_same_release(&outgoing.manifest))
    };
    let before = registry.tag_state(push, is_same).await?;
    Ok((before, existing))
}

/// A push of which nothing is known yet.
pub(super) fn push(outgoing: &Outgoing, reference: &Reference, force_tag: bool) -> Push {
    Push {
        reference: reference.clone(),
        blobs: outgoing.blobs.clone(),
        known: Default::default(),
        mount_from: Default::default(),
        images: Vec::new(),
        media_type: outgoing.media_type().to_owned(),
        manifest: outgoing.manifest_bytes.clone(),
        force_tag,
    }
}

/// The manifest that the repository got last from here, if the registry still has it. It has its blobs then, too.
async fn last_of_repository(
    registry: &Registry,
    reference: &Reference,
    store: Option<&Store>,
) -> Option<Manifest> {
    let recent = recent(reference, store);
    let last = recent
        .iter()
        .find(|(known, _)| known.repository == reference.repository);
    let (known, digest) = last?;
    manifest(registry, &known.repository, *digest).await
}

/// Which other repository of the registry has which blobs.
async fn mounts(
    registry: &Registry,
    reference: &Reference,
    store: Option<&Store>,
) -> BTreeMap<Digest, String> {
    let mut others: Vec<(Repository, Digest)> = Vec::new();
    for (known, digest) in recent(reference, store) {
        let is_seen = others.iter().any(|(other, _)| *other == known.repository);
        if known.repository != reference.repository && !is_seen {
            others.push((known.repository, digest));
        }
    }
    others.truncate(OTHERS);
    let mut mounts = BTreeMap::new();
    for (other, digest) in others {
        let manifest = manifest(registry, &other, digest).await;
        for digest in manifest.iter().flat_map(digests) {
            mounts.entry(digest).or_insert_with(|| other.name.clone());
        }
    }
    mounts
}

async fn manifest(registry: &Registry, of: &Repository, digest: Digest) -> Option<Manifest> {
    let reference = of.at(Target::Digest(digest));
    // What a mirror has says nothing of the registry.
    let (_, bytes) = registry.without_mirrors().manifest(&reference).await.ok()?;
    Manifest::parse(&bytes).ok()
}

/// The blobs that a manifest names.
fn digests(manifest: &Manifest) -> impl Iterator<Item = Digest> {
    std::iter::once(&manifest.config)
        .chain(&manifest.layers)
        .map(|blob| blob.digest)
}

fn recent(reference: &Reference, store: Option<&Store>) -> Vec<(Reference, Digest)> {
    let recent = store.map(|store| store.recent(&reference.repository.registry));
    match recent {
        Some(Ok(recent)) => recent,
        Some(Err(error)) => {
            tracing::debug!("what was pushed before is not known: {error}");
            Vec::new()
        }
        None => Vec::new(),
    }
}
