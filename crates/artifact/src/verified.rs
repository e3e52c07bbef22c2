//! Bytes that are checked against a descriptor while they are read.

use std::io::{self, Read};

use sha2::{Digest as _, Sha256};

use crate::descriptor::Descriptor;
use crate::digest::Digest;

/// A reader that ends in an error unless it gave exactly the bytes that its descriptor promised. What was read counts only once it has ended
/// without one.
#[derive(Debug)]
pub struct Verified<R> {
    inner: R,
    digest: Digest,
    size: u64,
    read: u64,
    hasher: Sha256,
}

/// What is wrong with the bytes of a blob. It travels inside an [`io::Error`] of the kind `InvalidData`.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum BlobError {
    /// There are fewer than promised.
    #[error("`{blob}` ends after {actual} bytes of {expected}")]
    Short {
        /// The promised digest.
        blob: Digest,
        /// The promised size.
        expected: u64,
        /// How many there are.
        actual: u64,
    },
    /// There are more than promised.
    #[error("`{blob}` has more than {expected} bytes")]
    Long {
        /// The promised digest.
        blob: Digest,
        /// The promised size.
        expected: u64,
    },
    /// They are others than promised.
    #[error("`{blob}` holds bytes with the digest `{actual}`")]
    WrongDigest {
        /// The promised digest.
        blob: Digest,
        /// What they have.
        actual: Digest,
    },
}

impl<R: Read> Verified<R> {
    /// Checks what `inner` gives against `blob`.
    #[must_use]
    pub fn new(inner: R, blob: &Descriptor) -> Verified<R> {
        Verified {
            inner,
            digest: blob.digest,
            size: blob.size,
            read: 0,
            hasher: Sha256::new(),
        }
    }

    /// How many bytes were read so far.
    pub fn position(&self) -> u64 {
        self.read
    }

    fn end(&self) -> Result<(), BlobError> {
        if self.read < self.size {
            return Err(BlobError::Short {
                blob: self.digest,
                expected: self.size,
                actual: self.read,
            });
        }
        let actual = Digest::from_bytes(self.hasher.clone().finalize().into());
        if actual != self.digest {
            return Err(BlobError::WrongDigest {
                blob: self.digest,
                actual,
            });
        }
        Ok(())
    }
}

impl<R: Read> Read for Verified<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let count = self.inner.read(buffer)?;
        if count == 0 {
            self.end().map_err(invalid)?;
            return Ok(0);
        }
        self.read += count as u64;
        if self.read > self.size {
            return Err(invalid(BlobError::Long {
                blob: self.digest,
                expected: self.size,
            }));
        }
        self.hasher.update(&buffer[..count]);
        Ok(count)
    }
}

fn invalid(error: BlobError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
