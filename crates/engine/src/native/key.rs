//! What native code depends on besides the Wasm, as a name.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use wasmtime::Engine;

use super::machine::Target;

/// To be raised when what surrounds wasmtime's bytes in a file changes.
const FORMAT: u32 = 5;

/// The version of wasmtime, the kind of machine with its CPU features, and the settings of the compiler, as the name of a folder:
/// `x86_64-v3-7d5a0e6f9b1c2d34`. Two engines with the same key can run each other's code.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EngineKey(String);

impl EngineKey {
    pub(crate) fn of(engine: &Engine, target: Target) -> EngineKey {
        // The same in every process of one build of bart, which is enough: code under another key is compiled again.
        let mut hasher = DefaultHasher::new();
        FORMAT.hash(&mut hasher);
        engine.precompile_compatibility_hash().hash(&mut hasher);
        EngineKey(format!("{}-{:016x}", target.name(), hasher.finish()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EngineKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
