//! `bart cache`, with stores that are made for it.

mod gc;
mod prewarm;
mod rm;

use std::fs::{self, File, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;
use std::time::{Duration, SystemTime};

use artifact::store::{ContentRef, Lease};
use artifact::{Digest, Store, StoreOptions};
use serde_json::{Value, json};

use crate::process::{Failed, bart};
use crate::scratch::Scratch;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What every release has.
const COMMON: &[u8] = &[b'c'; 2_000];

/// A folder with a store in it.
struct Cache {
    volume: Scratch,
    store: Store,
}

impl Cache {
    fn new() -> Cache {
        let volume = Scratch::new();
        let options = StoreOptions {
            shared: None,
            releases: None,
        };
        let store = Store::open(volume.path(), options).unwrap();
        Cache { volume, store }
    }

    /// Adds a release with a file of its own of so many bytes, one that all have, and one that is not in a blob; it was last used so many
    /// days ago. The digest of its manifest begins with `first`.
    fn add(&self, first: [u8; 4], tag: &str, own: usize, days: u32) -> Digest {
        let mut bytes = [0; 32];
        bytes[..4].copy_from_slice(&first);
        let manifest = Digest::from_bytes(bytes);
        let mut builder = self.store.begin_release(manifest);
        let own = vec![first[0]; own];
        for (path, content) in [("own", own.as_slice()), ("common", COMMON)] {
            let digest = Digest::of(content);
            let mut writer = self.store.writer(digest, None).unwrap();
            writer.append(content).unwrap();
            let blob = writer.finish().unwrap();
            set_time(&blob.path, SystemTime::now() - DAY * days);
            builder.file(0, path, ContentRef::Blob(digest)).unwrap();
        }
        let small = ContentRef::Inline(b"small".to_vec());
        builder.file(0, "small", small).unwrap();
        builder.commit().unwrap();
        self.store
            .remember(&"127.0.0.1:5000/site".parse().unwrap(), tag, &manifest)
            .unwrap();
        self.use_at(&manifest, SystemTime::now() - DAY * days);
        manifest
    }

    /// A lease that does not make the release younger.
    fn lease(&self, manifest: &Digest, days: u32) -> Lease {
        let lease = self.store.lease(manifest).unwrap();
        self.use_at(manifest, SystemTime::now() - DAY * days);
        lease
    }

    fn use_at(&self, manifest: &Digest, time: SystemTime) {
        let releases = self.volume.path().join("bart/releases");
        set_time(&releases.join(manifest.hex()).join("release.json"), time);
    }

    fn has(&self, manifest: &Digest) -> bool {
        self.store.release(manifest).is_some()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        command(self.volume.path(), arguments).output().unwrap()
    }

    /// What it prints when all is well.
    fn text(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let stderr = String::from_utf8_lossy(&output.stderr);
        // What it says while it goes on is no complaint.
        let complaints: Vec<&str> = stderr
            .lines()
            .filter(|line| !line.starts_with(" INFO "))
            .collect();
        assert_eq!((output.status.code(), complaints), (Some(0), Vec::new()));
        String::from_utf8(output.stdout).unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let text = self.text(&[arguments, &["--json"]].concat());
        assert_eq!(text.lines().count(), 1);
        serde_json::from_str(&text).unwrap()
    }

    fn failed(&self, arguments: &[&str]) -> Failed {
        Failed::run(&mut command(self.volume.path(), arguments))
    }
}

fn command(volume: &Path, arguments: &[&str]) -> std::process::Command {
    let mut command = bart(volume, &[&["cache"], arguments].concat());
    command.env("BART_CACHE_DIR", volume);
    command
}

fn set_time(path: &Path, time: SystemTime) {
    File::open(path).unwrap().set_modified(time).unwrap();
}

/// Changes one byte of a blob, as a bad disk does.
fn rot(cache: &Cache, content: &[u8]) {
    let path = cache.store.blob(&Digest::of(content)).unwrap().path;
    let mut bytes = fs::read(&path).unwrap();
    bytes[0] ^= 1;
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    File::create(&path).unwrap().write_all(&bytes).unwrap();
}

#[test]
fn a_listing_lines_up_and_says_what_is_shared_and_in_use() {
    let cache = Cache::new();
    let first = cache.add([0xaa, 1, 2, 3], "1.0.0", 1_500_000, 12);
    let second = cache.add([0xbb, 4, 5, 6], "2.0.0", 7, 3);
    let repository = "ghcr.io/me/site".parse().unwrap();
    cache.store.remember(&repository, "2", &second).unwrap();
    let _leases = [cache.lease(&second, 3), cache.lease(&second, 3)];
    let expected = "\
RELEASE       FILES    SIZE  SHARED      USED  LEASES  REFERENCES
aa0102030000      3  1.5 MB  2.0 kB  12 d ago       0  127.0.0.1:5000/site:1.0.0
bb0405060000      3  2.0 kB  2.0 kB   3 d ago       2  127.0.0.1:5000/site:2.0.0, ghcr.io/me/site:2
2 releases: 3 blobs (1.5 MB), 0 native modules (0 B), 0 temporary files (0 B)
";
    assert_eq!(cache.text(&["ls"]), expected);

    let json = cache.json(&["ls"]);
    assert_eq!(json["releases"][0]["digest"], first.to_string());
    let last_used = json["releases"][0]["last_used"].as_u64().unwrap();
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    assert!((now - last_used).abs_diff(12 * DAY.as_secs()) < 3_600);
    let mut expected = json!({
        "digest": second,
        "references": ["127.0.0.1:5000/site:2.0.0", "ghcr.io/me/site:2"],
        "files": 3,
        "bytes": 2_012,
        "shared_bytes": 2_000,
        "leases": 2,
    });
    expected["last_used"] = json["releases"][1]["last_used"].clone();
    assert_eq!(json["releases"][1], expected);
    assert_eq!(json["blobs"], json!({ "files": 3, "bytes": 1_502_007 }));
    let nothing = json!({ "files": 0, "bytes": 0 });
    assert_eq!((&json["native"], &json["temporary"]), (&nothing, &nothing));
}

#[test]
fn where_no_cache_is_none_is_made() {
    let volume = Scratch::new();
    let cases = [
        (&["ls"][..], "0 releases: 0 blobs (0 B)"),
        (
            &["verify"],
            "checked 0 blobs (0 B), 0 releases and 0 native modules",
        ),
        (
            &["gc", "--max-size", "0"],
            "removed 0 releases, 0 blobs (0 B)",
        ),
        (
            &["gc", "--dry-run"],
            "would remove 0 releases, 0 blobs (0 B) and 0 native modules (0 B)",
        ),
    ];
    for (arguments, expected) in cases {
        let output = command(volume.path(), arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains(expected), "{arguments:?}: {text}");
    }
    let failed = Failed::run(&mut command(volume.path(), &["rm", "abcdef"]));
    assert_eq!(failed.code, Some(1));
    assert_eq!(failed.error(), "`abcdef` is not in the cache");
    assert_eq!(fs::read_dir(volume.path()).unwrap().count(), 0);
}

#[test]
fn a_check_that_finds_damage_ends_with_20_and_sets_it_aside() {
    let cache = Cache::new();
    let whole = cache.add([0xaa; 4], "1.0.0", 10, 0);
    let damaged = cache.add([0xbb; 4], "2.0.0", 20, 0);
    let text = cache.text(&["verify"]);
    assert!(
        text.starts_with("checked 3 blobs (2.0 kB), 2 releases and 0 native modules in "),
        "{text}"
    );

    let own = [0xbb; 20];
    rot(&cache, &own);
    let output = cache.run(&["verify"]);
    assert_eq!(output.status.code(), Some(20));
    let text = String::from_utf8(output.stdout).unwrap();
    let hex = Digest::of(&own).hex();
    let lines = format!(
        "damaged  blob     {}\ndamaged  release  bbbbbbbb0000\n",
        &hex[..12]
    );
    assert!(text.starts_with(&lines), "{text}");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.contains("error: 1 blob, 1 release and 0 native modules were damaged\nhint: "),
        "{stderr}"
    );
    assert!(cache.has(&whole) && !cache.has(&damaged));
    assert!(cache.store.blob(&Digest::of(&own)).is_none());
    // What is set aside is not found again.
    assert_eq!(cache.json(&["verify"])["blobs"], 2);
}

