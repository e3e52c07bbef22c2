//! Archives: gzip-compressed tars, of whose members only the contents count, each by its own digest.

use std::collections::BTreeSet;
use std::io::{self, Cursor, Read, Write};

use flate2::read::GzDecoder;
use sha2::{Digest as _, Sha256};

use super::sink::{self, CopyError, Sink};
use crate::digest::Digest;
use crate::verified::Verified;

/// The size, in bytes, below which a member is held in memory until it is known whether anybody wants it.
const SMALL: u64 = 64 << 10;

/// How far an archive may inflate.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The most bytes that come out of one archive.
    pub inflated: u64,
    /// The most entries of one archive, folders and links included.
    pub entries: u64,
    /// The most bytes that come out for each byte that goes in.
    pub ratio: u64,
    /// The number of bytes from which `ratio` counts: short runs compress better than any text.
    pub ratio_from: u64,
}

/// Why an archive could not be unpacked.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// It inflates beyond every measure.
    #[error("the archive `{archive}` is refused: {reason}")]
    Bomb {
        /// Its digest.
        archive: Digest,
        /// Which limit it exceeds.
        reason: String,
    },
    /// It cannot be read, is cut short, or is not what its descriptor says.
    #[error("failed to unpack the archive `{archive}`")]
    Unreadable {
        /// Its digest.
        archive: Digest,
        /// Why.
        source: io::Error,
    },
    /// What was in it could not be kept.
    #[error("failed to keep content of the archive `{archive}`")]
    Sink {
        /// Its digest.
        archive: Digest,
        /// Why.
        source: io::Error,
    },
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            inflated: 16 << 30,
            entries: 1_000_000,
            ratio: 200,
            ratio_from: 32 << 20,
        }
    }
}

/// Takes what is `wanted` out of an archive, and off the list. Nothing else reaches the sink for good, names count for nothing, and entries that
/// are no regular files are passed over: links, devices and folders have no content.
pub(super) fn unpack<S: Sink>(
    digest: Digest,
    archive: Verified<impl Read>,
    limits: &Limits,
    wanted: &mut BTreeSet<Digest>,
    sink: &mut S,
) -> Result<(), ArchiveError> {
    let inflated = Inflated {
        gzip: GzDecoder::new(archive),
        limits: *limits,
        count: 0,
    };
    take_members(inflated, limits, wanted, sink).map_err(|failure| failure.of(digest))
}

enum Failure {
    Bomb(String),
    Read(io::Error),
    Sink(io::Error),
}

fn take_members<S: Sink>(
    inflated: Inflated<impl Read>,
    limits: &Limits,
    wanted: &mut BTreeSet<Digest>,
    sink: &mut S,
) -> Result<(), Failure> {
    let mut tar = tar::Archive::new(inflated);
    // Raw: long names, which nobody needs, would be read into memory whole.
    let entries = tar.entries()?.raw(true);
    for (count, entry) in (1..).zip(entries) {
        let mut entry = entry?;
        if count > limits.entries {
            return Err(Failure::Bomb(format!(
                "it has more than {} entries",
                limits.entries
            )));
        }
        let kind = entry.header().entry_type();
        if kind.is_file() || kind.is_contiguous() {
            take_member(&mut entry, wanted, sink)?;
        }
    }
    tar.into_inner().finish()
}

/// A member that is cut short has another digest, or is what somebody wants all the same; the tar reader tells after it.
fn take_member<S: Sink>(
    member: &mut impl Read,
    wanted: &mut BTreeSet<Digest>,
    sink: &mut S,
) -> Result<(), Failure> {
    let mut head = Vec::new();
    member.take(SMALL).read_to_end(&mut head)?;
    if (head.len() as u64) < SMALL {
        let digest = Digest::of(&head);
        if wanted.remove(&digest) {
            sink::keep_bytes(sink, digest, &head).map_err(Failure::Sink)?;
        }
        return Ok(());
    }
    let mut pending = Hashed {
        inner: sink.begin().map_err(Failure::Sink)?,
        hasher: Sha256::new(),
    };
    let size = sink::copy(&mut Cursor::new(head).chain(member), &mut pending)?;
    let digest = Digest::from_bytes(pending.hasher.finalize().into());
    if wanted.remove(&digest) {
        sink.keep(pending.inner, digest, size)
            .map_err(Failure::Sink)?;
    }
    Ok(())
}

/// What comes out of the compressed archive, within limits.
struct Inflated<R> {
    gzip: GzDecoder<Verified<R>>,
    limits: Limits,
    count: u64,
}

/// Travels inside an [`io::Error`] through the tar reader.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct LimitExceeded(String);

impl<R: Read> Inflated<R> {
    fn check(&self) -> Result<(), LimitExceeded> {
        let Limits {
            inflated,
            ratio,
            ratio_from,
            ..
        } = self.limits;
        if self.count > inflated {
            return Err(LimitExceeded(format!(
                "it inflates to more than {inflated} bytes"
            )));
        }
        let most = self
            .gzip
            .get_ref()
            .position()
            .saturating_mul(ratio)
            .max(ratio_from);
        if self.count > most {
            return Err(LimitExceeded(format!(
                "it inflates to more than {ratio} times its size"
            )));
        }
        Ok(())
    }

    /// Reads what follows the last member, so that a cut or forged archive does not pass.
    fn finish(mut self) -> Result<(), Failure> {
        io::copy(&mut self, &mut io::sink())?;
        io::copy(&mut self.gzip.into_inner(), &mut io::sink())?;
        Ok(())
    }
}

impl<R: Read> Read for Inflated<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.gzip.read(buffer)?;
        self.count += count as u64;
        self.check().map_err(io::Error::other)?;
        Ok(count)
    }
}

/// A writer that hashes what goes through it.
struct Hashed<W> {
    inner: W,
    hasher: Sha256,
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl Failure {
    fn of(self, archive: Digest) -> ArchiveError {
        match self {
            Self::Bomb(reason) => ArchiveError::Bomb { archive, reason },
            Self::Read(source) => ArchiveError::Unreadable { archive, source },
            Self::Sink(source) => ArchiveError::Sink { archive, source },
        }
    }
}

impl From<io::Error> for Failure {
    /// What reading failed with: a limit, or anything else.
    fn from(error: io::Error) -> Failure {
        let limit = error.get_ref().and_then(|inner| inner.downcast_ref());
        match limit {
            Some(LimitExceeded(reason)) => Failure::Bomb(reason.clone()),
            None => Failure::Read(error),
        }
    }
}

impl From<CopyError> for Failure {
    fn from(error: CopyError) -> Failure {
        match error {
            CopyError::Read(error) => error.into(),
            CopyError::Write(error) => Failure::Sink(error),
        }
    }
}
