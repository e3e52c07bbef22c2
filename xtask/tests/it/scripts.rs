//! The scripts that name what workflows publish.

use std::process::{Command, Output};

use crate::tidy::root;

fn run(script: &str, arguments: &[&str]) -> Output {
    let path = root().join(".ci").join(script);
    Command::new(path).args(arguments).output().unwrap()
}

fn line(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone())
        .unwrap()
        .trim_end()
        .to_owned()
}

/// What a tag may be (distribution-spec, "Pulling manifests").
fn is_tag(text: &str) -> bool {
    let is_word = |character: char| character.is_ascii_alphanumeric() || character == '_';
    text.len() <= 128
        && text.starts_with(is_word)
        && text
            .chars()
            .all(|character| is_word(character) || ".-".contains(character))
}

#[test]
fn a_preview_has_a_legal_tag_that_ends_in_its_time() {
    let long = "x".repeat(300);
    let cases = [
        ("main", "main-01234567-1700000000"),
        ("Feature/Login", "feature-login-01234567-1700000000"),
        ("a b\tc", "a-b-c-01234567-1700000000"),
        ("-x", "x-01234567-1700000000"),
        ("..", "branch-01234567-1700000000"),
        ("_v1.2", "_v1.2-01234567-1700000000"),
        ("$(reboot)", "reboot--01234567-1700000000"),
    ];
    for (branch, expected) in cases {
        let name = line(&run(
            "preview-id",
            &[branch, "0123456789abcdef", "1700000000"],
        ));
        assert_eq!(name, expected, "{branch}");
        assert!(is_tag(&name), "{branch}");
    }
    for branch in [long.as_str(), "ü", "日本", "%", "/"] {
        let name = line(&run(
            "preview-id",
            &[branch, "0123456789abcdef", "1700000000"],
        ));
        assert!(is_tag(&name), "{name}");
        assert!(name.ends_with("-01234567-1700000000"), "{name}");
    }
}

#[test]
fn a_preview_without_a_commit_has_no_name() {
    assert!(!run("preview-id", &["main"]).status.success());
}

#[test]
fn the_shim_of_a_commit_has_a_legal_tag_with_the_version() {
    if !root().join(".git").exists() {
        println!("skipped: the tag of the shim: this is no checkout of git");
        return;
    }
    let tag = line(&run("shim-tag", &[]));
    assert!(is_tag(&tag), "{tag}");
    let version = concat!(env!("CARGO_PKG_VERSION"), "-");
    assert!(tag.starts_with(version), "{tag}");
    assert_eq!(line(&run("shim-tag", &["HEAD"])), tag);
}
