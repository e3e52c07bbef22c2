//! How contents share layers where there are many.

use std::collections::{BTreeMap, BTreeSet};

use artifact::layout::Layout;
use artifact::release::{Holds, Source};
use artifact::{Descriptor, Digest, Release, media_type};

use crate::draft::{bytes, file, page_size, pages, text};
use crate::fixture;

fn layers(release: &Release) -> BTreeMap<Digest, u64> {
    release
        .manifest
        .layers
        .iter()
        .map(|layer| (layer.digest, layer.size))
        .collect()
}

/// How many bytes a registry that has `old` needs for `new`, besides the locked app and the manifests.
fn upload(old: &Release, new: &Release) -> u64 {
    let known = layers(old);
    let fresh = |layer: &&Descriptor| {
        !known.contains_key(&layer.digest) && layer.media_type != media_type::LOCKED_APP
    };
    new.manifest
        .layers
        .iter()
        .filter(fresh)
        .map(|layer| layer.size)
        .sum()
}

#[test]
fn the_bytes_of_packs_never_change() {
    // Another compressor, or another setting of it, would make every site upload everything again.
    let release = Release::build(pages(450)).unwrap();
    let expected = "sha256:162b72e72c0ec34d144e328ba9c7311527171162d67be8c42c2645bf6c51234f";
    assert_eq!(
        release.digest.to_string(),
        expected,
        "say in the changelog that everything is uploaded anew"
    );
}

#[test]
fn up_to_400_layers_every_file_has_its_own() {
    // With the module and the locked app.
    for (files, packs) in [(398, false), (399, true), (3000, true)] {
        let release = Release::build(pages(files)).unwrap();
        let kinds: BTreeSet<&str> = release
            .manifest
            .layers
            .iter()
            .map(|layer| layer.media_type.as_str())
            .collect();
        assert_eq!(kinds.contains(media_type::ARCHIVE), packs, "{files}");
        assert!(release.manifest.layers.len() <= 400, "{files}");
    }
}

#[test]
fn one_changed_page_of_10_000_uploads_less_than_a_200th() {
    let site = pages(10_000);
    let old = Release::build(site.clone()).unwrap();
    let total = (0..10_000).map(page_size).sum::<usize>() as u64;
    // The worst page is one in the largest pack. Short pages are the worst site: each costs a header too.
    let largest = old
        .manifest
        .layers
        .iter()
        .filter(|layer| layer.media_type == media_type::ARCHIVE)
        .map(|layer| layer.size)
        .max()
        .unwrap();
    assert!(largest * 200 <= total, "{largest} of {total}");
    let mut draft = site.clone();
    draft.files[4711].source = bytes(&text(20_000, 3000));
    let new = Release::build(draft).unwrap();
    let changed = upload(&old, &new);
    assert!(changed > 0 && changed <= largest + 3000, "{changed}");
    // Growth does not move the others either.
    let mut draft = site;
    draft
        .files
        .push(file("c", "content/one more.md", &text(20_001, 3000)));
    let grown = upload(&old, &Release::build(draft).unwrap());
    assert!(grown > 0 && grown <= largest + 3000, "{grown}");
}

#[test]
fn large_files_keep_layers_of_their_own_while_there_is_room() {
    for (large, own) in [(10, 10), (14, 14), (15, 15), (142, 142), (200, 142)] {
        let mut draft = pages(1000);
        draft.files.extend((0..large).map(|index| {
            file(
                "c",
                &format!("static/{index}.jpg"),
                &text(50_000 + index, 66_000 + index),
            )
        }));
        let release = Release::build(draft).unwrap();
        let alone: Vec<u64> = release
            .blobs
            .iter()
            .filter_map(|blob| match &blob.holds {
                Holds::File(content) => Some(content.size()),
                _ => None,
            })
            .collect();
        assert_eq!(alone.len(), own, "{large}");
        // The largest weigh most in a pack.
        let expected: BTreeSet<u64> = (large - own..large)
            .map(|index| 66_000 + index as u64)
            .collect();
        assert_eq!(alone.into_iter().collect::<BTreeSet<u64>>(), expected);
        assert!(release.manifest.layers.len() <= 400);
    }
}

#[test]
fn packs_are_read_back_to_the_same_files() {
    let mut draft = pages(700);
    draft.files.push(file("c", "large", &text(9999, 400_000)));
    draft.files.push(file("c", "short", b"inline"));
    let expected: BTreeMap<String, Vec<u8>> = draft
        .files
        .iter()
        .map(|file| match &file.source {
            Source::Bytes(bytes) => (file.path.clone(), bytes.to_vec()),
            Source::File(path) => panic!("{} is not in memory", path.display()),
        })
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let layout = Layout::create(folder.path()).unwrap();
    layout.add(&Release::build(draft).unwrap(), "v1").unwrap();
    let read = fixture::read_from(&layout, "v1").unwrap();
    assert!(read.files(0) == expected);
}
