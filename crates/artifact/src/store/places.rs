//! Where everything is. Only this file joins the paths of the store.

use std::path::{Path, PathBuf};

use super::{names, native};
use crate::digest::Digest;
use crate::reference::Repository;

/// The name of the private folder in the volume that the user names.
pub(super) const FOLDER: &str = "bart";

/// A private folder.
#[derive(Clone, Debug)]
pub(super) struct Places {
    root: PathBuf,
}

impl Places {
    /// The places in the private folder of `volume`.
    pub(super) fn in_volume(volume: &Path) -> Places {
        Places {
            root: volume.join(FOLDER),
        }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// `blobs/`, which has the layout of a shared level.
    pub(super) fn blobs(&self) -> PathBuf {
        self.root.join("blobs")
    }

    /// `blobs/sha256/<hex>`
    pub(super) fn blob(&self, digest: &Digest) -> PathBuf {
        blob(&self.blobs(), digest)
    }

    /// `native/<engine key>/<hex>.cwasm`
    pub(super) fn native(&self, engine_key: &str, wasm: &Digest) -> PathBuf {
        self.natives()
            .join(names::file_name(engine_key))
            .join(wasm.hex())
            .with_extension(native::EXTENSION)
    }

    pub(super) fn natives(&self) -> PathBuf {
        self.root.join("native")
    }

    pub(super) fn releases(&self) -> PathBuf {
        self.root.join("releases")
    }

    /// `releases/<manifest hex>/`
    pub(super) fn release(&self, manifest: &Digest) -> PathBuf {
        self.releases().join(manifest.hex())
    }

    /// `releases/<manifest hex>/release.json`
    pub(super) fn marker(&self, manifest: &Digest) -> PathBuf {
        self.release(manifest).join(MARKER)
    }

    pub(super) fn refs(&self) -> PathBuf {
        self.root.join("refs")
    }

    /// `refs/<registry>/<repo>/<tag>`
    pub(super) fn reference(&self, repository: &Repository, tag: &str) -> PathBuf {
        self.refs()
            .join(names::file_name(&repository.registry))
            .join(names::file_name(&repository.name))
            .join(names::file_name(tag))
    }

    pub(super) fn leases(&self) -> PathBuf {
        self.root.join("leases")
    }

    /// `tmp/`: nothing in it is trusted.
    pub(super) fn tmp(&self) -> PathBuf {
        self.root.join("tmp")
    }
}

/// The name of a release's marker.
pub(super) const MARKER: &str = "release.json";

/// `<folder>/sha256/<hex>`: a blob, in the store or in a shared level.
pub(super) fn blob(folder: &Path, digest: &Digest) -> PathBuf {
    blob_folder(folder).join(digest.hex())
}

/// `<folder>/sha256/`
pub(super) fn blob_folder(folder: &Path) -> PathBuf {
    folder.join("sha256")
}
