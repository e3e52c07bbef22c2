//! `Accept-Encoding`.

use web::accept::AcceptEncoding;
use web::encoding::Coding::{self, Brotli, Gzip, Identity, Zstd};

use crate::headers;

fn choose(lines: &[&str], available: &[Coding]) -> Coding {
    let lines: Vec<_> = lines
        .iter()
        .map(|line| ("accept-encoding", *line))
        .collect();
    AcceptEncoding::from_headers(&headers(&lines)).choose(available)
}

#[test]
fn the_coding_with_the_highest_weight_is_chosen() {
    for (lines, expected) in [
        (&[][..], Identity),
        (&[""], Identity),
        (&["gzip"], Gzip),
        (&["br"], Brotli),
        (&["zstd"], Zstd),
        (&["gzip, deflate, br"], Brotli),
        (&["gzip, deflate, br, zstd"], Brotli),
        (&["gzip;q=0.5, br;q=0.1"], Gzip),
        (&["gzip;q=0.123, br;q=0.122"], Gzip),
        (&["gzip ; q=0.5 , br ; Q=1.000"], Brotli),
        (&["br;q=0"], Identity),
        (&["br;q=0.000, gzip;q=0.001"], Gzip),
        (&["deflate"], Identity),
        (&["identity"], Identity),
        // RFC 9110 section 8.4.1.3, and codings are case-insensitive (section 8.4.1).
        (&["x-gzip"], Gzip),
        (&["GZip"], Gzip),
        (&["BR"], Brotli),
        // RFC 9110 section 12.5.3: `*` is any coding that is not listed.
        (&["*"], Brotli),
        (&["br;q=0, *"], Zstd),
        (&["*;q=0"], Identity),
        (&["gzip, *;q=0"], Gzip),
        (&["identity;q=1, br;q=0.5"], Identity),
        (&["identity;q=0.5, br;q=0.8"], Brotli),
        (&["identity, br"], Brotli),
        // Several lines are one list (RFC 9110 section 5.3).
        (&["gzip;q=0.3", "br;q=0.2"], Gzip),
        (&["gzip", "br"], Brotli),
        // Leniency: other parameters are ignored, weights are cut at 1, broken entries are dropped.
        (&["gzip;level=1"], Gzip),
        (&["gzip;level=1;q=0.1, br;q=0.2"], Brotli),
        (&["gzip;q=2, br;q=0.9"], Gzip),
        (&["br;q=abc, gzip"], Gzip),
        (&["br;q=, gzip"], Gzip),
        (&["br;q=-1, gzip;q=0.5"], Gzip),
        (&[",, ;q=1, gzip,"], Gzip),
        (&["br;q=0, br;q=0.5, gzip;q=0.4"], Brotli),
        (&["gzip;q=0.12345678901234567890"], Gzip),
    ] {
        assert_eq!(
            choose(lines, &[Brotli, Zstd, Gzip, Identity]),
            expected,
            "{lines:?}"
        );
    }
}

#[test]
fn among_equals_the_server_chooses() {
    assert_eq!(choose(&["br, gzip"], &[Gzip, Brotli, Identity]), Gzip);
    assert_eq!(choose(&["br, gzip"], &[Brotli, Gzip, Identity]), Brotli);
    assert_eq!(choose(&["br, gzip"], &[Zstd, Identity]), Identity);
}

#[test]
fn when_nothing_is_acceptable_the_answer_is_identity_all_the_same() {
    for line in ["identity;q=0", "*;q=0", "identity;q=0, br;q=0"] {
        assert_eq!(choose(&[line], &[Brotli, Identity]), Identity, "{line}");
    }
    assert_eq!(choose(&["identity;q=0, gzip"], &[Identity]), Identity);
}

#[test]
fn identity_is_acceptable_unless_it_is_refused() {
    for (line, accepted) in [
        ("br", true),
        ("*;q=0", false),
        ("*;q=0, identity", true),
        ("identity;q=0", false),
        ("*", true),
    ] {
        let accept = AcceptEncoding::from_headers(&headers(&[("accept-encoding", line)]));
        assert_eq!(accept.accepts(Identity), accepted, "{line}");
    }
}

#[test]
fn clients_of_the_same_ranking_are_served_alike() {
    let accept = |line: &str| AcceptEncoding::from_headers(&headers(&[("accept-encoding", line)]));
    for (one, other, alike) in [
        ("gzip, br", "br,gzip", true),
        ("gzip, deflate, br", "BR;q=0.9, gzip;q=0.9, compress", true),
        ("x-gzip", "gzip;q=0.001", true),
        ("", "deflate", true),
        ("*", "br, gzip, zstd", true),
        ("gzip, br;q=0.5", "gzip, br", false),
        ("gzip, br;q=0.5", "gzip;q=0.5, br", false),
        ("gzip, br, zstd", "gzip, br", false),
        ("gzip", "gzip, identity;q=0", false),
        ("gzip", "gzip, identity", false),
        ("gzip;q=0", "", true),
    ] {
        let (one, other) = (accept(one), accept(other));
        assert_eq!(one.ranking() == other.ranking(), alike, "{one:?} {other:?}");
        if alike {
            for offered in [
                &[Zstd, Brotli][..],
                &[Gzip, Identity],
                &[Identity, Gzip, Brotli],
            ] {
                assert_eq!(
                    one.choose(offered),
                    other.choose(offered),
                    "{one:?} {other:?}"
                );
            }
        }
    }
}
