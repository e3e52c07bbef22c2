//! Native code of components: taken from the image, from the cache, or compiled and kept there.

mod command;
mod lacking;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use artifact::{Digest, Store};
use clap::Args;
use engine::native::{Compiler, LoadError, NativeFile};
use engine::{Module, ModuleError, Wasm};

use crate::Failure;

pub(crate) use command::{Native, run};
pub(crate) use lacking::compile_lacking;

/// Where an image has native code.
const IMAGE_FOLDER: &str = "/native";

/// Where native code is taken from.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Cache")]
pub struct NativeArguments {
    /// A folder of native code that came with bart, which is looked into before the cache and never written. Without it, `/native`
    /// where that is there.
    #[arg(long, value_name = "DIR", env = "BART_NATIVE_DIR")]
    pub native_dir: Option<PathBuf>,
}

/// Where native code is found and kept.
pub(crate) struct NativeCode {
    image: Option<Place>,
    cache: Option<Place>,
    store: Option<Store>,
    /// Whether it was said that nothing can be kept.
    complained: AtomicBool,
}

/// A folder of native code.
struct Place {
    root: PathBuf,
    /// Where modules are below it: `<engine key>/<hex>.cwasm`.
    folder: PathBuf,
    /// Whether it was said that others could have written it.
    distrusted: AtomicBool,
}

impl NativeArguments {
    /// The folder of the image and a cache, if there is one that native code can be run from.
    pub(crate) fn with(&self, store: Option<Store>) -> NativeCode {
        let named = self.native_dir.clone();
        if let Some(folder) = named.as_deref().filter(|folder| !folder.is_dir()) {
            tracing::warn!("there is no folder `{}` of native code", folder.display());
        }
        let image = named.unwrap_or_else(|| PathBuf::from(IMAGE_FOLDER));
        NativeCode {
            image: Some(Place::new(image.clone(), image)),
            cache: store
                .as_ref()
                .map(|store| Place::new(store.root().to_owned(), store.natives())),
            store,
            complained: AtomicBool::new(false),
        }
    }
}

impl Place {
    const fn new(root: PathBuf, folder: PathBuf) -> Place {
        Place {
            root,
            folder,
            distrusted: AtomicBool::new(false),
        }
    }

    /// What `load` makes of the module's file, unless that is not there or cannot be used.
    fn look<T>(
        &self,
        key: &str,
        wasm: &Digest,
        load: impl FnOnce(&Path, &Path) -> Result<T, LoadError>,
    ) -> Option<Result<T, ModuleError>> {
        if self.distrusted.load(Ordering::Relaxed) {
            return None;
        }
        let file = file(&self.folder, key, wasm);
        match load(&self.root, &file) {
            Ok(found) => Some(Ok(found)),
            Err(LoadError::Unusable(error)) => Some(Err(error)),
            Err(LoadError::Missing { .. }) => None,
            Err(error) => {
                let of_the_place = matches!(error, LoadError::Distrusted(_));
                if !(of_the_place && self.distrusted.swap(true, Ordering::Relaxed)) {
                    tracing::warn!(
                        "{}; another copy is used or compiled",
                        Failure::failed(error)
                    );
                }
                None
            }
        }
    }
}

/// `<engine key>/<hex>.cwasm` in a folder.
fn file(folder: &Path, key: &str, wasm: &Digest) -> PathBuf {
    folder.join(key).join(format!("{}.cwasm", wasm.hex()))
}

impl NativeCode {
    /// Nowhere: everything is compiled each time.
    pub(crate) const fn nowhere() -> NativeCode {
        NativeCode {
            image: None,
            cache: None,
            store: None,
            complained: AtomicBool::new(false),
        }
    }

    /// The module with this digest, if its native code is there.
    pub(crate) fn load(&self, wasm: &Wasm, digest: &Digest) -> Option<Result<Module, ModuleError>> {
        let key = wasm.key().as_str();
        let load = |root: &Path, file: &Path| wasm.load(&NativeFile::open(root, file)?);
        self.places()
            .find_map(|place| place.look(key, digest, load))
    }

    /// Whether the native code of a module is there and whole.
    fn has(&self, key: &str, digest: &Digest) -> bool {
        let check = |root: &Path, file: &Path| NativeFile::open(root, file)?.check();
        let mut looks = self.places().map(|place| place.look(key, digest, check));
        looks.any(|found| matches!(found, Some(Ok(()))))
    }

    /// The file of a module's native code, if it is there and can be mapped.
    pub(crate) fn open(&self, key: &str, digest: &Digest) -> Option<NativeFile> {
        self.places()
            .find_map(|place| place.look(key, digest, NativeFile::open)?.ok())
    }

    /// Compiles a module, and keeps its native code for the next time.
    ///
    /// # Errors
    ///
    /// When it cannot run here.
    pub(crate) fn compile(
        &self,
        wasm: &Wasm,
        digest: &Digest,
        bytes: &[u8],
    ) -> Result<Module, ModuleError> {
        let module = wasm.compile(bytes)?;
        if self.store.is_some() {
            self.keep(wasm.key().as_str(), digest, &module.native_code()?);
        }
        Ok(module)
    }

    /// Compiles a module with `compiler` and keeps its native code.
    fn prepare(
        &self,
        compiler: &Compiler,
        digest: &Digest,
        bytes: &[u8],
    ) -> Result<(), ModuleError> {
        self.keep(compiler.key().as_str(), digest, &compiler.compile(bytes)?);
        Ok(())
    }

    /// What cannot be kept is compiled again the next time, which costs time alone.
    fn keep(&self, key: &str, digest: &Digest, code: &[u8]) {
        let Some(store) = &self.store else {
            return;
        };
        if let Err(error) = store.keep_native(key, digest, code)
            && !self.complained.swap(true, Ordering::Relaxed)
        {
            let failure = Failure::from(error);
            tracing::warn!("{failure}; native code is not kept, so the next start compiles again");
        }
    }

    fn places(&self) -> impl Iterator<Item = &Place> {
        self.image.iter().chain(&self.cache)
    }
}
