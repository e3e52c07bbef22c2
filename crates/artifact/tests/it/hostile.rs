//! What comes of each artifact of the fixtures, beside what Spin 4.0.2 makes of it.

use std::collections::BTreeSet;

use crate::fixture;

/// What comes of an artifact.
enum Outcome {
    /// It is refused with a text that contains this.
    Refused(&'static str),
    /// It is read, to the files of `simple`.
    Plain,
    /// It is read, and the first component has this file, which begins so.
    With(&'static str, &'static str),
}

use Outcome::{Plain, Refused, With};

/// The cases of which Spin and bart say the same.
const AS_SPIN: [(&str, Outcome); 22] = [
    (
        "path-dotdot",
        Refused("`../evil-dotdot.txt` is not a path of a file: it leads upwards"),
    ),
    (
        "path-dotdot-inner",
        Refused("`nested/../../evil-inner.txt` is not a path of a file: it leads upwards"),
    ),
    (
        "path-dotdot-inline",
        Refused("`../evil-inline.txt` is not a path of a file: it leads upwards"),
    ),
    (
        "path-absolute",
        Refused("`/evil-absolute.txt` is not a path of a file: it is absolute"),
    ),
    (
        "path-empty",
        Refused("`` is not a path of a file: it names no file"),
    ),
    (
        "path-file-and-directory",
        Refused("`index.txt` of the component `first` is a file and a folder"),
    ),
    ("path-duplicate", With("index.txt", "evil: this text")),
    ("archive-symlink-read", Plain),
    ("archive-dotdot", Plain),
    ("archive-absolute", Plain),
    (
        "archive-duplicate",
        With("twice.txt", "the second of two\n"),
    ),
    ("archive-truncated", Refused("failed to unpack the archive")),
    ("layer-duplicate", Plain),
    ("size-negative", Refused("has -1 bytes: no blob has")),
    (
        "layer-missing",
        Refused("failed to read the layer `sha256:f7afa834"),
    ),
    (
        "content-unlisted",
        Refused(
            "the file `unlisted.txt` of the component `first` is missing: no layer of the artifact holds `sha256:00df7a03",
        ),
    ),
    (
        "locked-app-missing",
        Refused("not a Spin artifact: it has no locked app"),
    ),
    (
        "must-understand-unknown",
        Refused("unknown variant `time_travel`"),
    ),
    (
        "host-requirement-unknown",
        Refused("it needs `time_travel` of its host"),
    ),
    (
        "lock-version-unknown",
        Refused("its `spin_lock_version` is 2, and the latest known one is 1"),
    ),
    (
        "executor-unknown",
        Refused("has the executor `time-travel`"),
    ),
    ("config-not-its-digest", Plain),
];

/// The cases in which bart differs: artifact, outcome, and what Spin does and why bart does not.
const BETTER: [(&str, Outcome, &str); 17] = [
    (
        "component-id-dotdot",
        Plain,
        "Spin writes outside its folder; here a component's name is never a path",
    ),
    ("component-id-absolute", Plain, "the same"),
    (
        "inline-padded",
        With("padded.txt", "evil\n"),
        "Spin refuses padding, which is harmless",
    ),
    (
        "inline-not-its-digest",
        Refused("the file `claims.txt` of the component `first` has the digest"),
        "Spin serves it",
    ),
    (
        "archive-symlink",
        Plain,
        "Spin refuses links that lead out; here no link is ever made, so there is nothing to refuse",
    ),
    ("archive-symlink-dangling", Plain, "the same"),
    ("archive-hardlink", Plain, "the same"),
    ("archive-hardlink-dotdot", Plain, "the same"),
    (
        "archive-duplicate-first",
        With("twice.txt", "the first of two\n"),
        "Spin unpacks by name, so the second hides the first",
    ),
    (
        "archive-bomb",
        Refused("it inflates to more than 200 times its size"),
        "Spin keeps all of it",
    ),
    (
        "size-too-small",
        Refused("has more than 562 bytes"),
        "Spin checks no sizes",
    ),
    (
        "size-too-big",
        Refused("ends after 563 bytes of 564"),
        "the same",
    ),
    (
        "size-huge",
        Refused("has 1125899906842624 bytes: no blob has"),
        "Spin allocates them, and aborts",
    ),
    (
        "content-not-its-digest",
        Refused("holds bytes with the digest"),
        "Spin serves it",
    ),
    (
        "content-not-its-digest-archive",
        Refused("holds bytes with the digest"),
        "Spin unpacks it",
    ),
    (
        "wasm-not-its-digest",
        Refused("holds bytes with the digest"),
        "Spin runs it",
    ),
    (
        "locked-app-twice",
        Refused("the artifact is ambiguous: it has 2 locked apps"),
        "Spin takes whichever comes last",
    ),
];

#[test]
fn what_spin_pushed_is_read_to_one_set_of_files() {
    let simple = fixture::read("simple").unwrap();
    let paths: Vec<String> = simple.files(0).into_keys().collect();
    assert_eq!(
        paths,
        [
            "copy-of-index.txt",
            "empty.txt",
            "exactly-128.txt",
            "exactly-129.txt",
            "index.txt",
            "naïve-日本語.txt",
            "nested/deep/page.txt",
            "short.txt",
            "with space.txt",
        ]
    );
    assert_eq!(simple.files(0)["short.txt"], b"short\n");
    assert_eq!(simple.files(0)["exactly-129.txt"].len(), 129);
    assert!(!simple.files(1).contains_key("shared/short.txt"));
    for other in ["archive", "old"] {
        let other = fixture::read(other).unwrap();
        assert_eq!(other.contents.components, simple.contents.components);
        assert_eq!(other.bytes.0, simple.bytes.0);
    }
}

#[test]
fn hostile_artifacts_end_as_in_spin_or_better() {
    let same = AS_SPIN
        .iter()
        .map(|(name, outcome)| (*name, outcome, "as Spin"));
    let better = BETTER
        .iter()
        .map(|(name, outcome, reason)| (*name, outcome, *reason));
    let mut tried: BTreeSet<String> = ["simple", "archive", "old"].map(str::to_owned).into();
    for (name, outcome, reason) in same.chain(better) {
        check(name, outcome, reason);
        tried.insert(name.to_owned());
    }
    let artifacts = fixture::layout().artifacts().unwrap();
    let all: BTreeSet<String> = artifacts
        .into_iter()
        .filter_map(|artifact| artifact.name)
        .collect();
    assert_eq!(tried, all, "every artifact of the fixtures has its row");
}

fn check(name: &str, outcome: &Outcome, reason: &str) {
    let read = fixture::read(name);
    match (outcome, read) {
        (Refused(text), Err(error)) => {
            let error = format!("{error:#}");
            assert!(error.contains(text), "{name}: {error}");
        }
        (Plain, Ok(artifact)) => {
            let simple = fixture::read("simple").unwrap();
            for component in [0, 1] {
                assert_eq!(artifact.files(component), simple.files(component), "{name}");
            }
            let wanted: Vec<_> = artifact.contents.digests().collect();
            let kept: Vec<_> = artifact.bytes.0.into_keys().collect();
            assert_eq!(kept, wanted, "{name}: nothing else is kept");
        }
        (With(path, begin), Ok(artifact)) => {
            let file = &artifact.files(0)[*path];
            assert!(file.starts_with(begin.as_bytes()), "{name}: {file:?}");
        }
        (Refused(text), Ok(_)) => panic!("{name} is read, not refused with `{text}`: {reason}"),
        (_, Err(error)) => panic!("{name} is refused ({reason}): {error:#}"),
    }
}
