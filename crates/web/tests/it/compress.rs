//! Compression, undone by the same libraries.

use std::borrow::Cow;
use std::io::Read;

use web::compress::compress;
use web::encoding::Coding;

fn decompressed(content: &[u8], coding: Coding) -> Vec<u8> {
    let mut plain = Vec::new();
    match coding {
        Coding::Brotli => {
            brotli::BrotliDecompress(&mut &content[..], &mut plain).expect("valid brotli");
        }
        Coding::Gzip => {
            let mut decoder = flate2::read::GzDecoder::new(content);
            decoder.read_to_end(&mut plain).expect("valid gzip");
        }
        Coding::Zstd | Coding::Identity => plain.extend_from_slice(content),
    }
    plain
}

#[test]
fn content_of_any_length_survives_each_coding() {
    let text = "a line that repeats itself\n".repeat(100_000);
    for length in [0, 1, 2, 255, 256, 4096, 1 << 20, text.len()] {
        let content = &text.as_bytes()[..length];
        for coding in Coding::ALL {
            let compressed = compress(Cow::Borrowed(content), coding);
            let plain = decompressed(&compressed, coding);
            assert!(plain == content, "{length} bytes as {coding:?}");
        }
    }
}

#[test]
fn text_becomes_much_shorter_and_is_not_copied_where_it_stays() {
    let text = "a line that repeats itself\n".repeat(1000);
    for coding in [Coding::Brotli, Coding::Gzip] {
        let length = compress(Cow::Borrowed(text.as_bytes()), coding).len();
        assert!(length < text.len() / 10, "{length} bytes as {coding:?}");
    }
    let kept = compress(Cow::Borrowed(text.as_bytes()), Coding::Identity);
    assert!(matches!(kept, Cow::Borrowed(_)));
}
