//! `bart push --dry-run`: what would be uploaded, file by file, and what the registry has already.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::anyhow;
use artifact::registry::{Registry, TagState};
use artifact::{Digest, Reference, media_type};
use futures::stream::{self, StreamExt, TryStreamExt};
use serde::Serialize;

use super::arguments::Push;
use super::deliver;
use super::outgoing::Outgoing;
use super::report::Blobs;
use crate::table::{Alignment, Table, plain};
use crate::uses::{Use, Uses};
use crate::{Failure, log};

/// What would be uploaded.
#[derive(Debug, Serialize)]
struct Plan {
    reference: String,
    digest: Digest,
    /// Whether the registry could be asked what it has.
    asked: bool,
    new: Blobs,
    there: Blobs,
    blobs: Vec<Part>,
    /// What is in the locked app.
    inline: Vec<Part>,
}

/// A blob, or some content in one.
#[derive(Debug, Serialize)]
struct Part {
    kind: Kind,
    digest: Digest,
    bytes: u64,
    /// Whether the registry lacks it, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<bool>,
    /// Where the application has it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    uses: Vec<Use>,
    /// What is in a pack.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    holds: Vec<Part>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Manifest,
    Config,
    LockedApp,
    Component,
    File,
    Pack,
    Packed,
    Inline,
}

/// Prints what a push would do. It fails as the push would where the tag has other content.
pub(super) async fn show(
    outgoing: &Outgoing,
    reference: &Reference,
    arguments: &Push,
) -> Result<(), Failure> {
    let registry = arguments.registry.registry()?;
    let push = deliver::push(outgoing, reference, arguments.force_tag);
    let asked = async {
        let (state, _) = deliver::tag(&registry, outgoing, &push).await?;
        let there = there(&registry, outgoing, reference, state).await?;
        Ok::<_, Failure>((state, there))
    };
    let asked = asked.await.inspect_err(|failure| {
        tracing::warn!("the registry could not be asked what it has: {failure}");
    });
    let (state, there) = asked.ok().unzip();
    let plan = Plan::new(outgoing, reference, there.as_ref());
    if arguments.json {
        log::print_json(&plan)?;
    } else {
        log::print(&plan.text(state))?;
    }
    match state {
        Some(TagState::Other { .. }) if !arguments.force_tag => Err(taken(reference)),
        _ => Ok(()),
    }
}

/// The blobs that the repository has, the manifest among them.
async fn there(
    registry: &Registry,
    outgoing: &Outgoing,
    reference: &Reference,
    state: TagState,
) -> Result<BTreeSet<Digest>, Failure> {
    let digests: Vec<Digest> = outgoing
        .blobs
        .iter()
        .map(|blob| blob.descriptor.digest)
        .collect();
    if let TagState::Same { .. } = state {
        return Ok(digests.into_iter().chain([outgoing.digest]).collect());
    }
    let asked = digests.into_iter().map(|digest| async move {
        let exists = registry.exists(&reference.repository, digest).await;
        exists.map(|exists| exists.then_some(digest))
    });
    let asked = stream::iter(asked).buffer_unordered(registry.parallelism().get());
    let there: BTreeSet<Option<Digest>> = asked.try_collect().await?;
    Ok(there.into_iter().flatten().collect())
}

impl Plan {
    fn new(outgoing: &Outgoing, reference: &Reference, there: Option<&BTreeSet<Digest>>) -> Plan {
        let uses = Uses::of(&outgoing.app);
        let is_new = |digest: &Digest| there.map(|there| !there.contains(digest));
        let part = |kind, digest: Digest, bytes| Part {
            kind,
            digest,
            bytes,
            new: is_new(&digest),
            uses: uses.get(&digest).to_vec(),
            holds: Vec::new(),
        };
        let mut blobs = Vec::new();
        for blob in outgoing.blobs.iter().map(|blob| &blob.descriptor) {
            let mut part = part(
                kind_of(outgoing, &blob.digest, &uses),
                blob.digest,
                blob.size,
            );
            let held = outgoing.packs.get(&blob.digest).into_iter().flatten();
            part.holds = held
                .map(|(digest, bytes)| packed(*digest, *bytes, &uses))
                .collect();
            blobs.push(part);
        }
        let manifest = outgoing.manifest_bytes.len() as u64;
        blobs.push(part(Kind::Manifest, outgoing.digest, manifest));
        let sum = |new: bool| {
            let counted = blobs.iter().filter(|part| part.new.unwrap_or(true) == new);
            counted.fold(Blobs::default(), |sum, part| Blobs {
                blobs: sum.blobs + 1,
                bytes: sum.bytes + part.bytes,
            })
        };
        Plan {
            reference: reference.to_string(),
            digest: outgoing.digest,
            asked: there.is_some(),
            new: sum(true),
            there: sum(false),
            inline: inline(outgoing, &uses),
            blobs,
        }
    }

