//! The command: what it prints where, and how it ends.

use serde_json::{Value, json};

use super::{MANIFEST, findings_in, site};
use crate::process::{Failed, bart};
use crate::served::workspace;

const FAULTS: [(&str, &str); 2] = [
    (
        "content/a.md",
        "title = \"A\"\ndraft = true\n---\n[x](/indx)\n",
    ),
    (
        "content/later.md",
        "title = \"L\"\ndate = \"2999-01-01\"\n---\n",
    ),
];

#[test]
fn the_bundled_site_is_clean() {
    let root = workspace();
    let mut command = bart(&root, &["check", "--deny", "warnings"]);
    let output = command.env_remove("GITHUB_ACTIONS").output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.starts_with("no error in the site: "), "{stderr}");
}

#[test]
fn findings_are_lines_on_stderr_and_an_error_ends_with_1() {
    let site = site(MANIFEST, &FAULTS);
    let failed = Failed::run(bart(site.path(), &["check"]).env_remove("GITHUB_ACTIONS"));
    assert_eq!(failed.code, Some(1));
    assert_eq!(
        failed.stderr,
        "content/a.md:2: warning: the key `draft` means nothing here (unknown-key)\n\
         \x20 hint: write `published = false`\n\
         content/a.md:4: the link `/indx` leads nowhere: there is no such page (broken-link)\n\
         error: 1 error, 1 warning (3 pages, 1 scheduled)\n"
    );
}

#[test]
fn warnings_fail_where_they_are_denied_and_nothing_is_said_of_what_is_allowed() {
    let site = site(MANIFEST, &FAULTS);
    for (arguments, code) in [
        (vec!["check", "--allow", "broken-link"], 0),
        (
            vec!["check", "--allow", "broken-link", "--deny", "warnings"],
            1,
        ),
        (
            vec![
                "check",
                "--allow",
                "broken-link",
                "--allow",
                "unknown-key",
                "--deny",
                "warnings",
            ],
            0,
        ),
        (vec!["check", "--allow", "no-such-code"], 2),
        (vec!["check", "nowhere"], 2),
        (vec!["check", "--env", "nobody.PREVIEW_MODE=1"], 2),
    ] {
        let output = bart(site.path(), &arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
    }
}

#[test]
fn json_is_one_object_on_stdout() {
    let site = site(MANIFEST, &FAULTS);
    let output = bart(site.path(), &["check", "--json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        report["findings"][0],
        json!({
            "path": "content/a.md",
            "line": 2,
            "severity": "warning",
            "code": "unknown-key",
            "message": "the key `draft` means nothing here",
            "hint": "write `published = false`",
        })
    );
    assert_eq!(report["findings"][1]["code"], "broken-link");
    for (key, count) in [
        ("errors", 1),
        ("warnings", 1),
        ("pages", 3),
        ("drafts", 0),
        ("scheduled", 1),
    ] {
        assert_eq!(report[key], count, "{key}");
    }
}

#[test]
fn github_gets_annotations_beside_the_lines() {
    let site = site(MANIFEST, &FAULTS);
    let mut command = bart(site.path(), &["check"]);
    let failed = Failed::run(command.env("GITHUB_ACTIONS", "true"));
    for line in [
        "::warning file=content/a.md,line=2,title=unknown-key::the key `draft` means nothing here%0Ahint: write `published = false`",
        "::error file=content/a.md,line=4,title=broken-link::the link `/indx` leads nowhere",
    ] {
        assert!(failed.stderr.contains(line), "{}", failed.stderr);
    }
}

#[test]
fn paths_are_those_of_the_working_directory() {
    let site = site(MANIFEST, &FAULTS);
    let folder = site.path().join("content");
    let output = bart(&folder, &["check", ".."]).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("../content/a.md:2: "), "{stderr}");
    assert_eq!(findings_in(&site).len(), 2);
}

#[test]
fn preview_mode_counts_drafts_as_published() {
    let files = [
        ("content/a.md", "title = \"A\"\n---\n[x](/draft)\n"),
        (
            "content/draft.md",
            "title = \"D\"\npublished = false\n---\n",
        ),
    ];
    let site = site(MANIFEST, &files);
    for (arguments, code) in [
        (vec!["check"], 1),
        (vec!["check", "--env", "PREVIEW_MODE=1"], 0),
    ] {
        let output = bart(site.path(), &arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
    }
}
