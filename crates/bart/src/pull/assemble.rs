//! What a release in the store is made of: the files of its components, what bart adds to them, and what is needed to run it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use artifact::locked::LockedApp;
use artifact::store::{ContentRef, ReleaseBuilder};
use artifact::unpack::{ComponentContents, Contents, Needed};
use artifact::{Digest, Store, StoreError};
use engine::app::Source;
use engine::substitution::{self, Bundled};
use site::index::IndexedDocument;
use web::files::index::{self, Entry};

use crate::bundled;

/// The application of a stored release, without its files: all that a start has to read.
pub const APPLICATION: &str = "app.json";
/// The manifest of the artifact.
const MANIFEST: &str = "manifest.json";
/// The locked app as it was published.
const LOCKED_APP: &str = "locked-app.json";

/// What is to be stored. Clones share it.
#[derive(Clone)]
pub(super) struct Plan(Arc<Parts>);

struct Parts {
    contents: Contents,
    /// What the locked app itself holds.
    inline: BTreeMap<Digest, Vec<u8>>,
    archives: Vec<Digest>,
    /// The component of bart's own that runs, for each component.
    bundled: Vec<Option<Bundled>>,
    app: LockedApp,
    locked_app: Digest,
    manifest: Vec<u8>,
}

/// The name beside the mounts that the Wasm of this digest has.
pub(crate) fn module_name(digest: &Digest) -> String {
    format!("wasm-{}", digest.hex())
}

impl Plan {
    pub(super) fn new(
        contents: Contents,
        app: LockedApp,
        locked_app: Digest,
        manifest: Vec<u8>,
    ) -> Self {
        let all = contents.needed(|_| false);
        let bundled = contents
            .components
            .iter()
            .map(|component| own(&component.module))
            .collect();
        Self(Arc::new(Parts {
            inline: all.inline,
            archives: all.archives.iter().map(|blob| blob.digest).collect(),
            contents,
            bundled,
            app,
            locked_app,
            manifest,
        }))
    }

    /// What the store lacks. The Wasm of bart's own components is in this program, and what bart adds to their files is made here.
    pub(super) fn needed(&self, store: &Store) -> Needed {
        let parts = &self.0;
        let wanted: BTreeSet<Digest> = parts
            .components()
            .flat_map(|(component, bundled)| {
                let module = bundled.is_none().then_some(component.module);
                let files = files(component, bundled).map(|(_, digest)| *digest);
                module.into_iter().chain(files)
            })
            .collect();
        parts.contents.needed(|digest| {
            !wanted.contains(digest)
                || parts.inline.contains_key(digest)
                || store.blob(digest).is_some()
        })
    }

    /// The release, described.
    pub(super) fn builder(
        &self,
        store: &Store,
        digest: Digest,
    ) -> Result<ReleaseBuilder, StoreError> {
        let parts = &self.0;
        let mut builder = store.begin_release(digest);
        for (place, (component, bundled)) in parts.components().enumerate() {
            for (path, digest) in files(component, bundled) {
                builder.file(place, path, parts.content(digest))?;
            }
            if let Some((name, bytes)) = parts.index(store, component, bundled)? {
                let path = format!("{}/{name}", index::FOLDER);
                builder.file(place, &path, ContentRef::Inline(bytes))?;
            }
            if bundled.is_none() {
                let content = ContentRef::Blob(component.module);
                builder.put(&module_name(&component.module), content)?;
            }
        }
        // Kept, so that the next release need not fetch those that it shares. What was there without them has none.
        let here = |archive: &&Digest| store.blob(archive).is_some();
        for archive in parts.archives.iter().filter(here) {
            let name = format!("pack-{}", archive.hex());
            builder.put(&name, ContentRef::Blob(*archive))?;
        }
        let mut app = parts.app.clone();
        for component in &mut app.components {
            component.files.clear();
        }
        builder.put(APPLICATION, ContentRef::Inline(app.to_bytes()))?;
        builder.put(MANIFEST, ContentRef::Inline(parts.manifest.clone()))?;
        builder.put(LOCKED_APP, ContentRef::Blob(parts.locked_app))?;
        Ok(builder)
    }
}

impl Parts {
    fn components(&self) -> impl Iterator<Item = (&ComponentContents, Option<Bundled>)> {
        self.contents
            .components
            .iter()
            .zip(self.bundled.iter().copied())
    }

    fn content(&self, digest: &Digest) -> ContentRef {
        match self.inline.get(digest) {
            Some(bytes) => ContentRef::Inline(bytes.clone()),
            None => ContentRef::Blob(*digest),
        }
    }

    /// What bart adds to the files of a component of its own. It is made anew for each machine: nobody else's is trusted.
    fn index(
        &self,
        store: &Store,
        component: &ComponentContents,
        bundled: Option<Bundled>,
    ) -> Result<Option<(&'static str, Vec<u8>)>, StoreError> {
        if component.files.is_empty() {
            return Ok(None);
        }
        match bundled {
            Some(Bundled::Fileserver) => {
                let entries = files(component, bundled)
                    .filter_map(|(path, digest)| Some((path, self.entry(store, digest)?)));
                Ok(Some((index::NAME, index::write(entries))))
            }
            Some(Bundled::Renderer) => {
                let mut pages = Vec::new();
                for (path, digest) in files(component, bundled) {
                    if IndexedDocument::is_listed(path) {
                        pages.extend(self.page(store, path, digest)?);
                    }
                }
                let index = IndexedDocument::index(&pages).into_bytes();
                Ok(Some((site::index::NAME, index)))
            }
            Some(Bundled::Redirect) | None => Ok(None),
        }
    }

    fn entry(&self, store: &Store, digest: &Digest) -> Option<Entry> {
        let length = match self.inline.get(digest) {
            Some(bytes) => bytes.len() as u64,
            None => store.blob(digest)?.size,
        };
        Some(Entry {
            digest: *digest.as_bytes(),
            length,
        })
    }

    /// A page that cannot be understood is in no list, as the site's author was told before.
    fn page(
        &self,
        store: &Store,
        path: &str,
        digest: &Digest,
    ) -> Result<Option<IndexedDocument>, StoreError> {
        let bytes = match self.inline.get(digest) {
            Some(bytes) => Some(bytes.clone()),
            None => store.read(digest)?,
        };
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        Ok(text.and_then(|text| IndexedDocument::new(path, text).ok().flatten()))
    }
}

/// The files of a component. Of one of bart's own, without what whoever published it added for it.
fn files(
    component: &ComponentContents,
    bundled: Option<Bundled>,
) -> impl Iterator<Item = (&str, &Digest)> {
    let added = format!("{}/", index::FOLDER);
    component
        .files
        .iter()
        .map(|(path, digest)| (path.as_str(), digest))
        .filter(move |(path, _)| bundled.is_none() || !path.starts_with(&added))
}

/// The component of bart's own that runs for Wasm of this digest.
fn own(module: &Digest) -> Option<Bundled> {
    bundled::by_digest(module).or_else(|| {
        let source = Source::Blob { digest: *module };
        substitution::recognise(&source).map(|substitution| substitution.bundled)
    })
}
