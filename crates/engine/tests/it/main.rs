//! Tests of the engine.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests write scratch files, and may stop at the first surprise"
)]

mod guests;
mod limits;
mod manifest;
mod manifest_mistakes;
mod mounts;
mod outbound_hosts;
mod probe;
mod request_fields;
mod routes;
mod sites;
mod substitution;
mod variables;
