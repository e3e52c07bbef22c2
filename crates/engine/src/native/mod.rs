//! Native code of components: made ahead for a kind of machine, kept in files that are checked, and mapped.
//!
//! ```text
//! <folder>/<engine key>/<hex of the Wasm's digest>.cwasm     what wasmtime wrote, and checksums of ours (`seal.rs`)
//! ```

mod compiler;
mod key;
mod machine;
mod map;
mod seal;
mod trust;

pub use compiler::{Compiler, CompilerError};
pub use key::EngineKey;
pub use machine::Machine;
pub use map::{LoadError, NativeFile};
pub use seal::Flaw;
pub use trust::Distrust;

pub(crate) use machine::Target;
pub(crate) use seal::seal;
