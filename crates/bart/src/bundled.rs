//! The components inside this binary.

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

/// The digest of that Wasm. The build script computes it: to do so at each start would take longer than the start.
pub(crate) fn digest(component: Bundled) -> Digest {
    let text = match component {
        Bundled::Renderer => env!("BART_DIGEST_RENDERER"),
        Bundled::Fileserver => env!("BART_DIGEST_FILESERVER"),
        Bundled::Redirect => env!("BART_DIGEST_REDIRECT"),
    };
    text.parse().expect("the build script writes digests")
}

/// The bundled component whose Wasm has this digest.
pub(crate) fn by_digest(known: &Digest) -> Option<Bundled> {
    Bundled::ALL
        .into_iter()
        .find(|component| digest(*component) == *known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digests_of_the_build_are_those_of_the_components() {
        for component in Bundled::ALL {
            assert_eq!(digest(component), Digest::of(wasm(component)));
            assert_eq!(by_digest(&digest(component)), Some(component));
        }
    }
}
