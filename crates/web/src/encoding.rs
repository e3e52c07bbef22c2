//! Content codings, and from where a file in one of them is taken.

use std::ops::RangeInclusive;

use crate::accept::AcceptEncoding;
use crate::media::{Compressibility, MediaType};

/// Lengths, in bytes, of content that is compressed while it is served. Less is not worth it, and more would take too
/// long and too much memory for a single request.
pub const COMPRESSED_LENGTHS: RangeInclusive<u64> = 256..=8 * 1024 * 1024;

/// A content coding (RFC 9110 section 8.4.1) that bart sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Coding {
    /// `br` (RFC 7932).
    Brotli,
    /// `zstd` (RFC 8878).
    Zstd,
    /// `gzip` (RFC 1952).
    Gzip,
    /// No coding.
    Identity,
}

/// From where content in some coding comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A file beside the requested one, if it exists, whose name has the suffix of the coding.
    Precompressed(Coding),
    /// The requested file, compressed while it is served.
    Compressed(Coding),
    /// The requested file as it is.
    Plain,
}

impl Coding {
    /// All codings, the server's favourite first.
    pub const ALL: [Self; 4] = [Self::Brotli, Self::Zstd, Self::Gzip, Self::Identity];

    /// The name in `Accept-Encoding` and `Content-Encoding`.
    pub fn token(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Zstd => "zstd",
            Self::Gzip => "gzip",
            Self::Identity => "identity",
        }
    }

    /// The coding of that name, in upper or lower case. `x-gzip` is `gzip` (RFC 9110 section 8.4.1.3).
    pub fn from_token(token: &str) -> Option<Self> {
        if token.eq_ignore_ascii_case("x-gzip") {
            return Some(Self::Gzip);
        }
        Self::ALL
            .into_iter()
            .find(|coding| token.eq_ignore_ascii_case(coding.token()))
    }

    /// What the name of a precompressed file has after the name of the plain one.
    pub fn file_suffix(self) -> &'static str {
        match self {
            Self::Brotli => ".br",
            Self::Zstd => ".zst",
            Self::Gzip => ".gz",
            Self::Identity => "",
        }
    }
}

impl Source {
    /// The coding of the content that comes from there.
    pub fn coding(self) -> Coding {
        match self {
            Self::Precompressed(coding) | Self::Compressed(coding) => coding,
            Self::Plain => Coding::Identity,
        }
    }
}

/// Whether the encoding of a file of that type may differ between clients, so that `Vary` has to say so.
pub fn may_vary(media: MediaType) -> bool {
    media.compressibility() != Compressibility::None
}

/// Where to look for the content of a file of `length` bytes, in that order. A precompressed file may be missing; the
/// other sources always succeed, so the last one does.
pub fn sources(accept: &AcceptEncoding, media: MediaType, length: u64) -> Vec<Source> {
    let compressibility = media.compressibility();
    let mut offers = Vec::with_capacity(Coding::ALL.len() + 2);
    if compressibility != Compressibility::None {
        offers.extend([Coding::Brotli, Coding::Zstd, Coding::Gzip].map(Source::Precompressed));
    }
    if compressibility == Compressibility::Good && COMPRESSED_LENGTHS.contains(&length) {
        // zstd is C, which the components do without.
        offers.extend([Coding::Brotli, Coding::Gzip].map(Source::Compressed));
    }
    offers.push(Source::Plain);
    let mut sources = accept.sort(offers, |source| source.coding());
    // Also when the client refuses identity: see `AcceptEncoding::choose`.
    if !sources.contains(&Source::Plain) {
        sources.push(Source::Plain);
    }
    sources
}
