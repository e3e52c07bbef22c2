//! The store to serve from, also where the cache cannot be written.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use artifact::{Store, StoreError, StoreOptions};
use tempfile::TempDir;

use crate::Failure;
use crate::caches::CacheArguments;

/// A file system in memory, where the system has one (Linux).
const MEMORY: &str = "/dev/shm";

/// A store, and the folder that goes away with its last clone where it is not to stay.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) store: Store,
    memory: Option<Arc<TempDir>>,
}

impl Place {
    /// The store of the cache. A cache that cannot be written is a source of blobs for a store in memory; of it alone a release
    /// is run that is there.
    pub(super) fn open(arguments: &CacheArguments) -> Result<Place, Failure> {
        match arguments.store() {
            Ok(store) => Ok(Place {
                store,
                memory: None,
            }),
            Err(
                error @ (StoreError::ReadOnly { .. }
                | StoreError::Full { .. }
                | StoreError::Permission { .. }),
            ) => {
                tracing::warn!("{}; the release is kept in memory", Failure::from(error));
                Place::in_memory(arguments.shared_cache_dir.clone())
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(super) const fn is_in_memory(&self) -> bool {
        self.memory.is_some()
    }

    /// A store in memory, which takes from `shared` what is there.
    pub(super) fn in_memory(shared: Option<PathBuf>) -> Result<Place, Failure> {
        let folder = TempDir::new_in(MEMORY)
            .or_else(|_| TempDir::new_in(env::temp_dir()))
            .context("failed to make a folder in memory")?;
        let store = open(folder.path(), shared)?;
        Ok(Place {
            store,
            memory: Some(Arc::new(folder)),
        })
    }
}

fn open(volume: &Path, shared: Option<PathBuf>) -> Result<Store, Failure> {
    let options = StoreOptions {
        shared,
        releases: None,
    };
    Ok(Store::open(volume, options)?)
}
