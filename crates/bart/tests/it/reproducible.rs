//! The components are built reproducibly: their digest is their identity.

use std::fs;

use crate::component_build;
use crate::probe::cargo;
use crate::scratch::Scratch;
use crate::served::workspace;

/// What components are built from. The sources of the other members only have to be there.
const SOURCES: [&str; 7] = [
    "Cargo.toml",
    "Cargo.lock",
    "rust-toolchain.toml",
    "components",
    "crates",
    "fuzz",
    "xtask",
];

/// Builds all components once more: about a minute on two cores.
#[test]
fn the_components_have_the_same_bytes_when_built_in_another_folder() {
    let copy = Scratch::new();
    for source in SOURCES {
        copy.copy(
            &workspace().join(source),
            &format!("somewhere else/{source}"),
        );
    }
    let elsewhere = copy.path().join("somewhere else");
    let target_dir = copy.path().join("target");
    let packages = component_build::packages(&elsewhere).unwrap();
    component_build::build(&cargo(), &elsewhere, &target_dir, &packages).unwrap();
    assert_eq!(packages, ["fileserver", "redirect", "renderer"]);
    for package in packages {
        let module = format!("{package}.wasm");
        let here = fs::read(format!("{}/{module}", env!("BART_COMPONENTS"))).unwrap();
        let there = fs::read(component_build::modules(&target_dir).join(&module)).unwrap();
        assert!(here == there, "{module} has other bytes in another folder");
    }
}
