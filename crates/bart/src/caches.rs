//! How the command line says where the store is.

use std::env;
use std::path::PathBuf;

use artifact::{Store, StoreError, StoreOptions};
use clap::Args;

/// Where releases are kept.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Cache")]
pub struct CacheArguments {
    /// The folder for the cache, in which bart makes a private one of its own.
    #[arg(long, value_name = "DIR", env = "BART_CACHE_DIR")]
    pub cache_dir: Option<PathBuf>,
    /// A folder of blobs that is shared with other machines or pods. What is taken from it is checked; what is pulled is added where it
    /// can be written.
    #[arg(long, value_name = "DIR", env = "BART_SHARED_CACHE_DIR")]
    pub shared_cache_dir: Option<PathBuf>,
}

impl CacheArguments {
    /// The folder in which the store is.
    #[must_use]
    pub fn volume(&self) -> PathBuf {
        self.cache_dir.clone().unwrap_or_else(user_cache)
    }

    /// The store that the arguments name.
    ///
    /// # Errors
    ///
    /// When it can be neither found nor made.
    pub fn store(&self) -> Result<Store, StoreError> {
        Store::open(&self.volume(), self.options())
    }

    /// The store that the arguments name, if it was made before.
    ///
    /// # Errors
    ///
    /// When it cannot be used.
    pub fn existing_store(&self) -> Result<Option<Store>, StoreError> {
        Store::find(&self.volume(), self.options())
    }

    fn options(&self) -> StoreOptions {
        StoreOptions {
            shared: self.shared_cache_dir.clone(),
            releases: None,
        }
    }
}

/// The user's cache (XDG Base Directory Specification), or the folder for temporary files where there is no home.
pub(crate) fn user_cache() -> PathBuf {
    let absolute = |name: &str| {
        env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    absolute("XDG_CACHE_HOME")
        .or_else(|| Some(absolute("HOME")?.join(".cache")))
        .unwrap_or_else(env::temp_dir)
}
