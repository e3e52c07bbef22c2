//! Tests of the engine.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests write scratch files, and may stop at the first surprise"
)]

mod cache_bundled;
mod cache_flights;
mod cache_other;
mod cache_serving;
mod cache_sharing;
mod caching;
mod connections;
mod guests;
mod http1;
mod http2;
mod limits;
mod manifest;
mod manifest_mistakes;
mod mounts;
mod native;
mod outbound_hosts;
mod probe;
mod request_fields;
mod routes;
mod sites;
mod substitution;
mod variables;
