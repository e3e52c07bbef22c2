//! A whole artifact pushed: only what the registry lacks, several blobs at once, the manifest last.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use futures::stream::{self, StreamExt, TryStreamExt};

use super::Registry;
use super::authorize::Scope;
use super::endpoint::Endpoint;
use super::error::{Fault, RegistryError};
use super::progress::{Event, Placed, Progress};
use super::tag::{TagState, tag_state};
use super::upload::{Upload, task};
use crate::digest::Digest;
use crate::media_type;
use crate::reference::{Reference, Target};

/// What to push, and where to.
#[derive(Clone, Debug)]
pub struct Push {
    /// Where to.
    pub reference: Reference,
    /// The blobs that the manifest names.
    pub blobs: Vec<Upload>,
    /// Blobs that the repository is believed to have, as a manifest in it names them: they are not asked for one by one.
    pub known: BTreeSet<Digest>,
    /// Other repositories of the registry that are believed to have some of them.
    pub mount_from: BTreeMap<Digest, String>,
    /// Manifests of images that the manifest names, where it is an index: put by their digests before it.
    pub images: Vec<Bytes>,
    /// The media type of the manifest.
    pub media_type: String,
    /// The manifest.
    pub manifest: Bytes,
    /// Whether a tag that has other content is moved.
    pub force_tag: bool,
}

/// What a push did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pushed {
    /// The digest that the reference has now; where the content was there already, the digest of what was there.
    pub digest: Digest,
    /// What the reference pointed at before.
    pub before: TagState,
    /// What was sent.
    pub uploaded: Tally,
    /// What was mounted from other repositories.
    pub mounted: Tally,
    /// What was there.
    pub reused: Tally,
}

