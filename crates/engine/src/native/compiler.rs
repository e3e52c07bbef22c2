//! Compiles ahead of time, also for machines of another kind.

use wasmtime::Engine;

use super::key::EngineKey;
use super::machine::{Machine, Target};
use super::seal::seal;
use crate::wasm::{ModuleError, on_demand};

/// Makes native code, and runs none.
pub struct Compiler {
    engine: Engine,
    key: EngineKey,
}

/// Why nothing can be compiled for a kind of machine.
#[derive(Debug, thiserror::Error)]
#[error("failed to start a compiler")]
pub struct CompilerError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl Compiler {
    /// For the machine that this runs on.
    ///
    /// # Errors
    ///
    /// When wasmtime does not support it.
    pub fn here() -> Result<Compiler, CompilerError> {
        Compiler::of(Target::here())
    }

    /// For all machines of a kind.
    ///
    /// # Errors
    ///
    /// When this build of bart has no compiler for it.
    pub fn new(machine: Machine) -> Result<Compiler, CompilerError> {
        Compiler::of(Target::Kind(machine))
    }

    fn of(target: Target) -> Result<Compiler, CompilerError> {
        let engine = on_demand(target).map_err(|error| CompilerError(error.into()))?;
        let key = EngineKey::of(&engine, target);
        Ok(Compiler { engine, key })
    }

    /// What the code depends on.
    #[must_use]
    pub fn key(&self) -> &EngineKey {
        &self.key
    }

    /// Compiles a component. The bytes are those of a file that [`crate::Wasm::load`] takes.
    ///
    /// # Errors
    ///
    /// When it is no component.
    pub fn compile(&self, wasm: &[u8]) -> Result<Vec<u8>, ModuleError> {
        let code = self.engine.precompile_component(wasm);
        code.map(seal).map_err(|error| ModuleError::invalid(&error))
    }
}
