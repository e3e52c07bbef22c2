//! What comes out of archives, into the store.

use std::io::{self, Seek, Write};

use artifact::unpack::Sink;
use artifact::{Digest, Store};
use tempfile::SpooledTempFile;

/// Up to how many bytes content is kept in memory while its digest is not known yet.
const IN_MEMORY: usize = 1 << 20;

/// The store, for contents whose digest is known only at their end.
pub(super) struct StoreSink<'a> {
    store: &'a Store,
}

impl<'a> StoreSink<'a> {
    pub(super) const fn new(store: &'a Store) -> Self {
        Self { store }
    }
}

impl Sink for StoreSink<'_> {
    type Pending = SpooledTempFile;

    fn begin(&mut self) -> io::Result<SpooledTempFile> {
        // Beside the blobs: there may be no other folder that can be written.
        Ok(SpooledTempFile::new_in(IN_MEMORY, self.store.blobs()))
    }

    fn keep(&mut self, mut pending: SpooledTempFile, digest: Digest, size: u64) -> io::Result<()> {
        pending.flush()?;
        pending.rewind()?;
        let mut writer = self
            .store
            .writer(digest, Some(size))
            .map_err(io::Error::other)?;
        io::copy(&mut pending, &mut writer)?;
        writer.finish().map_err(io::Error::other)?;
        Ok(())
    }
}
