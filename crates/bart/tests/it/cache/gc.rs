//! `bart cache gc`.

use std::time::SystemTime;

use artifact::Digest;
use serde_json::json;

use super::{Cache, DAY, set_time};

#[test]
fn a_clean_up_says_what_went_and_why_the_rest_stays() {
    let cache = Cache::new();
    let old = cache.add([0xaa; 4], "1.0.0", 4_000, 12);
    let leased = cache.add([0xbb; 4], "2.0.0", 10, 11);
    let within = cache.add([0xcc; 4], "3.0.0", 10, 3);
    let recent = cache.add([0xdd; 4], "4.0.0", 10, 0);
    // Whatever the time that the test takes, this is 0 s ago.
    cache.use_at(&recent, SystemTime::now() + DAY);
    let _lease = cache.lease(&leased, 11);
    let limits = ["gc", "--max-age", "7d", "--max-size", "1GB"];
    let table = |goes: &str| {
        format!(
            "\
RELEASE         SIZE      USED  {:<width$}  WHY                     REFERENCES
aaaaaaaa0000  6.0 kB  12 d ago  {goes}  beyond the limits       127.0.0.1:5000/site:1.0.0
bbbbbbbb0000  2.0 kB  11 d ago  {:<width$}  a process runs it       127.0.0.1:5000/site:2.0.0
cccccccc0000  2.0 kB   3 d ago  {:<width$}  within the limits       127.0.0.1:5000/site:3.0.0
dddddddd0000  2.0 kB   0 s ago  {:<width$}  used less than 1 h ago  127.0.0.1:5000/site:4.0.0
",
            "WHAT",
            "kept",
            "kept",
            "kept",
            width = goes.len()
        )
    };
    let dry = cache.text(&[&limits[..], &["--dry-run"]].concat());
    let summary = "would remove 1 release, 1 blob (4.0 kB) and 0 native modules (0 B)\n";
    assert_eq!(dry, table("would go") + summary);
    assert!(cache.has(&old));

    let done = cache.text(&limits);
    let summary = "removed 1 release, 1 blob (4.0 kB), 0 native modules (0 B), 0 unfinished releases, 0 temporary files and 0 references\n";
    assert_eq!(done, table("removed") + summary);
    assert!(!cache.has(&old));
    assert!(
        [leased, within, recent]
            .iter()
            .all(|digest| cache.has(digest))
    );
}

#[test]
fn a_clean_up_tells_scripts_the_same() {
    let cache = Cache::new();
    let old = cache.add([0xaa; 4], "1.0.0", 4_000, 12);
    let leased = cache.add([0xbb; 4], "2.0.0", 10, 11);
    let _lease = cache.lease(&leased, 11);
    let dry = cache.json(&["gc", "--max-size", "0", "--dry-run"]);
    let kept = json!([{ "digest": leased, "why": "leased", "leases": 1 }]);
    let expected = json!({
        "dry_run": true,
        "removed": [old],
        "kept": kept,
        "blobs": 1,
        "blob_bytes": 4_000,
        "native": { "files": 0, "bytes": 0 },
    });
    assert_eq!(dry, expected);
    let done = cache.json(&["gc", "--max-size", "0"]);
    let expected = json!({
        "dry_run": false,
        "removed": [old],
        "kept": kept,
        "blobs": 1,
        "blob_bytes": 4_000,
        "native": { "files": 0, "bytes": 0 },
        "unfinished_releases": 0,
        "temporary": 0,
        "references": 0,
    });
    assert_eq!(done, expected);
}

#[test]
fn without_limits_only_what_nobody_needs_goes() {
    let cache = Cache::new();
    let old = cache.add([0xaa; 4], "1.0.0", 10, 400);
    let mut writer = cache.store.writer(Digest::of(b"orphan"), None).unwrap();
    writer.append(b"orphan").unwrap();
    set_time(&writer.finish().unwrap().path, SystemTime::now() - DAY);
    assert_eq!(cache.json(&["gc"])["blobs"], 1);
    assert!(cache.has(&old));
    assert!(cache.store.blob(&Digest::of(b"orphan")).is_none());
}
