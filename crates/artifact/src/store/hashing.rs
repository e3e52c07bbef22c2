//! Bytes that are hashed on their way.

use std::io::{self, Read, Write};

use sha2::{Digest as _, Sha256};

use crate::digest::Digest;

/// How much is read at once, in bytes.
const CHUNK: usize = 128 << 10;

/// Passes bytes on to `inner`, and knows their digest and number.
pub(super) struct Hashing<W> {
    inner: W,
    hasher: Sha256,
    bytes: u64,
}

impl<W: Write> Hashing<W> {
    pub(super) fn new(inner: W) -> Hashing<W> {
        Hashing {
            inner,
            hasher: Sha256::new(),
            bytes: 0,
        }
    }

    /// How many bytes came so far.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// What the bytes went to, and their digest.
    pub(super) fn finish(self) -> (W, Digest) {
        (
            self.inner,
            Digest::from_bytes(self.hasher.finalize().into()),
        )
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..taken]);
        self.bytes += taken as u64;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// The digest and the number of the bytes of `reader`.
pub(super) fn digest_of(mut reader: impl Read) -> io::Result<(Digest, u64)> {
    let mut sink = Hashing::new(io::sink());
    let mut chunk = vec![0; CHUNK];
    loop {
        match reader.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => sink.write_all(&chunk[..count])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let bytes = sink.bytes();
    Ok((sink.finish().1, bytes))
}
