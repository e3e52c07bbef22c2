//! Sites in memory, to be published.

use std::collections::BTreeMap;

use artifact::LockedApp;
use artifact::locked::{Content, LockedComponent, LockedSource};
use artifact::release::{Draft, DraftFile, Source};
use bytes::Bytes;

/// An application with components of these names, which share one module.
pub(crate) fn draft(components: &[&str]) -> Draft {
    let component = |id: &&str| LockedComponent {
        id: (*id).to_owned(),
        metadata: BTreeMap::new(),
        source: LockedSource {
            content_type: "application/wasm".to_owned(),
            content: Content::default(),
        },
        env: BTreeMap::new(),
        files: Vec::new(),
        config: BTreeMap::new(),
        dependencies: BTreeMap::new(),
        host_requirements: BTreeMap::new(),
    };
    let module = |id: &&str| ((*id).to_owned(), bytes(b"\0asm, more or less"));
    Draft {
        app: LockedApp {
            spin_lock_version: Default::default(),
            must_understand: Vec::new(),
            metadata: BTreeMap::from([
                ("name".to_owned(), "site".into()),
                ("origin".to_owned(), "file:///home/me/site/spin.toml".into()),
            ]),
            host_requirements: BTreeMap::new(),
            variables: BTreeMap::new(),
            triggers: Vec::new(),
            components: components.iter().map(component).collect(),
        },
        modules: components.iter().map(module).collect(),
        files: Vec::new(),
        annotations: BTreeMap::new(),
    }
}

pub(crate) fn bytes(bytes: &[u8]) -> Source {
    Source::Bytes(Bytes::copy_from_slice(bytes))
}

pub(crate) fn file(component: &str, path: &str, content: &[u8]) -> DraftFile {
    DraftFile {
        component: component.to_owned(),
        path: path.to_owned(),
        source: bytes(content),
    }
}

/// Hexadecimal digits that no other seed has: they compress less than any text.
pub(crate) fn text(seed: usize, length: usize) -> Vec<u8> {
    // xorshift, which must not begin with zero.
    let mut state = (seed as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut text = Vec::with_capacity(length + 16);
    while text.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        text.extend_from_slice(format!("{state:016x}").as_bytes());
    }
    text.truncate(length);
    text
}

/// A site of `count` pages of 300 to 1,100 bytes.
pub(crate) fn pages(count: usize) -> Draft {
    let mut draft = draft(&["c"]);
    draft.files = (0..count)
        .map(|page| {
            file(
                "c",
                &format!("content/{page}.md"),
                &text(page, page_size(page)),
            )
        })
        .collect();
    draft
}

pub(crate) fn page_size(page: usize) -> usize {
    300 + page % 9 * 100
}
