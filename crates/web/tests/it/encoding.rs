//! Content codings.

use web::accept::AcceptEncoding;
use web::encoding::Coding::{self, Brotli, Gzip, Identity, Zstd};
use web::encoding::Source::{self, Compressed, Plain, Precompressed};
use web::encoding::{may_vary, sources};
use web::media::MediaType;

use crate::headers;

#[test]
fn precompressed_files_come_first_among_what_the_client_likes_equally() {
    let everything = "br, gzip, zstd";
    for (accept, file, length, expected) in [
        (
            everything,
            "a.txt",
            1_000,
            &[
                Precompressed(Brotli),
                Precompressed(Zstd),
                Precompressed(Gzip),
                Compressed(Brotli),
                Compressed(Gzip),
                Plain,
            ][..],
        ),
        (
            "gzip",
            "a.txt",
            1_000,
            &[Precompressed(Gzip), Compressed(Gzip), Plain],
        ),
        ("zstd", "a.txt", 1_000, &[Precompressed(Zstd), Plain]),
        (
            "gzip, br;q=0.5",
            "a.txt",
            1_000,
            &[
                Precompressed(Gzip),
                Compressed(Gzip),
                Precompressed(Brotli),
                Compressed(Brotli),
                Plain,
            ],
        ),
        (
            "identity, br;q=0.5",
            "a.txt",
            1_000,
            &[Plain, Precompressed(Brotli), Compressed(Brotli)],
        ),
        ("", "a.txt", 1_000, &[Plain]),
        ("identity;q=0", "a.txt", 1_000, &[Plain]),
        (
            "br, identity;q=0",
            "a.txt",
            1_000,
            &[Precompressed(Brotli), Compressed(Brotli), Plain],
        ),
        // Too small and too large to compress for one request.
        ("br", "a.txt", 255, &[Precompressed(Brotli), Plain]),
        (
            "br",
            "a.txt",
            256,
            &[Precompressed(Brotli), Compressed(Brotli), Plain],
        ),
        (
            "br",
            "a.txt",
            8 << 20,
            &[Precompressed(Brotli), Compressed(Brotli), Plain],
        ),
        (
            "br",
            "a.txt",
            (8 << 20) + 1,
            &[Precompressed(Brotli), Plain],
        ),
        // Of an unknown type only what someone compressed; of a packed type nothing.
        ("br", "a.dat", 1_000, &[Precompressed(Brotli), Plain]),
        ("br", "a.png", 1_000, &[Plain]),
    ] {
        let accept_encoding =
            AcceptEncoding::from_headers(&headers(&[("accept-encoding", accept)]));
        let found = sources(&accept_encoding, MediaType::of_file(file), length);
        assert_eq!(found, expected, "{accept} {file} {length}");
    }
}

#[test]
fn vary_is_due_unless_the_type_is_compressed_itself() {
    for (file, varies) in [
        ("a.txt", true),
        ("a.wasm", true),
        ("a.dat", true),
        ("a.png", false),
        ("a.woff2", false),
    ] {
        assert_eq!(may_vary(MediaType::of_file(file)), varies, "{file}");
    }
}

#[test]
fn a_coding_has_a_token_and_a_file_suffix() {
    for (coding, token, suffix) in [
        (Brotli, "br", ".br"),
        (Zstd, "zstd", ".zst"),
        (Gzip, "gzip", ".gz"),
        (Identity, "identity", ""),
    ] {
        assert_eq!((coding.token(), coding.file_suffix()), (token, suffix));
        assert_eq!(Coding::from_token(token), Some(coding));
    }
    assert_eq!(Coding::from_token("deflate"), None);
}

#[test]
fn a_source_knows_its_coding() {
    let codings: Vec<_> = [Precompressed(Zstd), Compressed(Gzip), Plain]
        .map(Source::coding)
        .into();
    assert_eq!(codings, [Zstd, Gzip, Identity]);
}
