//! Tests of bart from outside: its command as a process, its sites through Wasm and HTTP.

#![expect(clippy::unwrap_used, reason = "tests may stop at the first surprise")]

mod bundled_site;
mod command;
mod components;
mod corpus;
mod docs_app;
mod exchange;
mod probe;
mod process;
mod reference;
mod reproducible;
mod scratch;
mod served;

#[path = "../../component_build.rs"]
mod component_build;

#[path = "../../../../tests/reference/mod.rs"]
mod golden;