#[test]
fn damage_is_listed_for_scripts_too() {
    let cache = Cache::new();
    let damaged = cache.add([0xaa; 4], "1.0.0", 10, 0);
    rot(&cache, COMMON);
    let output = cache.run(&["verify", "--json"]);
    assert_eq!(output.status.code(), Some(20));
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let expected = json!({
        "blobs": 2,
        "bytes": 2_010,
        "damaged_blobs": [Digest::of(COMMON)],
        "releases": 1,
        "damaged_releases": [damaged],
        "native": 0,
        "damaged_native": [],
    });
    assert_eq!(json, expected);
}

#[test]
fn limits_and_names_that_are_none_are_refused_with_exit_code_2() {
    let cache = Cache::new();
    for (arguments, expected) in [
        (&["gc", "--max-size", "lots"][..], "`2GiB`"),
        (&["gc", "--max-age", "7"], "`7d`"),
        (&["gc", "--max-age", "99999999999999999w"], "too large"),
        (&["rm", "site"], "registry"),
        (&["rm"], "DIGEST|REF"),
        (&[], ""),
    ] {
        let output = cache.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.contains(expected), "{arguments:?}: {stderr}");
    }
}

#[test]
fn a_cache_that_others_could_have_written_is_refused() {
    let cache = Cache::new();
    let folder = cache.volume.path().join("bart");
    fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
    for arguments in [&["ls"][..], &["verify"], &["gc"], &["rm", "abcdef"]] {
        let failed = cache.failed(arguments);
        assert_eq!(failed.code, Some(1), "{arguments:?}");
        assert!(failed.error().contains("0755"), "{}", failed.stderr);
        assert!(failed.hint().contains("fsGroup"), "{}", failed.stderr);
    }
}
