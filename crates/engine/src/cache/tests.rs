//! What fits into a cache, and what has to leave.

use std::time::SystemTime;

use http::{Request, Response};
use web::freshness::{FIELD, Freshness};

use super::*;
use crate::body::RequestBody;

const CAPACITY: usize = 4 << 20;

fn cache() -> ResponseCache {
    ResponseCache::new(&Limits {
        response_cache: CAPACITY,
        ..Limits::default()
    })
    .expect("there is room")
}

fn get(path: &str) -> Request<RequestBody> {
    Request::get(path)
        .body(RequestBody::Empty)
        .expect("a legal request")
}

/// Stores a response whose body and one of whose fields have these lengths, if it may be.
fn store(cache: &ResponseCache, path: &str, body: usize, field: usize) -> bool {
    let body = Bytes::from(vec![b'x'; body]);
    let response = Response::builder()
        .header(FIELD, Freshness::RELEASE.to_header_value())
        .header("x-long", "y".repeat(field))
        .body(ResponseBody::Whole([body].into()))
        .expect("a legal response");
    let request = get(path);
    let permission = storing::of_bundled(&response).expect("it is for everyone");
    let component = Arc::from("pages");
    let kept = cache.keep(
        &request,
        &response,
        &component,
        permission,
        SystemTime::UNIX_EPOCH,
    );
    let Some(kept) = kept else { return false };
    let key = key::of_response(&kept.rule, &request);
    cache.map.insert(key, Stored::Response(kept.entry));
    cache.set_rule(path, kept.rule);
    true
}

#[test]
fn a_hundred_thousand_addresses_stay_within_the_limit_and_leave_what_is_asked_for() {
    let cache = cache();
    assert!(store(&cache, "/home", 8 << 10, 0));
    for number in 0..100_000 {
        assert!(store(&cache, &format!("/{number}"), 100, 0));
        assert!(cache.look_up(&get("/home")).is_some(), "{number}");
        let usage = cache.usage();
        assert!(usage.bytes <= CAPACITY as u64, "{usage:?}");
    }
    let usage = cache.usage();
    // Each address has a rule and a response.
    assert!(usage.evictions > 150_000, "{usage:?}");
    assert!(usage.entries > 1000, "{usage:?}");
}

#[test]
fn keys_and_heads_count_like_bodies() {
    let used = |path: &str, body, field| {
        let cache = cache();
        assert!(store(&cache, path, body, field));
        cache.usage().bytes
    };
    let least = used("/", 0, 0);
    for (what, bytes) in [
        ("a body", used("/", 10_000, 0)),
        ("a field", used("/", 0, 10_000)),
        ("a path", used(&format!("/{}", "p".repeat(10_000)), 0, 0)),
    ] {
        // The digits of `Content-Length` count too.
        assert!(
            (10_000..10_010).contains(&(bytes - least)),
            "{what}: {bytes}"
        );
    }
}

#[test]
fn a_body_longer_than_what_the_engine_takes_over_is_not_stored() {
    let cache = cache();
    assert!(!store(&cache, "/long", (1 << 20) + 1, 0));
    assert!(store(&cache, "/short", 1 << 20, 0));
    assert!(cache.look_up(&get("/short")).is_some());
}

#[test]
fn without_a_limit_there_is_no_cache() {
    assert!(ResponseCache::new(&Limits::default()).is_none());
}
