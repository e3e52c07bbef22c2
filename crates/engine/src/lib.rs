//! Runs Spin HTTP applications on wasmtime.

mod admission;
pub mod app;
mod body;
mod current;
mod limits;
pub mod locked;
pub mod manifest;
pub mod mounts;
mod observation;
pub mod outbound_hosts;
mod release;
pub mod request_fields;
pub mod routes;
mod server;
pub mod substitution;
pub mod variables;
mod wasm;

pub use body::{BodyError, ResponseBody};
pub use current::Current;
pub use limits::Limits;
pub use observation::{Observation, Observer};
pub use release::{Parts, Release};
pub use server::{Drained, Server};
pub use wasm::{Module, ModuleError, Wasm, WasmError};
