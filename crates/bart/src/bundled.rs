//! The components inside this binary.

use std::sync::LazyLock;

use artifact::Digest;
use engine::substitution::Bundled;

/// The Wasm of a bundled component.
pub(crate) fn wasm(component: Bundled) -> &'static [u8] {
    match component {
        Bundled::Renderer => include_bytes!(concat!(env!("BART_COMPONENTS"), "/renderer.wasm")),
        Bundled::Fileserver => include_bytes!(concat!(env!("BART_COMPONENTS"), "/fileserver.wasm")),
        Bundled::Redirect => include_bytes!(concat!(env!("BART_COMPONENTS"), "/redirect.wasm")),
    }
}

/// The digests of the bundled components, in the order of [`Bundled::ALL`].
static DIGESTS: LazyLock<[Digest; Bundled::ALL.len()]> =
    LazyLock::new(|| Bundled::ALL.map(|component| Digest::of(wasm(component))));

/// The bundled component whose Wasm has this digest.
pub(crate) fn by_digest(digest: &Digest) -> Option<Bundled> {
    let place = DIGESTS.iter().position(|known| known == digest)?;
    Some(Bundled::ALL[place])
}
