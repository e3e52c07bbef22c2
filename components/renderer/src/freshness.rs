//! What the engine is told of how long it may store a page.

use chrono::{DateTime, Utc};
use site::{Dependencies, Key};
use web::freshness::{Freshness, Lifetime};

/// The freshness of an answer made at `now` that had those dependencies.
pub(crate) fn freshness(dependencies: &Dependencies, now: DateTime<Utc>) -> Freshness {
    let keyed = dependencies.key == Key::Address;
    Freshness {
        lifetime: lifetime(dependencies.lifetime, now),
        keyed_by_query: keyed,
        keyed_by_authority: keyed,
    }
}

/// The same, if the page itself asks for a `Cache-Control`, which can only shorten it.
pub(crate) fn tightened(freshness: Freshness, cache_control: &str) -> Freshness {
    Freshness {
        lifetime: shorter(freshness.lifetime, allowed(cache_control)),
        ..freshness
    }
}

fn lifetime(lifetime: site::Lifetime, now: DateTime<Utc>) -> Lifetime {
    match lifetime {
        site::Lifetime::Release => Lifetime::Release,
        site::Lifetime::Once => Lifetime::None,
        // Whole seconds, rounded down: better a second early than an instant late.
        site::Lifetime::Until(moment) => match u32::try_from((moment - now).num_seconds()) {
            Ok(0) | Err(_) => Lifetime::None,
            Ok(seconds) => Lifetime::Seconds(seconds),
        },
    }
}

/// How long a `Cache-Control` lets a shared cache keep a response (RFC 9111 section 5.2.2).
fn allowed(cache_control: &str) -> Lifetime {
    let directives = || {
        cache_control.split(',').map(|directive| {
            let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
            (name.trim().to_ascii_lowercase(), value.trim())
        })
    };
    if directives().any(|(name, _)| matches!(&*name, "no-store" | "no-cache" | "private")) {
        return Lifetime::None;
    }
    let seconds = |wanted: &str| {
        let (_, value) = directives().find(|(name, _)| name == wanted)?;
        // What cannot be read is stale (RFC 9111 section 4.2.1).
        Some(value.trim_matches('"').parse().unwrap_or(0))
    };
    match seconds("s-maxage").or_else(|| seconds("max-age")) {
        None => Lifetime::Release,
        Some(0) => Lifetime::None,
        Some(seconds) => Lifetime::Seconds(seconds),
    }
}

fn shorter(one: Lifetime, other: Lifetime) -> Lifetime {
    match (one, other) {
        (Lifetime::None, _) | (_, Lifetime::None) => Lifetime::None,
        (Lifetime::Release, limited) | (limited, Lifetime::Release) => limited,
        (Lifetime::Seconds(one), Lifetime::Seconds(other)) => Lifetime::Seconds(one.min(other)),
    }
}
