//! The internal cache field.

use http::HeaderValue;
use web::freshness::{FIELD, Freshness, Lifetime};

#[test]
fn every_freshness_survives_the_wire() {
    for (lifetime, directive) in [
        (Lifetime::None, "no-store"),
        (Lifetime::Seconds(60), "max-age=60"),
        (Lifetime::Release, "release"),
    ] {
        for (keyed_by_query, keyed_by_authority, keys) in [
            (false, false, ""),
            (true, false, ", key-query"),
            (false, true, ", key-authority"),
            (true, true, ", key-query, key-authority"),
        ] {
            let freshness = Freshness {
                lifetime,
                keyed_by_query,
                keyed_by_authority,
            };
            let value = freshness.to_header_value();
            assert_eq!(value, format!("{directive}{keys}"));
            assert_eq!(Freshness::try_from(&value), Ok(freshness));
        }
    }
}

#[test]
fn a_field_that_is_not_understood_is_an_error() {
    for text in [
        "",
        "max-age",
        "max-age=",
        "max-age=-1",
        "max-age=99999999999",
        "Release",
        "release, max-age=1",
        "release;",
        "key-query",
    ] {
        assert_eq!(
            text.parse::<Freshness>().map_err(|error| error.to_string()),
            Err(format!("`{text}` is not a freshness"))
        );
    }
    assert!(Freshness::try_from(&HeaderValue::from_bytes(b"\xff").expect("obs-text")).is_err());
}

#[test]
fn the_field_has_a_name_of_its_own() {
    assert_eq!(FIELD, "bart-cache-control");
}
