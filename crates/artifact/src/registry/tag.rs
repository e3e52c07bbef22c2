//! Tags do not move: what a push may do, by what its tag points at.

use crate::digest::Digest;

/// What a tag points at, seen from a manifest that is to be pushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagState {
    /// Nothing.
    Absent,
    /// The same content; nothing needs to be pushed.
    Same {
        /// The digest of the manifest that is there, which may differ in its annotations.
        digest: Digest,
    },
    /// Other content.
    Other {
        /// The digest of the manifest that is there.
        digest: Digest,
    },
}

/// The state of a tag that points at the manifest `existing`, for a push of the manifest `ours`. Manifests of different digests may still
/// have the same content: `is_same` looks at the bytes of the existing one.
pub fn tag_state(
    existing: Option<(Digest, &[u8])>,
    ours: Digest,
    is_same: impl FnOnce(&[u8]) -> bool,
) -> TagState {
    match existing {
        None => TagState::Absent,
        Some((digest, bytes)) if digest == ours || is_same(bytes) => TagState::Same { digest },
        Some((digest, _)) => TagState::Other { digest },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_absent_the_same_or_other() {
        let ours = Digest::of(b"ours");
        let theirs = Digest::of(b"theirs");
        for (existing, same, state) in [
            (None, true, TagState::Absent),
            (Some(ours), false, TagState::Same { digest: ours }),
            (Some(theirs), true, TagState::Same { digest: theirs }),
            (Some(theirs), false, TagState::Other { digest: theirs }),
        ] {
            let existing = existing.map(|digest| (digest, b"theirs".as_slice()));
            assert_eq!(
                tag_state(existing, ours, |bytes| same && bytes == b"theirs"),
                state
            );
        }
    }
}