/// Some blobs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many.
    pub blobs: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Registry {
    /// What the tag of a push points at, in one request. `is_same` compares an existing manifest with the one to be pushed.
    ///
    /// # Errors
    ///
    /// When the registry cannot be asked.
    pub async fn tag_state(
        &self,
        push: &Push,
        is_same: impl FnOnce(&[u8]) -> bool,
    ) -> Result<TagState, RegistryError> {
        let asked = async {
            let endpoint = self.origin(&push.reference.repository)?;
            self.state_at(&endpoint, push, is_same).await
        };
        asked
            .await
            .map_err(|fault| fault.during(format!("look at `{}`", push.reference)))
    }

    /// Pushes an artifact, unless its content is there already or its tag has other content and `force_tag` is off.
    ///
    /// # Errors
    ///
    /// When the registry does not take it. The tag then is what it was.
    pub async fn push(
        &self,
        push: &Push,
        is_same: impl FnOnce(&[u8]) -> bool,
        progress: &Progress,
    ) -> Result<Pushed, RegistryError> {
        let before = self.tag_state(push, is_same).await?;
        self.push_over(before, push, progress).await
    }

    /// As [`Registry::push`], for somebody who has looked at the tag already and found `before`.
    ///
    /// # Errors
    ///
    /// When the registry does not take it. The tag then is what it was.
    pub async fn push_over(
        &self,
        before: TagState,
        push: &Push,
        progress: &Progress,
    ) -> Result<Pushed, RegistryError> {
        let during = |fault: Fault| fault.during(format!("push `{}`", push.reference));
        let mut pushed = Pushed {
            digest: Digest::of(&push.manifest),
            before,
            uploaded: Tally::default(),
            mounted: Tally::default(),
            reused: Tally::default(),
        };
        match before {
            TagState::Same { digest } => {
                pushed.digest = digest;
                for blob in distinct(&push.blobs) {
                    pushed.count(blob, Placed::Reused);
                }
                return Ok(pushed);
            }
            TagState::Other { digest } if !push.force_tag => {
                return Err(during(Fault::TagTaken {
                    existing: digest,
                    ours: pushed.digest,
                }));
            }
            TagState::Other { .. } | TagState::Absent => {}
        }
        let endpoint = self.origin(&push.reference.repository).map_err(during)?;
        self.place_all(&endpoint, push, &push.known, progress, &mut pushed)
            .await?;
        match self.put_manifests(push).await {
            // What was believed to be there was removed meanwhile.
            Err(error) if !push.known.is_empty() && misses_blob(&error.fault) => {
                pushed.forget();
                self.place_all(&endpoint, push, &BTreeSet::new(), progress, &mut pushed)
                    .await?;
                self.put_manifests(push).await?;
            }
            done => done?,
        }
        Ok(pushed)
    }

    /// Puts the manifest, after those that it names.
    async fn put_manifests(&self, push: &Push) -> Result<(), RegistryError> {
        for image in &push.images {
            let target = Target::Digest(Digest::of(image));
            let reference = push.reference.repository.at(target);
            self.put_manifest(&reference, media_type::MANIFEST, image)
                .await?;
        }
        self.put_manifest(&push.reference, &push.media_type, &push.manifest)
            .await?;
        Ok(())
    }

    async fn state_at(
        &self,
        endpoint: &Endpoint,
        push: &Push,
        is_same: impl FnOnce(&[u8]) -> bool,
    ) -> Result<TagState, Fault> {
        let target = &push.reference.target;
        let existing = self
            .transport
            .retrying(|| self.manifest_at(endpoint.clone(), target, Scope::Push))
            .await;
        let existing = match existing {
            Ok(existing) => Some(existing),
            Err(Fault::NotFound { .. }) => None,
            Err(fault) => return Err(fault),
        };
        let existing = existing
            .as_ref()
            .map(|(digest, bytes)| (*digest, bytes.as_slice()));
        Ok(tag_state(existing, Digest::of(&push.manifest), is_same))
    }

    /// Sees to it that the repository has all blobs; those in `known` it has.
    async fn place_all(
        &self,
        endpoint: &Endpoint,
        push: &Push,
        known: &BTreeSet<Digest>,
        progress: &Progress,
        pushed: &mut Pushed,
    ) -> Result<(), RegistryError> {
        // A list of futures and not a stream's closure, which would keep them from tasks of their own.
        let work: Vec<_> = distinct(&push.blobs)
            .into_iter()
            .map(|blob| async move {
                progress.tell(Event::BlobStarted(blob.descriptor.clone()));
                let placed = if known.contains(&blob.descriptor.digest) {
                    Ok(Placed::Reused)
                } else {
                    let from = push.mount_from.get(&blob.descriptor.digest);
                    self.place(endpoint, blob, from, progress).await
                };
                placed
                    .map(|how| (blob, how))
                    .map_err(|fault| fault.during(task(&push.reference.repository, blob)))
            })
            .collect();
        let mut placements = stream::iter(work).buffer_unordered(self.parallelism.get());
        while let Some((blob, how)) = placements.try_next().await? {
            pushed.count(blob, how);
            progress.tell(Event::BlobDone {
                digest: blob.descriptor.digest,
                how,
            });
        }
        Ok(())
    }

    /// Sees to it that the repository has a blob, by the cheapest way.
    async fn place(
        &self,
        endpoint: &Endpoint,
        blob: &Upload,
        mount_from: Option<&String>,
        progress: &Progress,
    ) -> Result<Placed, Fault> {
        let digest = blob.descriptor.digest;
        if self.exists_at(endpoint, digest).await? {
            return Ok(Placed::Reused);
        }
        let from = mount_from.filter(|from| **from != endpoint.name);
        let uploaded = self.upload_at(endpoint, blob, progress, from.map(String::as_str));
        match uploaded.await {
            Err(fault) if from.is_some() && keeps_out(&fault) => {
                self.upload_at(endpoint, blob, progress, None).await
            }
            placed => placed,
        }
    }
}

impl Pushed {
    fn count(&mut self, blob: &Upload, how: Placed) {
        let tally = match how {
            Placed::Reused => &mut self.reused,
            Placed::Mounted => &mut self.mounted,
            Placed::Uploaded => &mut self.uploaded,
        };
        tally.blobs += 1;
        tally.bytes += blob.descriptor.size;
    }

    fn forget(&mut self) {
        self.uploaded = Tally::default();
        self.mounted = Tally::default();
        self.reused = Tally::default();
    }
}

/// Every blob once: an artifact may have the same file twice.
fn distinct(blobs: &[Upload]) -> Vec<&Upload> {
    let by_digest: BTreeMap<Digest, &Upload> = blobs
        .iter()
        .map(|blob| (blob.descriptor.digest, blob))
        .collect();
    by_digest.into_values().collect()
}

/// Whether a registry does not let this account see the repository to mount from; it may still take the bytes.
fn keeps_out(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::Unauthorized { .. } | Fault::Forbidden { .. } | Fault::NotFound { .. }
    )
}

/// Whether a registry refused a manifest because a blob of it is missing (distribution-spec, "Error codes").
fn misses_blob(fault: &Fault) -> bool {
    match fault {
        Fault::NotFound { detail, .. } | Fault::Status { detail, .. } => detail.misses_blob(),
        _ => false,
    }
}
