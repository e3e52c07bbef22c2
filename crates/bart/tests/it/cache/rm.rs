//! `bart cache rm`.

use serde_json::json;

use super::Cache;

#[test]
fn a_release_is_removed_by_any_of_its_names() {
    for name in [
        "sha256:aabbccdd00000000000000000000000000000000000000000000000000000000",
        "aabbccdd0000",
        "aabbcc",
        "127.0.0.1:5000/site:1.0.0",
        "127.0.0.1:5000/site@sha256:aabbccdd00000000000000000000000000000000000000000000000000000000",
    ] {
        let cache = Cache::new();
        let wanted = cache.add([0xaa, 0xbb, 0xcc, 0xdd], "1.0.0", 10, 0);
        let other = cache.add([0xaa, 0xbb, 0xcd, 0xdd], "2.0.0", 10, 0);
        let text = cache.text(&["rm", name]);
        assert!(text.starts_with("removed aabbccdd0000 (2.0 kB)"), "{text}");
        assert!(!cache.has(&wanted) && cache.has(&other), "{name}");
    }
    let cache = Cache::new();
    let wanted = cache.add([0xaa; 4], "1.0.0", 10, 0);
    let expected = json!({
        "digest": wanted,
        "references": ["127.0.0.1:5000/site:1.0.0"],
        "bytes": 2_015,
    });
    assert_eq!(cache.json(&["rm", "aaaaaaaa"]), expected);
}

#[test]
fn a_release_that_is_in_use_or_not_clearly_named_stays() {
    let cache = Cache::new();
    let first = cache.add([0xaa, 0xbb, 0xcc, 1], "1.0.0", 10, 0);
    let second = cache.add([0xaa, 0xbb, 0xcc, 2], "2.0.0", 10, 0);
    let lease = cache.lease(&first, 0);
    let one = cache.failed(&["rm", "aabbcc01"]);
    assert_eq!(one.error(), "`aabbcc01` stays: 1 process runs it");
    assert!(one.hint().contains("10 min"), "{}", one.stderr);
    let _leases = [lease, cache.lease(&first, 0)];
    let cases = [
        (
            "127.0.0.1:5000/site:1.0.0",
            1,
            "`127.0.0.1:5000/site:1.0.0` stays: 2 processes run it",
        ),
        ("aabbcc", 2, "the digests of 2 releases begin with `aabbcc`"),
        ("abcdef", 1, "`abcdef` is not in the cache"),
        (
            "127.0.0.1:5000/site:3.0.0",
            1,
            "`127.0.0.1:5000/site:3.0.0` is not in the cache",
        ),
    ];
    for (name, code, error) in cases {
        let failed = cache.failed(&["rm", name]);
        assert_eq!((failed.code, failed.error()), (Some(code), error));
        assert_ne!(failed.hint(), "", "{name}");
    }
    assert!(cache.has(&first) && cache.has(&second));
}
