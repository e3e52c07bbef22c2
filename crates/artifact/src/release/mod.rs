//! Releases: an application and its content as an artifact, the same bytes on every machine and at any time.

mod content;
mod layer;
mod pack;
mod packing;
mod parallel;
mod source;

use std::collections::BTreeMap;
use std::io;

pub use content::FileContent;
pub use layer::{Holds, Layer};
pub use source::{Source, SourceError};

use content::Contents;
use source::Taken;

use crate::descriptor::Descriptor;
use crate::digest::Digest;
use crate::guest_path::{self, GuestPath, GuestPathError};
use crate::image_config;
use crate::locked::{Content, ContentPath, LockedApp, LockedAppError};
use crate::manifest::Manifest;

/// The size, in bytes, up to which Spin keeps the content of a file in the locked app.
const INLINE: u64 = 128;

/// What a release is made from.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The application. The sources and files of its components are put in from the other fields.
    pub app: LockedApp,
    /// The Wasm of each component, by its name.
    pub modules: BTreeMap<String, Source>,
    /// The files of the components, in any order. Of two with one path the last counts.
    pub files: Vec<DraftFile>,
    /// Notes for the manifest, such as [`CREATED`](crate::annotation::CREATED). No clock is read here.
    pub annotations: BTreeMap<String, String>,
}

/// A file of a component.
#[derive(Clone, Debug)]
pub struct DraftFile {
    /// The name of the component.
    pub component: String,
    /// Where it sees the file.
    pub path: String,
    /// What is in it.
    pub source: Source,
}

/// An artifact, ready to be published. Its bytes are read from where they are when they are needed.
#[derive(Clone, Debug)]
pub struct Release {
    /// The manifest.
    pub manifest: Manifest,
    /// The bytes of the manifest.
    pub manifest_bytes: Vec<u8>,
    /// The digest of the manifest, which is the identity of the artifact.
    pub digest: Digest,
    /// The application, with its content named by digest.
    pub app: LockedApp,
    /// The blobs: the configuration, then the layers in the order of the manifest. Each digest occurs once.
    pub blobs: Vec<Layer>,
}

/// Why no release can be made of a draft.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A file could not be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A pack could not be made, as a file could not be read again.
    #[error("failed to pack files")]
    Pack(#[source] io::Error),
    /// A file is for a component that the application does not have.
    #[error(
        "the file `{path}` is for the component `{component}`, which the application does not have"
    )]
    NoComponent {
        /// The component.
        component: String,
        /// The file.
        path: String,
    },
    /// A component has no Wasm.
    #[error("the component `{component}` has no Wasm")]
    NoModule {
        /// The component.
        component: String,
    },
    /// The path of a file is none.
    #[error("a file of the component `{component}` has no usable path")]
    Path {
        /// The component.
        component: String,
        /// What is wrong with it.
        source: GuestPathError,
    },
    /// A path is a file and a folder.
    #[error("`{path}` of the component `{component}` is a file and a folder")]
    FileAndFolder {
        /// The component.
        component: String,
        /// The path.
        path: GuestPath,
    },
    /// Nobody could read the locked app.
    #[error(transparent)]
    LockedApp(#[from] LockedAppError),
    /// There is no room for files.
    #[error(
        "the application has {count} components, too many for an artifact of {} layers",
        packing::MOST_LAYERS
    )]
    TooManyComponents {
        /// Their number.
        count: usize,
    },
}

impl Release {
    /// Makes the release of a draft. Every file is read once, those that share a layer twice; none is kept in memory.
    ///
    /// # Errors
    ///
    /// See [`BuildError`].
    pub fn build(draft: Draft) -> Result<Release, BuildError> {
        let Draft {
            mut app,
            modules,
            files,
            annotations,
        } = draft;
        // Where the application lay on the machine that publishes it.
        app.metadata.remove("origin");
        let mut layers = place_modules(&mut app, &modules)?;
        let mut contents = place_files(&mut app, files)?;
        for module in &layers {
            contents.remove(&module.descriptor.digest);
        }
        // The locked app takes a layer too.
        let room = packing::MOST_LAYERS.saturating_sub(layers.len() + 1);
        if room == 0 {
            let count = app.components.len();
            return Err(BuildError::TooManyComponents { count });
        }
        let packing = packing::arrange(contents.by_path(), room);
        layers.extend(packing.own.into_iter().map(Layer::file));
        for pack in parallel::map(&packing.packs, |pack| Layer::pack(pack.clone())) {
            layers.push(pack.map_err(BuildError::Pack)?);
        }
        let locked_app = Layer::locked_app(app.to_checked_bytes()?);
        Ok(assemble(app, locked_app, layers, annotations))
    }
}

