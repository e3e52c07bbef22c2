//! Runs Spin HTTP applications on wasmtime.

mod admission;
pub mod app;
mod body;
mod cache;
mod clock;
mod current;
mod fields;
mod limits;
pub mod locked;
pub mod manifest;
pub mod mounts;
pub mod native;
mod observation;
pub mod outbound_hosts;
mod processors;
mod refusal;
mod release;
pub mod request_fields;
pub mod routes;
mod server;
pub mod substitution;
pub mod variables;
mod wasm;

pub use body::{BodyError, ResponseBody};
pub use cache::CacheUsage;
pub use clock::Clock;
pub use current::Current;
pub use limits::Limits;
pub use observation::{Caching, Observation, Observer};
pub use release::{Parts, Release};
pub use server::{Connections, Drained, Server};
pub use wasm::{Code, Module, ModuleError, Promise, Wasm, WasmError};
