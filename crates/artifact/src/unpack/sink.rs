//! Where contents go once they are whole and checked.

use std::io::{self, Read, Write};

use crate::digest::Digest;

/// A place that keeps contents by digest, such as the store. What was begun and is not kept is dropped, and must then leave nothing behind.
pub trait Sink {
    /// Content that is being written, such as a temporary file.
    type Pending: Write;

    /// Begins to write some content whose digest is not known yet.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    fn begin(&mut self) -> io::Result<Self::Pending>;

    /// Keeps what was written: it is whole, has `size` bytes, and these have this digest.
    ///
    /// # Errors
    ///
    /// When it cannot be kept.
    fn keep(&mut self, pending: Self::Pending, digest: Digest, size: u64) -> io::Result<()>;
}

/// Which side of a copy failed.
pub(super) enum CopyError {
    Read(io::Error),
    Write(io::Error),
}

/// Keeps bytes whose digest was checked.
pub(super) fn keep_bytes<S: Sink>(sink: &mut S, digest: Digest, bytes: &[u8]) -> io::Result<()> {
    let mut pending = sink.begin()?;
    pending.write_all(bytes)?;
    sink.keep(pending, digest, bytes.len() as u64)
}

/// Copies to the end, and tells which side failed, which [`io::copy`] does not. Returns the number of bytes.
pub(super) fn copy(reader: &mut impl Read, writer: &mut impl Write) -> Result<u64, CopyError> {
    const CHUNK: usize = 64 << 10;
    let mut buffer = vec![0; CHUNK];
    let mut total = 0;
    loop {
        let count = match reader.read(&mut buffer) {
            Ok(0) => return Ok(total),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(CopyError::Read(error)),
        };
        writer
            .write_all(&buffer[..count])
            .map_err(CopyError::Write)?;
        total += count as u64;
    }
}