/// Names the Wasm of each component by digest. Returns their layers, each digest once.
fn place_modules(
    app: &mut LockedApp,
    modules: &BTreeMap<String, Source>,
) -> Result<Vec<Layer>, BuildError> {
    let mut layers: Vec<Layer> = Vec::new();
    for component in &mut app.components {
        let source = modules
            .get(&component.id)
            .ok_or_else(|| BuildError::NoModule {
                component: component.id.clone(),
            })?;
        let layer = Layer::component(&component.id, source)?;
        component.source.content = Content::of_digest(layer.descriptor.digest);
        if layers
            .iter()
            .all(|known| known.descriptor.digest != layer.descriptor.digest)
        {
            layers.push(layer);
        }
    }
    Ok(layers)
}

/// Lists the files of each component by path, short ones with their bytes. Returns the contents of the others.
fn place_files(app: &mut LockedApp, files: Vec<DraftFile>) -> Result<Contents, BuildError> {
    let mut trees = trees(app, files)?;
    let mut contents = Contents::default();
    for component in &mut app.components {
        let files: Vec<(GuestPath, Source)> = trees
            .remove(&component.id)
            .unwrap_or_default()
            .into_iter()
            .collect();
        let taken = parallel::map(&files, |(_, source)| source.measure_or_take(INLINE));
        component.files.clear();
        for ((path, source), taken) in files.into_iter().zip(taken) {
            let content = match taken? {
                Taken::Short(bytes) => Content::inline(bytes),
                Taken::Long(measure) => {
                    contents.add(FileContent {
                        path: path.clone(),
                        measure,
                        source,
                    });
                    Content::of_digest(measure.digest)
                }
            };
            let path = path.to_string();
            component.files.push(ContentPath { content, path });
        }
    }
    Ok(contents)
}

/// The files of each component by path, checked.
fn trees(
    app: &LockedApp,
    files: Vec<DraftFile>,
) -> Result<BTreeMap<String, BTreeMap<GuestPath, Source>>, BuildError> {
    let mut trees: BTreeMap<String, BTreeMap<GuestPath, Source>> = BTreeMap::new();
    for DraftFile {
        component,
        path,
        source,
    } in files
    {
        if app.component(&component).is_none() {
            return Err(BuildError::NoComponent { component, path });
        }
        let path = match GuestPath::parse(&path) {
            Ok(path) => path,
            Err(source) => return Err(BuildError::Path { component, source }),
        };
        trees.entry(component).or_default().insert(path, source);
    }
    for (component, tree) in &trees {
        if let Some(path) = guest_path::file_and_folder(tree) {
            return Err(BuildError::FileAndFolder {
                component: component.clone(),
                path: path.clone(),
            });
        }
    }
    Ok(trees)
}

fn assemble(
    app: LockedApp,
    locked_app: Layer,
    mut layers: Vec<Layer>,
    annotations: BTreeMap<String, String>,
) -> Release {
    let config = Layer::config(image_config::write(locked_app.descriptor.digest));
    layers.push(locked_app);
    let descriptor = |layer: &Layer| -> Descriptor { layer.descriptor.clone() };
    let manifest = Manifest {
        annotations,
        config: descriptor(&config),
        layers: layers.iter().map(descriptor).collect(),
        media_type: None,
        schema_version: 2,
    };
    let manifest_bytes = manifest.to_bytes();
    layers.insert(0, config);
    Release {
        digest: Digest::of(&manifest_bytes),
        manifest,
        manifest_bytes,
        app,
        blobs: layers,
    }
}
