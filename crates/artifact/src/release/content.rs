//! The contents of the files of a release, each once, however many files have it.

use std::collections::BTreeMap;
use std::io::{self, Read};

use super::source::{Measure, Source};
use crate::digest::Digest;
use crate::guest_path::GuestPath;

/// Some content, with the first path that has it.
#[derive(Clone, Debug)]
pub struct FileContent {
    /// The first of its paths.
    pub path: GuestPath,
    pub(super) measure: Measure,
    pub(super) source: Source,
}

impl FileContent {
    /// The digest of the content.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.measure.digest
    }

    /// Its size in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.measure.size
    }

    /// Where its bytes are.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The bytes of the content; they end in an error where they have changed.
    pub(super) fn open(&self) -> io::Result<impl Read + Send + use<>> {
        self.source.open(self.measure)
    }
}

/// Contents by digest.
#[derive(Debug, Default)]
pub(super) struct Contents(BTreeMap<Digest, FileContent>);

impl Contents {
    pub(super) fn add(&mut self, content: FileContent) {
        self.0
            .entry(content.digest())
            .and_modify(|known| {
                if content.path < known.path {
                    *known = content.clone();
                }
            })
            .or_insert(content);
    }

    pub(super) fn remove(&mut self, digest: &Digest) {
        self.0.remove(digest);
    }

    /// All of them, by path.
    pub(super) fn by_path(self) -> Vec<FileContent> {
        let mut contents: Vec<FileContent> = self.0.into_values().collect();
        contents
            .sort_by(|one, other| (&one.path, one.digest()).cmp(&(&other.path, other.digest())));
        contents
    }
}
