//! From a file to code that runs: who could have written it is asked first, then whether its bytes are right.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use memmap2::Mmap;
use wasmtime::Engine;
use wasmtime::component::Component;

use super::seal::{Flaw, Seal};
use super::trust::{self, Distrust};
use crate::wasm::ModuleError;

/// Why a file of native code is not run.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// There is none.
    #[error("there is no `{path}`", path = path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// It cannot be read.
    #[error("failed to read `{path}`", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Somebody else could have written it.
    #[error(transparent)]
    Distrusted(#[from] Distrust),
    /// It is damaged.
    #[error("`{path}` is not run: {flaw}", path = path.display())]
    Flawed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        flaw: Flaw,
    },
    /// It is for another version, other settings or another CPU, or its file system is mounted without the right to run code.
    #[error("`{path}` cannot be run here: {reason}", path = path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// What wasmtime says.
        reason: String,
    },
    /// Its code is right, but the component cannot run here.
    #[error(transparent)]
    Unusable(#[from] ModuleError),
}

/// A file of native code that nobody else could have written, and of which is whole what wasmtime reads to map it.
#[derive(Debug)]
pub struct NativeFile {
    path: PathBuf,
    /// To take it away takes a while, which who drops this can choose.
    bytes: Mmap,
    seal: Seal,
}

impl NativeFile {
    /// Opens `file`, which is somewhere in the folder `root`.
    ///
    /// # Errors
    ///
    /// Why it is not run: the file is missing, others could have written it, or it is damaged.
    pub fn open(root: &Path, file: &Path) -> Result<NativeFile, LoadError> {
        let path = file.to_owned();
        let unreadable = |source: io::Error| {
            let path = file.to_owned();
            match source.kind() {
                ErrorKind::NotFound => LoadError::Missing { path },
                _ => LoadError::Read { path, source },
            }
        };
        let opened = trust::open(root, file).map_err(unreadable)??;
        let bytes = bytes(&opened).map_err(unreadable)?;
        match Seal::open(&bytes) {
            Ok(seal) => Ok(NativeFile { path, bytes, seal }),
            Err(flaw) => Err(LoadError::Flawed { path, flaw }),
        }
    }

    /// Looks through a piece of the code, some hundred KiB, if there is one that no thread has taken yet. Says whether there was.
    pub fn check_piece(&self) -> bool {
        self.seal.check_piece(&self.bytes)
    }

    /// Looks through the rest of the code, together with other threads that do.
    ///
    /// # Errors
    ///
    /// When it is damaged.
    pub fn check(&self) -> Result<(), LoadError> {
        self.seal
            .check(&self.bytes)
            .map_err(|flaw| LoadError::Flawed {
                path: self.path.clone(),
                flaw,
            })
    }

    /// Maps it. Nothing of it may run before [`NativeFile::check`] has found it whole.
    pub(crate) fn map(&self, engine: &Engine) -> Result<Component, LoadError> {
        map(engine, &self.path).map_err(|error| LoadError::Refused {
            path: self.path.clone(),
            reason: error.root_cause().to_string(),
        })
    }
}

/// The bytes where the system keeps them: copying them takes longer than hashing them. So does naming all pages to the processor at once
/// (`MAP_POPULATE`), where it takes those that follow along with each.
#[expect(unsafe_code, reason = "nobody can prove that a file does not change")]
fn bytes(file: &File) -> io::Result<Mmap> {
    // SAFETY: the file must not change while it is mapped. Who could change it is as below, where its code is run.
    unsafe { Mmap::map(file) }
}

#[expect(
    unsafe_code,
    reason = "wasmtime cannot prove that a file is code that it compiled"
)]
fn map(engine: &Engine, file: &Path) -> wasmtime::Result<Component> {
    // SAFETY: the file must be what `Engine::precompile_component` or `Component::serialize` made, and must not change while it is mapped.
    // Only this user and root can have written it or any of the folders that lead to it (`trust::open`); bart gives
    // such a name only to what it has compiled, whole, with its checksum (`seal`), by a rename, and never
    // writes to a file that has its name. wasmtime itself compares version, settings and CPU with its own.
    unsafe { Component::deserialize_file(engine, file) }
}
