//! Digests as texts.

use artifact::Digest;

/// Of no bytes (FIPS 180-4, as every implementation's first test).
const OF_NOTHING: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

#[test]
fn a_digest_is_written_as_it_is_read() {
    let digest: Digest = OF_NOTHING.parse().unwrap();
    assert_eq!(digest, Digest::of(b""));
    assert_eq!(digest.to_string(), OF_NOTHING);
    assert_eq!(format!("{digest:?}"), OF_NOTHING);
    assert_eq!(format!("sha256:{}", digest.hex()), OF_NOTHING);
}

#[test]
fn what_is_no_digest_is_refused_by_name() {
    let upper_case = OF_NOTHING.to_uppercase().replace("SHA256", "sha256");
    let without_algorithm = &OF_NOTHING["sha256:".len()..];
    let too_short = &OF_NOTHING[..OF_NOTHING.len() - 2];
    let too_long = format!("{OF_NOTHING}00");
    let other = OF_NOTHING.replace("sha256", "sha512");
    let not_hexadecimal = OF_NOTHING.replace('e', "g");
    for text in [
        "",
        "sha256:",
        &upper_case,
        without_algorithm,
        too_short,
        &too_long,
        &other,
        &not_hexadecimal,
    ] {
        let error = text.parse::<Digest>().unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("`{text}` is not a digest")),
            "{error}"
        );
    }
}
