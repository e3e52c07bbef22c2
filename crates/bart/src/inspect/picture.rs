//! A release as a value: components, files, where their bytes are, and what it shares with another one.

use std::collections::{BTreeMap, BTreeSet};

use artifact::locked::{LockedApp, LockedTrigger};
use artifact::unpack::ComponentContents;
use artifact::{Descriptor, Digest, Manifest, media_type};
use serde::Serialize;
use serde_json::Value;

use super::load::Loaded;

/// An artifact.
#[derive(Debug, Serialize)]
pub(super) struct Picture {
    pub(super) reference: String,
    pub(super) digest: Digest,
    pub(super) annotations: BTreeMap<String, String>,
    /// The bytes of everything but the manifest.
    pub(super) bytes: u64,
    /// The bytes of the manifest.
    pub(super) manifest_bytes: u64,
    pub(super) layers: usize,
    pub(super) packs: usize,
    pub(super) components: Vec<ComponentPicture>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) compared: Option<Comparison>,
}

/// A component.
#[derive(Debug, Serialize)]
pub(super) struct ComponentPicture {
    pub(super) id: String,
    /// The routes of its HTTP triggers.
    pub(super) routes: Vec<String>,
    pub(super) wasm: ContentPicture,
    /// By path.
    pub(super) files: BTreeMap<String, ContentPicture>,
}

/// Some content.
#[derive(Debug, Serialize)]
pub(super) struct ContentPicture {
    pub(super) digest: Digest,
    pub(super) place: Place,
    /// Its size, which nothing says of what is in a pack.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) change: Option<Change>,
}

/// Where the bytes of some content are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Place {
    /// In a layer of their own.
    Layer,
    /// In one of the packs.
    Pack,
    /// In the locked app.
    Inline,
}

/// What became of a component's Wasm, or of what is at a path of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Change {
    New,
    Changed,
    Same,
}

/// What an artifact has in comparison with another one.
#[derive(Debug, Serialize)]
pub(super) struct Comparison {
    pub(super) reference: String,
    pub(super) digest: Digest,
    pub(super) new: usize,
    pub(super) changed: usize,
    pub(super) same: usize,
    /// What only the other one has: components, and paths of components.
    pub(super) gone: Vec<Gone>,
    pub(super) pull: Pull,
}

/// What only the other artifact has.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Gone {
    pub(super) component: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) path: Option<String>,
}

/// What has to be pulled by somebody who has the other artifact.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Pull {
    /// Layers, the locked app among them.
    pub(super) layers: usize,
    /// The bytes of these and of the manifest.
    pub(super) bytes: u64,
}

/// What is where: the Wasm of components, at no path, and their files.
type Inventory<'a> = BTreeMap<(&'a str, Option<&'a str>), Digest>;

impl Picture {
    /// The picture of an artifact, in comparison with `other` if there is one.
    pub(super) fn of(loaded: &Loaded, other: Option<&Loaded>) -> Picture {
        let before = other.map(inventory);
        let manifest = &loaded.manifest;
        let blobs = distinct(manifest);
        let sizes: BTreeMap<Digest, u64> = blobs.iter().map(|it| (it.digest, it.size)).collect();
        let inline = inline(&loaded.app);
        let content = |component: &str, path: Option<&str>, digest: Digest| {
            let (place, bytes) = match (inline.get(&digest), sizes.get(&digest)) {
                (Some(size), _) => (Place::Inline, Some(*size)),
                (None, Some(size)) => (Place::Layer, Some(*size)),
                (None, None) => (Place::Pack, None),
            };
            let change = before
                .as_ref()
                .map(|before| change(before, (component, path), digest));
            ContentPicture {
                digest,
                place,
                bytes,
                change,
            }
        };
        let component = |it: &ComponentContents| {
            let files = it.files.iter().map(|(path, digest)| {
                let path = path.as_str();
                (path.to_owned(), content(&it.id, Some(path), *digest))
            });
            ComponentPicture {
                id: it.id.clone(),
                routes: routes(&loaded.app.triggers, &it.id),
                wasm: content(&it.id, None, it.module),
                files: files.collect(),
            }
        };
        Picture {
            reference: loaded.name.clone(),
            digest: loaded.digest,
            annotations: manifest.annotations.clone(),
            bytes: blobs.iter().map(|blob| blob.size).sum(),
            manifest_bytes: loaded.manifest_size,
            layers: manifest.layers.len(),
            packs: manifest.layers.iter().filter(is_pack).count(),
            components: loaded.contents.components.iter().map(component).collect(),
            compared: other.map(|other| Comparison::of(loaded, other)),
        }
    }
}

