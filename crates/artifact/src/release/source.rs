//! Where content of a release comes from: memory or a file, read again each time it is needed.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use crate::descriptor::Descriptor;
use crate::digest::Digest;
use crate::media_type;
use crate::verified::Verified;

/// Where bytes come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// They are here.
    Bytes(Bytes),
    /// They are in a file, which must not change until the release is published.
    File(PathBuf),
}

/// Digest and size of what a source holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Measure {
    pub(super) digest: Digest,
    pub(super) size: u64,
}

/// What a source was found to hold.
#[derive(Debug)]
pub(super) enum Taken {
    /// These few bytes.
    Short(Vec<u8>),
    /// More.
    Long(Measure),
}

/// A file could not be read, or changed since it was measured.
#[derive(Debug, thiserror::Error)]
#[error("failed to read `{}`", path.display())]
pub struct SourceError {
    path: PathBuf,
    source: io::Error,
}

impl Measure {
    /// Reads everything that `reader` gives.
    pub(super) fn of(mut reader: impl Read) -> io::Result<Measure> {
        let mut hasher = Sha256::new();
        let size = io::copy(&mut reader, &mut hasher)?;
        let digest = Digest::from_bytes(hasher.finalize().into());
        Ok(Measure { digest, size })
    }

    pub(super) fn descriptor(self, media_type: &str) -> Descriptor {
        Descriptor {
            annotations: BTreeMap::new(),
            digest: self.digest,
            media_type: media_type.to_owned(),
            size: self.size,
        }
    }
}

impl From<&Descriptor> for Measure {
    fn from(blob: &Descriptor) -> Measure {
        Measure {
            digest: blob.digest,
            size: blob.size,
        }
    }
}

impl Source {
    /// Reads it once.
    pub(super) fn measure(&self) -> Result<Measure, SourceError> {
        self.reader()
            .and_then(Measure::of)
            .map_err(|source| self.error(source))
    }

    /// Reads it once, and keeps the bytes where they are at most `short`.
    pub(super) fn measure_or_take(&self, short: u64) -> Result<Taken, SourceError> {
        self.take(short).map_err(|source| self.error(source))
    }

    /// Reads it again, and fails where it is no longer what it was.
    pub(super) fn open(&self, measure: Measure) -> io::Result<impl Read + Send + use<>> {
        let inner = self.reader().map_err(|error| self.wrapped(error))?;
        Ok(SourceReader {
            inner: Verified::new(inner, &measure.descriptor(media_type::DATA)),
            source: self.clone(),
        })
    }

    fn take(&self, short: u64) -> io::Result<Taken> {
        let mut reader = self.reader()?;
        let mut head = Vec::new();
        reader.by_ref().take(short + 1).read_to_end(&mut head)?;
        if head.len() as u64 <= short {
            return Ok(Taken::Short(head));
        }
        Measure::of(Cursor::new(head).chain(reader)).map(Taken::Long)
    }

    fn reader(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(match self {
            Self::Bytes(bytes) => Box::new(Cursor::new(bytes.clone())),
            Self::File(path) => Box::new(File::open(path)?),
        })
    }

    fn error(&self, source: io::Error) -> SourceError {
        let path = match self {
            Self::Bytes(_) => Path::new("(memory)"),
            Self::File(path) => path,
        };
        SourceError {
            path: path.to_owned(),
            source,
        }
    }

    fn wrapped(&self, error: io::Error) -> io::Error {
        io::Error::new(error.kind(), self.error(error))
    }
}

/// A source that is read and checked; its errors name the file.
struct SourceReader {
    inner: Verified<Box<dyn Read + Send>>,
    source: Source,
}

impl Read for SourceReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner
            .read(buffer)
            .map_err(|error| self.source.wrapped(error))
    }
}
