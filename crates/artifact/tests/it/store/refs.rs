//! What a tag last resolved to.

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use artifact::{Digest, Repository};

use super::sample::{below, damage, names, store};

fn repository(registry: &str, name: &str) -> Repository {
    Repository {
        registry: registry.to_owned(),
        name: name.to_owned(),
    }
}

#[test]
fn a_tag_resolves_to_what_it_was_last() {
    let (volume, store) = store();
    let site = repository("127.0.0.1:5000", "me/site");
    assert_eq!(store.resolved(&site, "1.0.0"), None);
    for text in ["one", "two"] {
        let digest = Digest::of(text.as_bytes());
        store.remember(&site, "1.0.0", &digest).unwrap();
        assert_eq!(store.resolved(&site, "1.0.0"), Some(digest));
    }
    assert!(names(volume.path(), "tmp").is_empty());
}

#[test]
fn the_tags_of_a_registry_are_listed_by_when_they_were_remembered() {
    let (volume, store) = store();
    let remembered = [
        ("127.0.0.1:5000", "me/site", "1"),
        ("ghcr.io", "me/site", "1"),
        ("127.0.0.1:5000", "me/other", "1"),
        ("127.0.0.1:5000", "me/site", "2"),
    ];
    for (age, (registry, name, tag)) in remembered.iter().rev().enumerate() {
        let repository = repository(registry, name);
        store
            .remember(&repository, tag, &Digest::of(tag.as_bytes()))
            .unwrap();
        let time = SystemTime::now() - Duration::from_secs(60 * age as u64);
        let line = format!("{registry}/{name}:{tag}\n");
        for reference in below(&volume.path().join("bart/refs")) {
            if fs::read_to_string(&reference).is_ok_and(|text| text.ends_with(&line)) {
                File::open(&reference).unwrap().set_modified(time).unwrap();
            }
        }
    }
    let recent: Vec<String> = store
        .recent("127.0.0.1:5000")
        .unwrap()
        .into_iter()
        .map(|(reference, digest)| {
            assert_eq!(digest, Digest::of(reference.target.to_string().as_bytes()));
            reference.to_string()
        })
        .collect();
    assert_eq!(
        recent,
        ["me/site:2", "me/other:1", "me/site:1"].map(|name| format!("127.0.0.1:5000/{name}"))
    );
    assert!(store.recent("nobody.test").unwrap().is_empty());
}

#[test]
fn no_name_leaves_the_store_or_is_taken_for_another() {
    let (volume, store) = store();
    let long = "l".repeat(4000);
    let longer = "l".repeat(4001);
    let cases = [
        ("ghcr.io", "a", "b/c"),
        ("ghcr.io", "a/b", "c"),
        ("ghcr.io/a", "b", "c"),
        ("..", "..", ".."),
        ("../../..", "x", "y"),
        ("ghcr.io", "../../x", "../y"),
        ("ghcr.io", "a", "A"),
        ("ghcr.io", "a", "a"),
        ("ghcr.io:443", "a", "a"),
        ("ghcr.io%3A443", "a", "a"),
        ("", "", ""),
        ("/etc", "passwd", "/"),
        ("a", &long, "a"),
        ("a", &longer, "a"),
        ("a", "a", &long),
        ("a", "nul\0", "nul\0"),
    ];
    for (number, (registry, name, tag)) in cases.iter().enumerate() {
        let digest = Digest::of(&[u8::try_from(number).unwrap()]);
        let repository = repository(registry, name);
        store.remember(&repository, tag, &digest).unwrap();
    }
    for (number, (registry, name, tag)) in cases.iter().enumerate() {
        let digest = Digest::of(&[u8::try_from(number).unwrap()]);
        let repository = repository(registry, name);
        assert_eq!(
            store.resolved(&repository, tag),
            Some(digest),
            "{registry} {name} {tag}"
        );
    }
    assert_eq!(fs::read_dir(volume.path()).unwrap().count(), 1);
    let files = below(&volume.path().join("bart/refs"));
    assert_eq!(
        files.iter().filter(|path| path.is_file()).count(),
        cases.len()
    );
}

#[test]
fn a_torn_ref_is_none() {
    let (volume, store) = store();
    let site = repository("ghcr.io", "me/site");
    let digest = Digest::of(b"release");
    store.remember(&site, "1.0.0", &digest).unwrap();
    let file = below(&volume.path().join("bart/refs"))
        .into_iter()
        .find(|path| path.is_file());
    let file = file.unwrap();
    let whole = fs::read(&file).unwrap();
    for length in 0..whole.len() - 1 {
        damage(&file, |bytes| *bytes = whole[..length].to_vec());
        assert_eq!(store.resolved(&site, "1.0.0"), None, "{length}");
    }
    store.remember(&site, "1.0.0", &digest).unwrap();
    assert_eq!(store.resolved(&site, "1.0.0"), Some(digest));
}
