//! What people forget: the map, module lines, versions that must agree, files that grew too long.

use std::path::PathBuf;
use std::{env, fs};

/// Rust files are split by job before they reach this length.
const LONGEST_FILE: usize = 500;

pub(crate) fn root() -> PathBuf {
    // At run time, since two checkouts may share one target folder.
    PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs this"))
        .parent()
        .unwrap()
        .to_path_buf()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path))
        .unwrap_or_else(|error| panic!("failed to read `{path}`: {error}"))
}

fn rust_files() -> Vec<String> {
    let files = xtask::tree::files(&root()).unwrap();
    files
        .into_iter()
        .filter(|path| path.ends_with(".rs"))
        .collect()
}

#[test]
fn the_map_is_current() {
    let expected = xtask::tree::generate(&root()).unwrap();
    assert!(
        read(xtask::tree::FILE) == expected,
        "`tree.txt` is not current: run `cargo xtask tree`"
    );
}

#[test]
fn every_module_states_its_job_in_its_first_line() {
    let silent: Vec<String> = rust_files()
        .into_iter()
        .filter(|path| !read(path).starts_with("//! ") && !read(path).starts_with("#!"))
        .collect();
    assert!(silent.is_empty(), "without a `//!` line: {silent:?}");
}

#[test]
fn no_file_grows_beyond_one_job() {
    let long: Vec<String> = rust_files()
        .into_iter()
        .filter(|path| read(path).lines().count() > LONGEST_FILE)
        .collect();
    assert!(
        long.is_empty(),
        "longer than {LONGEST_FILE} lines: {long:?}"
    );
}

#[test]
fn no_drawer_without_a_name_of_its_own() {
    let drawers: Vec<String> = rust_files()
        .into_iter()
        .filter(|path| {
            path.split(['/', '.']).any(|part| {
                matches!(
                    part,
                    "util" | "utils" | "common" | "helper" | "helpers" | "misc"
                )
            })
        })
        .collect();
    assert!(drawers.is_empty(), "{drawers:?}");
}

#[test]
fn the_site_has_the_version_of_the_changelog() {
    let manifest: toml::Value = toml::from_str(&read("spin.toml")).unwrap();
    let version = manifest["application"]["version"].as_str().unwrap();
    let released = read("CHANGELOG.md").contains(&format!("## [{version}]"));
    assert!(
        released,
        "`CHANGELOG.md` has no section for version {version} of `spin.toml`"
    );
}

#[test]
fn every_dependency_has_its_reason_in_the_readme() {
    let manifest: toml::Value = toml::from_str(&read("Cargo.toml")).unwrap();
    let dependencies = manifest["workspace"]["dependencies"].as_table().unwrap();
    let readme = read("README.md");
    let unexplained: Vec<&String> = dependencies
        .iter()
        .filter(|(_, value)| value.get("path").is_none())
        .map(|(name, _)| name)
        .filter(|name| {
            !readme.contains(&format!("| `{name}`")) && !readme.contains(&format!(", `{name}`"))
        })
        .collect();
    assert!(
        unexplained.is_empty(),
        "no reason in the README's table: {unexplained:?}"
    );
}

#[test]
fn every_component_has_an_end_to_end_test_of_its_name() {
    for component in fs::read_dir(root().join("components")).unwrap() {
        let name = component.unwrap().file_name().into_string().unwrap();
        let test = format!("crates/bart/tests/it/components/{name}.rs");
        assert!(root().join(&test).exists(), "`{test}` is missing");
    }
}
