//! The probe: a component that shows what the engine gives it. Built here, once.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use crate::component_build;
use crate::served::workspace;

static MODULE: LazyLock<PathBuf> = LazyLock::new(|| {
    // Beside the components, most of whose dependencies are its own too.
    let modules = Path::new(env!("BART_COMPONENTS"));
    let target_dir = modules
        .ancestors()
        .nth(2)
        .expect("modules are two folders deep");
    component_build::build(&cargo(), &workspace(), target_dir, &["probe".to_owned()]).unwrap();
    modules.join("probe.wasm")
});

/// The module.
pub(crate) fn module() -> &'static Path {
    &MODULE
}

/// The cargo that runs these tests.
pub(crate) fn cargo() -> PathBuf {
    std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from)
}
