//! Annotations: from the manifest of the site, from git, and from the command line.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use super::{Machine, SITE, read, site};
use crate::process::Failed;
use crate::scratch::Scratch;

/// The annotations of what is pushed, without the beginning that they share.
fn annotations(
    machine: &Machine,
    folder: &Path,
    arguments: &[&str],
    epoch: Option<&str>,
) -> BTreeMap<String, String> {
    let layout = Scratch::new();
    let output = layout.path().to_str().unwrap();
    let arguments = [&["push", "1", "--output", output, "--quiet"], arguments].concat();
    let mut command = machine.bart(folder, &arguments);
    command.envs(epoch.map(|epoch| ("SOURCE_DATE_EPOCH", epoch)));
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let (manifest, _) = read(layout.path(), "1");
    let short = |key: String| key.replace("org.opencontainers.image.", "");
    let annotations = manifest.annotations.into_iter();
    annotations
        .map(|(key, value)| (short(key), value))
        .collect()
}

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let owned = pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    owned.collect()
}

/// What the manifest of the site says.
const OF_SITE: [(&str, &str); 4] = [
    ("authors", "Ada <ada@site.test>, Grace <grace@site.test>"),
    ("description", "A site to publish"),
    ("title", "site"),
    ("version", "0.1.0"),
];

#[test]
fn a_site_without_git_has_what_its_manifest_says() {
    let (machine, site) = (Machine::new(), site());
    assert_eq!(annotations(&machine, site.path(), &[], None), map(&OF_SITE));

    let created = [&OF_SITE[..], &[("created", "2001-09-09T01:46:40Z")]].concat();
    assert_eq!(
        annotations(&machine, site.path(), &[], Some("1000000000")),
        map(&created)
    );

    let licensed = SITE.replace(
        "[[trigger.http]]\nroute = \"/old\"",
        "[application.tool.bart]\nlicenses = \"MIT OR Apache-2.0\"\n\n[[trigger.http]]\nroute = \"/old\"",
    );
    site.write("spin.toml", licensed);
    let arguments = [
        "--annotation",
        "org.opencontainers.image.description=",
        "--annotation",
        "org.opencontainers.image.title=Another",
        "--annotation",
        "test.key=a=b",
    ];
    let given = [
        OF_SITE[0],
        ("licenses", "MIT OR Apache-2.0"),
        ("test.key", "a=b"),
        ("title", "Another"),
        OF_SITE[3],
    ];
    assert_eq!(
        annotations(&machine, site.path(), &arguments, None),
        map(&given)
    );
}

#[test]
fn a_time_that_is_none_is_refused() {
    let (machine, site) = (Machine::new(), site());
    let mut command = machine.bart(site.path(), &["push", "1", "--output", "layout", "--quiet"]);
    let failed = Failed::run(command.env("SOURCE_DATE_EPOCH", "yesterday"));
    assert_eq!(failed.code, Some(2));
    assert_eq!(
        failed.error(),
        "`SOURCE_DATE_EPOCH` is not a number of seconds"
    );
}

/// Runs git in a folder, as somebody at a fixed time. False where there is no git.
fn git(folder: &Path, arguments: &[&str]) -> bool {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args([
            "-c",
            "user.name=Ada",
            "-c",
            "user.email=ada@site.test",
            "-c",
            "commit.gpgsign=false",
        ])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_AUTHOR_DATE", "1700000000 +0100")
        .env("GIT_COMMITTER_DATE", "1700000000 +0100")
        .env_remove("GIT_DIR")
        .output();
    let Ok(output) = output else {
        return false;
    };
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    true
}

#[test]
fn a_commit_gives_revision_time_and_source() {
    let repository = Scratch::new();
    if !git(repository.path(), &["init", "--quiet"]) {
        writeln!(
            std::io::stdout(),
            "\nskipped: a commit gives revision, time and source: no git"
        )
        .unwrap();
        return;
    }
    let (machine, site) = (Machine::new(), site());
    repository.copy(site.path(), "sites/one");
    repository.write(".gitignore", "ignored\n");
    let folder = repository.path().join("sites/one");
    assert_eq!(
        annotations(&machine, &folder, &[], None),
        map(&OF_SITE),
        "it is not committed"
    );

    git(repository.path(), &["add", "."]);
    git(repository.path(), &["commit", "--quiet", "-m", "A site"]);
    git(
        repository.path(),
        &[
            "remote",
            "add",
            "origin",
            "https://ada:secret@git.test/ada/site.git",
        ],
    );
    let clean = annotations(&machine, &folder, &[], None);
    let revision = clean["revision"].clone();
    assert_eq!(revision.len(), 40);
    let expected = [
        &OF_SITE[..],
        &[
            ("created", "2023-11-14T22:13:20Z"),
            ("revision", &revision),
            ("source", "https://git.test/ada/site"),
        ],
    ];
    assert_eq!(clean, map(&expected.concat()));

    repository.write("sites/two/index.html", "another site");
    repository.write("sites/one/ignored", "ignored");
    assert_eq!(
        annotations(&machine, &folder, &[], None)["revision"],
        revision
    );

    repository.write("sites/one/static/new.html", "not committed");
    let dirty = annotations(&machine, &folder, &[], None);
    assert_eq!(dirty["revision"], format!("{revision}-dirty"));
    assert_eq!(dirty["created"], clean["created"]);
    let epoch = annotations(&machine, &folder, &[], Some("0"));
    assert_eq!(epoch["created"], "1970-01-01T00:00:00Z");
}

#[test]
fn clones_have_the_digest_of_what_they_were_cloned_from() {
    let site = site();
    if !git(site.path(), &["init", "--quiet"]) {
        writeln!(
            std::io::stdout(),
            "\nskipped: clones have the digest of what they were cloned from: no git"
        )
        .unwrap();
        return;
    }
    git(site.path(), &["add", "."]);
    git(site.path(), &["commit", "--quiet", "-m", "A site"]);
    let elsewhere = Scratch::new();
    let source = site.path().to_str().unwrap();
    git(elsewhere.path(), &["clone", "--quiet", source, "clone"]);
    let clone = elsewhere.path().join("clone");
    let digest = |folder: &Path| {
        let report = Machine::new().json(folder, &["push", "1", "--output", "../layout"]);
        report["digest"].as_str().unwrap().to_owned()
    };
    let outer = Scratch::new();
    outer.copy(&clone, "copy");
    assert_eq!(digest(&clone), digest(&outer.path().join("copy")));
    let original = Machine::new().json(
        site.path(),
        &[
            "push",
            "1",
            "--output",
            elsewhere.path().join("layout").to_str().unwrap(),
        ],
    );
    assert_eq!(
        original["digest"],
        digest(&clone),
        "the path of a remote is not published"
    );
}
