//! Compression of content while it is served.

use std::borrow::Cow;
use std::io::{self, Write as _};

use crate::encoding::Coding;
use brotli::enc::BrotliEncoderParams;
use flate2::write::GzEncoder;

/// Brotli quality: 4 is the last that costs about as much as gzip. The result is stored as long as the release.
const BROTLI_QUALITY: i32 = 4;
/// Largest brotli window, as a power of two: 1 MiB. A larger one needs more memory than it saves bytes.
const BROTLI_WINDOW: u32 = 20;
/// Smallest window that brotli knows (RFC 7932 section 9.1).
const BROTLI_SMALLEST_WINDOW: u32 = 10;
/// gzip level: where its curve of time against size bends.
const GZIP_LEVEL: u32 = 5;

/// `content` in `coding`. Codings that are never made while serving leave it as it is.
pub fn compress(content: Cow<'_, [u8]>, coding: Coding) -> Cow<'_, [u8]> {
    let compressed = match coding {
        Coding::Brotli => brotli(&content),
        Coding::Gzip => gzip(&content),
        Coding::Zstd | Coding::Identity => return content,
    };
    Cow::Owned(compressed.expect("writing to memory does not fail"))
}

fn brotli(mut content: &[u8]) -> io::Result<Vec<u8>> {
    let window = content.len().next_power_of_two().ilog2();
    let window = window.clamp(BROTLI_SMALLEST_WINDOW, BROTLI_WINDOW);
    let params = BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        lgwin: window.cast_signed(),
        size_hint: content.len(),
        ..BrotliEncoderParams::default()
    };
    let mut compressed = Vec::with_capacity(content.len() / 2);
    brotli::BrotliCompress(&mut content, &mut compressed, &params)?;
    Ok(compressed)
}

fn gzip(content: &[u8]) -> io::Result<Vec<u8>> {
    let compressed = Vec::with_capacity(content.len() / 2);
    let mut encoder = GzEncoder::new(compressed, flate2::Compression::new(GZIP_LEVEL));
    encoder.write_all(content)?;
    encoder.finish()
}
