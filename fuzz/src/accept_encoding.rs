//! `Accept-Encoding`: what is chosen was acceptable, and nothing else was liked better.

use http::header::ACCEPT_ENCODING;
use http::{HeaderMap, HeaderValue};
use web::accept::AcceptEncoding;
use web::encoding::{Coding, Source, sources};
use web::media::MediaType;

/// Each line of the input is one of the field.
pub fn check(input: &[u8]) {
    let values: Option<Vec<HeaderValue>> = input
        .split(|byte| *byte == b'\n')
        .map(|line| HeaderValue::from_bytes(line).ok())
        .collect();
    let Some(values) = values else {
        return;
    };
    let accept = read(&values);
    let chosen = accept.choose(&Coding::ALL);
    assert!(
        chosen == Coding::Identity || accept.accepts(chosen),
        "{chosen:?} is not accepted"
    );
    for coding in Coding::ALL {
        let alone = accept.choose(&[coding]);
        let expected = if accept.accepts(coding) {
            coding
        } else {
            Coding::Identity
        };
        assert_eq!(alone, expected, "of {coding:?} alone");
    }
    assert_sources(&accept);
    let entries: Option<Vec<&str>> = values.iter().map(|value| value.to_str().ok()).collect();
    if let Some(entries) = entries {
        assert_order_does_not_count(&entries.join(","), &accept);
        if let Some(weights) = weights(&entries.join(",")) {
            assert_best(&accept, chosen, &weights);
        }
    }
}

fn read(values: &[HeaderValue]) -> AcceptEncoding {
    let lines = values.iter().map(|value| (ACCEPT_ENCODING, value.clone()));
    AcceptEncoding::from_headers(&lines.collect::<HeaderMap>())
}

fn assert_sources(accept: &AcceptEncoding) {
    for (name, length) in [
        ("a.html", 5_000),
        ("a.html", 5),
        ("a.svg", u64::MAX),
        ("a.png", 5_000),
    ] {
        let sources = sources(accept, MediaType::of_file(name), length);
        assert!(sources.contains(&Source::Plain), "{name} has no content");
        for source in sources {
            assert!(
                source == Source::Plain || accept.accepts(source.coding()),
                "{source:?} is not accepted"
            );
            assert_ne!(source, Source::Compressed(Coding::Zstd));
        }
    }
}

/// One line or several, forwards or backwards.
fn assert_order_does_not_count(line: &str, accept: &AcceptEncoding) {
    let backwards: Vec<&str> = line.rsplit(',').collect();
    for line in [line.to_owned(), backwards.join(",")] {
        let Ok(value) = HeaderValue::from_str(&line) else {
            return;
        };
        let again = read(&[value]);
        assert_eq!(
            again.choose(&Coding::ALL),
            accept.choose(&Coding::ALL),
            "{line}"
        );
        for coding in Coding::ALL {
            assert_eq!(again.accepts(coding), accept.accepts(coding), "{coding:?}");
        }
    }
}

/// What RFC 9110 section 12.5.3 says of a line without mistakes, by other means.
fn assert_best(accept: &AcceptEncoding, chosen: Coding, weights: &[(String, u32)]) {
    let listed = |name: &str| {
        let found = weights.iter().filter(|(entry, _)| entry == name);
        found.map(|(_, weight)| *weight).max()
    };
    let weight = |coding: Coding| {
        let own = listed(coding.token());
        match own.or_else(|| listed("*")) {
            Some(0) => None,
            // `*` allows identity, but does not ask for it.
            _ if coding == Coding::Identity => Some(own.unwrap_or(0)),
            weight => weight,
        }
    };
    for coding in Coding::ALL {
        assert_eq!(
            accept.accepts(coding),
            weight(coding).is_some(),
            "{coding:?}"
        );
        assert!(
            weight(chosen) >= weight(coding),
            "{chosen:?} rather than {coding:?}"
        );
    }
}

/// The entries, in lower case, with weights in thousandths; nothing if there is anything unusual.
fn weights(line: &str) -> Option<Vec<(String, u32)>> {
    let known = ["br", "zstd", "gzip", "identity", "*"];
    let entry = |entry: &str| {
        let (name, weight) = match entry.trim_matches(' ').split_once(";q=") {
            Some((name, weight)) => (name, weight),
            None => (entry.trim_matches(' '), "1"),
        };
        let name = name.to_ascii_lowercase();
        let thousandths = match weight {
            "0" => 0,
            "1" => 1000,
            other => {
                let digits = other
                    .strip_prefix("0.")
                    .filter(|digits| digits.len() == 3)?;
                digits
                    .bytes()
                    .all(|digit| digit.is_ascii_digit())
                    .then(|| digits.parse().ok())??
            }
        };
        known
            .contains(&name.as_str())
            .then_some((name, thousandths))
    };
    line.split(',').map(entry).collect()
}
