//! Tests of bart from outside: its command as a process, its sites through Wasm and HTTP.

#![expect(clippy::unwrap_used, reason = "tests may stop at the first surprise")]

mod bundled_site;
mod cache;
mod caching;
mod check;
mod command;
mod components;
mod corpus;
mod docs_app;
mod exchange;
mod hurl;
mod image;
mod inspect;
mod manual;
mod probe;
mod process;
mod publish;
mod reference;
mod release;
mod reproducible;
mod scratch;
mod serve;
mod served;
mod serving;
mod settings;

#[path = "../../component_build.rs"]
mod component_build;

#[path = "../../../../tests/reference/mod.rs"]
mod golden;

#[expect(dead_code, reason = "the tests of other crates use the rest")]
#[path = "../../../../tests/registry/mod.rs"]
mod registry;
