//! From a file to code that runs: who could have written it is asked first, then whether its bytes are right.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use memmap2::Mmap;
use wasmtime::Engine;
use wasmtime::component::Component;

use super::seal::{self, Flaw};
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

/// A file of native code that is whole, and that nobody else could have written.
#[derive(Debug)]
pub struct Checked {
    file: PathBuf,
    /// What was looked through. To take it away takes a while, which who drops this can choose.
    _bytes: Mmap,
}

/// Maps native code.
pub(crate) fn component(
    engine: &Engine,
    Checked { file, .. }: &Checked,
) -> Result<Component, LoadError> {
    map(engine, file).map_err(|error| LoadError::Refused {
        path: file.clone(),
        reason: error.root_cause().to_string(),
    })
}

/// Looks through the native code in `file`, which is somewhere in the folder `root`.
///
/// # Errors
///
/// Why it is not run: the file is missing, others could have written it, or it is damaged.
pub fn check(root: &Path, file: &Path) -> Result<Checked, LoadError> {
    let path = || file.to_owned();
    let unreadable = |error: io::Error| match error.kind() {
        ErrorKind::NotFound => LoadError::Missing { path: path() },
        _ => LoadError::Read {
            path: path(),
            source: error,
        },
    };
    let opened = trust::open(root, file).map_err(unreadable)??;
    let checked = seal::check(&opened).map_err(unreadable)?;
    match checked {
        Ok(bytes) => Ok(Checked {
            file: path(),
            _bytes: bytes,
        }),
        Err(flaw) => Err(LoadError::Flawed { path: path(), flaw }),
    }
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
