//! The pages of the manual about commands, against the commands.

use std::collections::BTreeSet;
use std::path::Path;
use std::{env, fs};

use crate::process::bart;
use crate::scratch::Scratch;

/// Every command with options.
const COMMANDS: [&[&str]; 14] = [
    &["up"],
    &["check"],
    &["release", "site"],
    &["release", "chart"],
    &["push"],
    &["image"],
    &["inspect"],
    &["pull"],
    &["serve"],
    &["cache", "ls"],
    &["cache", "verify"],
    &["cache", "gc"],
    &["cache", "prewarm"],
    &["cache", "rm"],
];

/// Pages that say which options there are.
const PAGES: [&str; 14] = [
    "air-gap",
    "bart-serve",
    "bart-up",
    "cache",
    "caches",
    "chart",
    "checking",
    "configuration",
    "deployment",
    "flux",
    "image",
    "publishing",
    "registries",
    "releasing",
];

fn read(path: &str) -> String {
    // At run time, since two checkouts may share one target folder.
    let package = env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs this");
    let root = Path::new(&package).join("../..");
    fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The words of a text that begin with `prefix`, up to the first character that no name has.
fn words<'a>(text: &'a str, prefix: &'a str) -> impl Iterator<Item = &'a str> {
    text.match_indices(prefix).map(move |(at, _)| {
        let name = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
        let end = text[at..].find(|letter| !name(letter));
        &text[at..end.map_or(text.len(), |end| at + end)]
    })
}

/// Lines of other programs have options of these.
fn is_of_another_program(line: &str) -> bool {
    let line = line.trim_start_matches("  ");
    let begins = [
        "tar ", "git ", "helm ", "kubectl ", "flux ", "podman ", "--set ", "--type=",
    ];
    let has = ["buildah bud", "cargo xtask", "podman run", "skopeo copy"];
    begins.iter().any(|program| line.starts_with(program))
        || has.iter().any(|program| line.contains(program))
}

fn help() -> String {
    let folder = Scratch::new();
    let texts = COMMANDS.map(|command| {
        let arguments = [command, &["--help"]].concat();
        let output = bart(folder.path(), &arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{command:?}");
        String::from_utf8(output.stdout).unwrap()
    });
    texts.concat()
}

#[test]
fn every_option_of_the_manual_exists() {
    let help = help();
    let known: BTreeSet<&str> = words(&help, "--").collect();
    let mut seen = 0;
    for page in PAGES {
        let text = read(&format!("content/{page}.md"));
        let lines = text.lines().filter(|line| !is_of_another_program(line));
        for option in lines.flat_map(|line| words(line, "--")) {
            if option.trim_start_matches('-').is_empty() {
                continue;
            }
            assert!(known.contains(option), "{page}: `{option}` does not exist");
            seen += 1;
        }
    }
    assert!(seen > 50, "{seen}");
}

#[test]
fn every_option_that_the_chart_gives_exists() {
    let help = help();
    let known: BTreeSet<&str> = words(&help, "--").collect();
    let template = read("charts/bart/templates/_environment.tpl");
    let given: BTreeSet<&str> = words(&template, "--").collect();
    assert!(given.len() > 3, "{given:?}");
    assert!(given.is_subset(&known), "{:?}", given.difference(&known));
}

#[test]
fn every_option_and_variable_is_in_the_manual() {
    let pages = PAGES
        .map(|page| read(&format!("content/{page}.md")))
        .concat();
    let help = help();
    // Of `--help` and `--version` clap itself speaks.
    let silent: BTreeSet<&str> = words(&help, "--")
        .filter(|option| !matches!(*option, "--" | "--help" | "--version"))
        .filter(|option| {
            !pages.contains(&format!("{option}`")) && !pages.contains(&format!("{option} "))
        })
        .collect();
    assert!(silent.is_empty(), "not in the manual: {silent:?}");
    for variable in words(&help, "BART_") {
        assert!(
            pages.contains(&format!("`{variable}`")),
            "not in the manual: `{variable}`"
        );
    }
}

#[test]
fn every_exit_code_is_in_the_manual() {
    let source = read("crates/bart/src/failure.rs");
    let page = read("content/registries.md");
    let codes: Vec<&str> = source
        .lines()
        .filter_map(|line| {
            let (_, value) = line
                .trim()
                .strip_prefix("pub const ")?
                .split_once(": u8 = ")?;
            value.strip_suffix(';')
        })
        .collect();
    assert!(codes.len() > 10, "{codes:?}");
    for code in codes {
        assert!(page.contains(&format!("\n| {code} | ")), "{code}");
    }
}
