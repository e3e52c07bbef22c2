//! Which components bart replaces by its own.

use std::fs;
use std::path::PathBuf;

use engine::app::Source;
use engine::substitution::{self, Bundled, Reason};

use crate::sites::{docs_site, read};

const MODULE: &[u8] = b"\0asm\x01\0\0\0";
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

/// A core module that exports functions of these names. It need not be valid beyond that.
fn module(names: &[&str]) -> Vec<u8> {
    let exports = names
        .iter()
        .flat_map(|name| [&[length(name)], name.as_bytes(), &[0, 0]].concat());
    [MODULE, &section(7, names.len(), exports.collect())].concat()
}

/// A component that exports instances of these names.
fn component(names: &[&str]) -> Vec<u8> {
    let exports = names
        .iter()
        .flat_map(|name| [&[0, length(name)], name.as_bytes(), &[5, 0, 0]].concat());
    [COMPONENT, &section(11, names.len(), exports.collect())].concat()
}

fn section(id: u8, count: usize, items: Vec<u8>) -> Vec<u8> {
    let size = u8::try_from(items.len() + 1).expect("a small section");
    let count = u8::try_from(count).expect("a few items");
    [vec![id, size, count], items].concat()
}

fn length(name: &str) -> u8 {
    u8::try_from(name.len()).expect("a short name")
}

fn url(url: &str, digest: &str) -> Source {
    Source::Url {
        url: url.to_owned(),
        digest: digest.to_owned(),
    }
}

#[test]
fn released_predecessors_are_known_by_their_urls() {
    let cases = [
        (
            "https://github.com/fermyon/bartholomew/releases/download/v0.10.0/bartholomew.wasm",
            Some(Bundled::Renderer),
        ),
        (
            "https://github.com/spinframework/spin-fileserver/releases/download/v9/spin_static_fs.wasm",
            Some(Bundled::Fileserver),
        ),
        (
            "https://github.com/Fermyon/spin-redirect/releases/download/v0.2.0/redirect.wasm",
            Some(Bundled::Redirect),
        ),
        (
            "https://github.com/someone/spin-redirect/releases/download/v0.2.0/redirect.wasm",
            None,
        ),
        (
            "https://github.com/fermyon/spin-redirect/archive/v0.2.0/redirect.wasm",
            None,
        ),
        (
            "https://github.com/fermyon/spin-redirect/releases/download/redirect.wasm",
            None,
        ),
        (
            "https://github.com/fermyon/spin-redirect/releases/download/v1/other.wasm",
            None,
        ),
        (
            "https://example.test/fermyon/spin-redirect/releases/download/v0.2.0/redirect.wasm",
            None,
        ),
    ];
    for (address, expected) in cases {
        let found = substitution::recognise(&url(address, "sha256:00"));
        assert_eq!(found.map(|found| found.bundled), expected, "{address}");
    }
}

#[test]
fn released_predecessors_are_known_by_their_digests_on_a_mirror() {
    let digest = "sha256:ef88708817e107bf49985c7cefe4dd1f199bf26f6727819183d5c996baa3d148";
    let found = substitution::recognise(&url("https://mirror.test/x.wasm", digest))
        .expect("a known digest");
    assert_eq!(
        (found.bundled, found.reason),
        (
            Bundled::Fileserver,
            Reason::ReleaseDigest("spin-fileserver v0.3.0")
        )
    );
    assert_eq!(
        found.to_string(),
        "bundled fileserver: it is spin-fileserver v0.3.0, which bart succeeds"
    );
    assert_eq!(
        substitution::recognise(&url(
            "https://mirror.test/x.wasm",
            &digest.replace('e', "f")
        )),
        None
    );
}

#[test]
fn the_paths_of_barts_own_build_are_known() {
    let cases = [
        (
            "target/wasm32-wasip2/component/renderer.wasm",
            Some(Bundled::Renderer),
        ),
        (
            "./target/wasm32-wasip2/component/fileserver.wasm",
            Some(Bundled::Fileserver),
        ),
        (
            "/x/bart/target/wasm32-wasip2/component/redirect.wasm",
            Some(Bundled::Redirect),
        ),
        ("target/wasm32-wasip2/release/renderer.wasm", None),
        ("other-target/wasm32-wasip2/component/renderer.wasm", None),
    ];
    for (path, expected) in cases {
        let found = substitution::recognise(&Source::File(PathBuf::from(path)));
        assert_eq!(found.map(|found| found.bundled), expected, "{path}");
    }
}

#[test]
fn a_file_with_a_known_name_is_replaced_only_when_it_is_missing_or_old() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let old = Some(Reason::OldInterface);
    let new = component(&["wasi:http/incoming-handler@0.2.0"]);
    type Case = (&'static str, Option<Vec<u8>>, Option<Reason>);
    let cases: [Case; 14] = [
        ("bartholomew.wasm", None, Some(Reason::Absent)),
        ("redirect.wasm", None, Some(Reason::Absent)),
        ("mine.wasm", None, None),
        (
            "bartholomew.wasm",
            Some(module(&["memory", "handle-http-request"])),
            old,
        ),
        (
            "bartholomew.wasm",
            Some(component(&["fermyon:spin/inbound-http"])),
            old,
        ),
        (
            "spin_static_fs.wasm",
            Some(component(&[
                "wasi:http/incoming-handler@0.2.0-rc-2023-11-10",
            ])),
            old,
        ),
        (
            "spin_static_fs.wasm",
            Some(module(&["wasi:http/incoming-handler@0.2.0#handle"])),
            old,
        ),
        ("spin_static_fs.wasm", Some(new.clone()), None),
        ("redirect.wasm", Some(new), None),
        ("redirect.wasm", Some(module(&["_start"])), old),
        ("redirect.wasm", Some(module(&["handle-http-request"])), old),
        ("redirect.wasm", Some(module(&["something"])), None),
        ("redirect.wasm", Some(b"not Wasm".to_vec()), None),
        ("mine.wasm", Some(module(&["handle-http-request"])), None),
    ];
    for (name, wasm, expected) in cases {
        let path = folder.path().join(name);
        if let Some(wasm) = &wasm {
            fs::write(&path, wasm).expect("the file is written");
        }
        let found = substitution::recognise(&Source::File(path.clone()));
        assert_eq!(found.map(|found| found.reason), expected, "{name} {wasm:?}");
        if wasm.is_some() {
            fs::remove_file(&path).expect("the file is removed");
        }
    }
}

#[test]
fn modules_inside_a_component_do_not_count() {
    let inner = module(&["handle-http-request"]);
    let size = u8::try_from(inner.len()).expect("a small module");
    let outer = [COMPONENT, &[1, size], &inner].concat();
    assert!(substitution::has_old_interface(&inner));
    assert!(!substitution::has_old_interface(&outer));
    let both = [
        &outer[..],
        &component(&["fermyon:spin/inbound-http@1.0.0"])[COMPONENT.len()..],
    ]
    .concat();
    assert!(substitution::has_old_interface(&both));
    assert!(
        !substitution::has_old_interface(&both[..both.len() - 4]),
        "a torn file is none"
    );
}

#[test]
fn a_docs_site_without_its_modules_runs_on_bundled_components_alone() {
    let app = read(&docs_site()).expect("a good manifest");
    let bundled = |kind| {
        let found = app
            .components
            .iter()
            .filter_map(|component| substitution::recognise(&component.source));
        found.filter(|found| found.bundled == kind).count()
    };
    assert_eq!(Bundled::ALL.map(bundled), [1, 2, 30]);
}
