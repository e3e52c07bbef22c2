//! The components inside this binary.

use engine::substitution::Bundled;

/// The Wasm of a bundled component.
pub(crate) fn wasm(component: Bundled) -> &'static [u8] {
    match component {
        Bundled::Renderer => include_bytes!(concat!(env!("BART_COMPONENTS"), "/renderer.wasm")),
        Bundled::Fileserver => include_bytes!(concat!(env!("BART_COMPONENTS"), "/fileserver.wasm")),
        Bundled::Redirect => include_bytes!(concat!(env!("BART_COMPONENTS"), "/redirect.wasm")),
    }
}
