//! The files and modules of the components of an artifact, and where their bytes are.

use std::collections::{BTreeMap, BTreeSet};

use super::error::ContentError;
use super::needed::Needed;
use crate::descriptor::Descriptor;
use crate::digest::Digest;
use crate::guest_path::{self, GuestPath};
use crate::locked::{Content, LockedApp, LockedComponent};
use crate::manifest::Manifest;
use crate::media_type;

/// What an artifact holds.
#[derive(Clone, Debug)]
pub struct Contents {
    /// Its components, in the order of the locked app.
    pub components: Vec<ComponentContents>,
    /// Everything that they need, by digest.
    wanted: BTreeMap<Digest, Place>,
    archives: Vec<Descriptor>,
}

/// What a component needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComponentContents {
    /// Its name, which may be anything: never a path.
    pub id: String,
    /// Its Wasm.
    pub module: Digest,
    /// Its files.
    pub files: BTreeMap<GuestPath, Digest>,
}

/// Where some content is.
#[derive(Clone, Debug)]
enum Place {
    /// In the locked app.
    Inline(Vec<u8>),
    /// It is a blob.
    Blob(Descriptor),
    /// In one of the archives, or nowhere.
    Archive,
}

impl Contents {
    /// What the artifact of this manifest and locked app holds.
    ///
    /// # Errors
    ///
    /// See [`ContentError`].
    pub fn new(manifest: &Manifest, app: &LockedApp) -> Result<Contents, ContentError> {
        let is_locked_app = |layer: &&Descriptor| layer.media_type == media_type::LOCKED_APP;
        let layers = manifest.layers.iter().filter(|layer| !is_locked_app(layer));
        // As in Spin, whatever is no archive is content.
        let (archives, blobs): (Vec<Descriptor>, Vec<Descriptor>) = layers
            .cloned()
            .partition(|layer| layer.media_type == media_type::ARCHIVE);
        let mut contents = Contents {
            components: Vec::new(),
            wanted: BTreeMap::new(),
            archives: without_duplicates(archives),
        };
        let blobs = blobs.into_iter().map(|blob| (blob.digest, blob)).collect();
        for component in &app.components {
            let component = contents.component(component, &blobs)?;
            contents.components.push(component);
        }
        Ok(contents)
    }

    /// The digests of everything that the components need.
    pub fn digests(&self) -> impl Iterator<Item = Digest> {
        self.wanted.keys().copied()
    }

    /// What is still to be taken from the artifact by somebody who has the contents that `has` knows.
    #[must_use]
    pub fn needed(&self, has: impl Fn(&Digest) -> bool) -> Needed {
        let mut needed = Needed::default();
        let mut archived = BTreeSet::new();
        for (digest, place) in self.wanted.iter().filter(|(digest, _)| !has(digest)) {
            match place {
                Place::Inline(bytes) => {
                    needed.inline.insert(*digest, bytes.clone());
                }
                Place::Blob(blob) => needed.blobs.push(blob.clone()),
                Place::Archive => {
                    archived.insert(*digest);
                }
            }
        }
        if !archived.is_empty() {
            needed.archives.clone_from(&self.archives);
            needed.archived = self.named(&archived);
        }
        needed
    }

    /// These contents, each with something that needs it.
    fn named(&self, digests: &BTreeSet<Digest>) -> BTreeMap<Digest, String> {
        let mut named = BTreeMap::new();
        for component in &self.components {
            if digests.contains(&component.module) {
                named.insert(component.module, wasm_of(&component.id));
            }
            let files = component
                .files
                .iter()
                .filter(|(_, digest)| digests.contains(digest));
            named.extend(files.map(|(path, digest)| (*digest, file_of(&component.id, path))));
        }
        named
    }

    fn component(
        &mut self,
        component: &LockedComponent,
        blobs: &BTreeMap<Digest, Descriptor>,
    ) -> Result<ComponentContents, ContentError> {
        let id = &component.id;
        let wasm = || wasm_of(id);
        let module = self.want(&component.source.content, blobs, wasm)?;
        let mut files = BTreeMap::new();
        for file in &component.files {
            let path = GuestPath::parse(&file.path).map_err(|source| ContentError::Path {
                component: id.clone(),
                source,
            })?;
            let name = || file_of(id, &path);
            let digest = self.want(&file.content, blobs, name)?;
            // As in Spin, of two files with one path the last counts.
            files.insert(path, digest);
        }
        if let Some(path) = guest_path::file_and_folder(&files) {
            return Err(ContentError::FileAndFolder {
                component: id.clone(),
                path: path.clone(),
            });
        }
        Ok(ComponentContents {
            id: id.clone(),
            module,
            files,
        })
    }

    /// Notes that some content is needed, and where it is.
    fn want(
        &mut self,
        content: &Content,
        blobs: &BTreeMap<Digest, Descriptor>,
        of: impl Fn() -> String,
    ) -> Result<Digest, ContentError> {
        let digest = match (&content.inline, content.digest) {
            (Some(bytes), expected) => checked_inline(bytes, expected, &of)?,
            (None, Some(digest)) => digest,
            (None, None) => return Err(ContentError::Nothing { of: of() }),
        };
        let place = match (&content.inline, blobs.get(&digest)) {
            (Some(bytes), _) => Place::Inline(bytes.clone()),
            (None, _) if self.wanted.contains_key(&digest) => return Ok(digest),
            (None, Some(blob)) => Place::Blob(blob.clone()),
            (None, None) if self.archives.is_empty() => {
                return Err(ContentError::Missing { of: of(), digest });
            }
            (None, None) => Place::Archive,
        };
        self.wanted.insert(digest, place);
        Ok(digest)
    }
}

fn wasm_of(component: &str) -> String {
    format!("the Wasm of the component `{component}`")
}

fn file_of(component: &str, path: &GuestPath) -> String {
    format!("the file `{path}` of the component `{component}`")
}

fn checked_inline(
    bytes: &[u8],
    expected: Option<Digest>,
    of: impl Fn() -> String,
) -> Result<Digest, ContentError> {
    let actual = Digest::of(bytes);
    match expected {
        Some(expected) if expected != actual => Err(ContentError::WrongDigest {
            of: of(),
            expected,
            actual,
        }),
        _ => Ok(actual),
    }
}

fn without_duplicates(mut blobs: Vec<Descriptor>) -> Vec<Descriptor> {
    let mut seen = BTreeSet::new();
    blobs.retain(|blob| seen.insert(blob.digest));
    blobs
}