    fn text(&self, state: Option<TagState>) -> String {
        let mut table = Table::new(&[
            ("kind", Alignment::Left),
            ("component", Alignment::Left),
            ("path", Alignment::Left),
            ("bytes", Alignment::Right),
            ("digest", Alignment::Left),
            ("registry", Alignment::Left),
        ]);
        for part in self.blobs.iter().chain(&self.inline) {
            table.row(part.row());
            for held in &part.holds {
                table.row(held.row());
            }
        }
        let Plan {
            new,
            there,
            reference,
            digest,
            ..
        } = self;
        let conclusion = match state {
            Some(TagState::Same { digest }) => {
                format!("{reference} is already this content ({digest})")
            }
            Some(_) => format!(
                "would push {reference}@{digest}: {} new ({} bytes), {} there ({} bytes)",
                new.blobs, new.bytes, there.blobs, there.bytes
            ),
            None => format!(
                "would push {reference}@{digest}: {} blobs ({} bytes) at most",
                new.blobs, new.bytes
            ),
        };
        format!("{table}\n{conclusion}\n")
    }
}

impl Part {
    fn row(&self) -> Vec<String> {
        let first = self.uses.first();
        let component = first
            .map(|place| plain(&place.component))
            .unwrap_or_default();
        let mut path = match (self.kind, first) {
            (Kind::Pack, _) => format!("{} files", self.holds.len()),
            (_, Some(place)) => place.path.as_deref().map(plain).unwrap_or_default(),
            (_, None) => String::new(),
        };
        if self.uses.len() > 1 {
            path.push_str(&format!(" (+{})", self.uses.len() - 1));
        }
        let registry = match (self.kind, self.new) {
            (Kind::Packed | Kind::Inline, _) => "",
            (_, Some(true)) => "new",
            (_, Some(false)) => "there",
            (_, None) => "?",
        };
        vec![
            self.kind.name().to_owned(),
            component,
            path.trim_start().to_owned(),
            self.bytes.to_string(),
            self.digest.hex()[..12].to_owned(),
            registry.to_owned(),
        ]
    }
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Manifest => "manifest",
            Kind::Config => "config",
            Kind::LockedApp => "app",
            Kind::Component => "component",
            Kind::File => "file",
            Kind::Pack => "pack",
            Kind::Packed => "- file",
            Kind::Inline => "inline",
        }
    }
}

fn kind_of(outgoing: &Outgoing, digest: &Digest, uses: &Uses) -> Kind {
    if *digest == outgoing.manifest.config.digest {
        return Kind::Config;
    }
    let layers = &outgoing.manifest.layers;
    let layer = layers.iter().find(|layer| layer.digest == *digest);
    match layer.map(|layer| layer.media_type.as_str()) {
        Some(media_type::LOCKED_APP) => Kind::LockedApp,
        Some(media_type::ARCHIVE) => Kind::Pack,
        _ if uses.get(digest).iter().any(|place| place.path.is_none()) => Kind::Component,
        _ => Kind::File,
    }
}

fn packed(digest: Digest, bytes: u64, uses: &Uses) -> Part {
    Part {
        kind: Kind::Packed,
        digest,
        bytes,
        new: None,
        uses: uses.get(&digest).to_vec(),
        holds: Vec::new(),
    }
}

/// The contents that the locked app has in itself, each once.
fn inline(outgoing: &Outgoing, uses: &Uses) -> Vec<Part> {
    let files = outgoing.app.components.iter().flat_map(|it| &it.files);
    let contents: BTreeMap<Digest, u64> = files
        .filter_map(|file| {
            let bytes = file.content.inline.as_ref()?;
            Some((file.content.digest?, bytes.len() as u64))
        })
        .collect();
    let parts = contents.into_iter().map(|(digest, bytes)| Part {
        kind: Kind::Inline,
        ..packed(digest, bytes, uses)
    });
    let mut parts: Vec<Part> = parts.collect();
    let place = |part: &Part| {
        part.uses
            .first()
            .map(|it| (it.component.clone(), it.path.clone()))
    };
    parts.sort_by_key(place);
    parts
}

fn taken(reference: &Reference) -> Failure {
    Failure::failed(anyhow!(
        "`{reference}` has other content, and a push would be refused"
    ))
    .hint("push under another tag, or use `--force-tag` for a tag that is meant to move")
}
