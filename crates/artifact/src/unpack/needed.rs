//! What is still to be taken out of an artifact, and the taking.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};

use super::archive::{self, Limits};
use super::error::{ContentError, ReadError};
use super::sink::{self, Sink};
use crate::descriptor::Descriptor;
use crate::digest::Digest;
use crate::verified::Verified;

/// What is to be taken out of an artifact.
#[derive(Clone, Debug, Default)]
pub struct Needed {
    /// Short contents that the locked app itself holds.
    pub inline: BTreeMap<Digest, Vec<u8>>,
    /// Blobs that are contents.
    pub blobs: Vec<Descriptor>,
    /// Archives, in which the rest must be.
    pub archives: Vec<Descriptor>,
    /// The rest, each with something that needs it.
    pub archived: BTreeMap<Digest, String>,
}

impl Needed {
    /// Reads everything out of the blobs that `open` gives into `sink`. Every byte is checked before it is kept.
    ///
    /// # Errors
    ///
    /// See [`ReadError`]. What was kept before is whole and right.
    pub fn read<S: Sink, R: Read>(
        self,
        limits: &Limits,
        mut open: impl FnMut(&Descriptor) -> io::Result<R>,
        sink: &mut S,
    ) -> Result<(), ReadError> {
        for (digest, bytes) in &self.inline {
            sink::keep_bytes(sink, *digest, bytes).map_err(|source| ReadError::Sink {
                digest: *digest,
                source,
            })?;
        }
        let mut open = |blob: &Descriptor| {
            let failed = |source| ReadError::Blob {
                blob: blob.digest,
                source,
            };
            open(blob)
                .map(|reader| Verified::new(reader, blob))
                .map_err(failed)
        };
        for blob in &self.blobs {
            read_blob(blob, open(blob)?, sink)?;
        }
        let mut wanted: BTreeSet<Digest> = self.archived.keys().copied().collect();
        for archive in &self.archives {
            archive::unpack(archive.digest, open(archive)?, limits, &mut wanted, sink)?;
        }
        match wanted.first() {
            None => Ok(()),
            Some(digest) => Err(ContentError::Missing {
                of: self.archived[digest].clone(),
                digest: *digest,
            })?,
        }
    }
}

fn read_blob<S: Sink>(
    blob: &Descriptor,
    mut reader: Verified<impl Read>,
    sink: &mut S,
) -> Result<(), ReadError> {
    let digest = blob.digest;
    let not_kept = |source| ReadError::Sink { digest, source };
    let mut pending = sink.begin().map_err(not_kept)?;
    sink::copy(&mut reader, &mut pending).map_err(|failure| match failure {
        sink::CopyError::Read(source) => ReadError::Blob {
            blob: digest,
            source,
        },
        sink::CopyError::Write(source) => not_kept(source),
    })?;
    sink.keep(pending, digest, blob.size).map_err(not_kept)
}