impl Comparison {
    fn of(loaded: &Loaded, other: &Loaded) -> Comparison {
        let (now, before) = (inventory(loaded), inventory(other));
        let count = |wanted: Change| {
            let changes = now
                .iter()
                .map(|(place, digest)| change(&before, *place, *digest));
            changes.filter(|change| *change == wanted).count()
        };
        let gone = before.keys().filter(|place| !now.contains_key(*place));
        Comparison {
            reference: other.name.clone(),
            digest: other.digest,
            new: count(Change::New),
            changed: count(Change::Changed),
            same: count(Change::Same),
            gone: gone
                .map(|(component, path)| Gone {
                    component: (*component).to_owned(),
                    path: path.map(str::to_owned),
                })
                .collect(),
            pull: Pull::of(loaded, other),
        }
    }
}

impl Pull {
    /// A pull takes the manifest, the locked app, and the layers with contents that it lacks. The configuration it never takes.
    fn of(loaded: &Loaded, other: &Loaded) -> Pull {
        let had: BTreeSet<Digest> = other.contents.digests().collect();
        let layers: BTreeSet<Digest> = other.manifest.layers.iter().map(|it| it.digest).collect();
        let needed = loaded.contents.needed(|digest| had.contains(digest));
        // Of a pack that both have, everything is had.
        let packs = needed.archives.iter();
        let packs = packs.filter(|pack| !layers.contains(&pack.digest));
        let app = loaded.manifest.locked_app().ok();
        let app = app.filter(|app| !layers.contains(&app.digest));
        let sizes: Vec<u64> = needed
            .blobs
            .iter()
            .chain(packs)
            .chain(app)
            .map(|layer| layer.size)
            .collect();
        let manifest = match loaded.digest == other.digest {
            true => 0,
            false => loaded.manifest_size,
        };
        Pull {
            layers: sizes.len(),
            bytes: sizes.iter().sum::<u64>() + manifest,
        }
    }
}

fn inventory(loaded: &Loaded) -> Inventory<'_> {
    let components = loaded.contents.components.iter();
    components
        .flat_map(|component| {
            let id = component.id.as_str();
            let files = component.files.iter();
            let files = files.map(move |(path, digest)| ((id, Some(path.as_str())), *digest));
            files.chain([((id, None), component.module)])
        })
        .collect()
}

fn change(before: &Inventory<'_>, place: (&str, Option<&str>), digest: Digest) -> Change {
    match before.get(&place) {
        None => Change::New,
        Some(known) if *known == digest => Change::Same,
        Some(_) => Change::Changed,
    }
}

fn is_pack(layer: &&Descriptor) -> bool {
    layer.media_type == media_type::ARCHIVE
}

/// The configuration and the layers, each digest once.
fn distinct(manifest: &Manifest) -> Vec<&Descriptor> {
    let mut seen = BTreeSet::new();
    std::iter::once(&manifest.config)
        .chain(&manifest.layers)
        .filter(|blob| seen.insert(blob.digest))
        .collect()
}

/// The sizes of the contents that the locked app has in itself.
fn inline(app: &LockedApp) -> BTreeMap<Digest, u64> {
    let files = app.components.iter().flat_map(|component| &component.files);
    let contents = files.filter_map(|file| {
        let bytes = file.content.inline.as_ref()?;
        Some((Digest::of(bytes), bytes.len() as u64))
    });
    contents.collect()
}

fn routes(triggers: &[LockedTrigger], component: &str) -> Vec<String> {
    let calls_it = |trigger: &&LockedTrigger| {
        let called = trigger.trigger_config.get("component");
        trigger.trigger_type == "http" && called.and_then(Value::as_str) == Some(component)
    };
    let routes = triggers.iter().filter(calls_it);
    routes
        .filter_map(|trigger| trigger.trigger_config.get("route")?.as_str())
        .map(str::to_owned)
        .collect()
}
