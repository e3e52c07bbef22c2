//! Paths of files, good and bad.

use std::collections::BTreeMap;

use artifact::GuestPath;
use artifact::guest_path::file_and_folder;

#[test]
fn paths_below_the_root_are_taken() {
    let name = "n".repeat(255);
    for (text, path) in [
        ("index.txt", "index.txt"),
        ("a/b/c", "a/b/c"),
        ("./a//b/./c/", "a/b/c"),
        ("with space/naïve-日本語", "with space/naïve-日本語"),
        ("...", "..."),
        ("a\\..\\b", "a\\..\\b"),
        (&name, &name),
        (&["d"; 128].join("/"), &["d"; 128].join("/")),
    ] {
        assert_eq!(GuestPath::parse(text).unwrap().as_str(), path);
    }
}

#[test]
fn paths_that_lead_elsewhere_are_refused() {
    for (text, reason) in [
        ("", "it names no file"),
        (".", "it names no file"),
        ("./", "it names no file"),
        ("/", "it is absolute"),
        ("//etc/passwd", "it is absolute"),
        ("..", "it leads upwards"),
        ("a/../b", "it leads upwards"),
        ("a/..", "it leads upwards"),
        ("a\0b", "it contains a NUL"),
        (&"n".repeat(256), "longer than 255 bytes"),
        (&"n/".repeat(129), "deeper than 128 names"),
        (&"n".repeat(4097), "longer than 4096 bytes"),
    ] {
        let error = GuestPath::parse(text).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
        assert!(error.len() < 1024 && !error.contains('\0'), "{error:?}");
    }
}

#[test]
fn a_file_that_is_a_folder_too_is_found() {
    for (paths, found) in [
        (vec!["a", "b/c", "b/d"], None),
        (vec!["a", "a.txt/b", "a-b/c"], None),
        (vec!["a", "a-b", "a/b/c"], Some("a")),
        (vec!["x/y", "x/y/z"], Some("x/y")),
        // Different on Linux.
        (vec!["readme", "README/first"], None),
    ] {
        let tree: BTreeMap<GuestPath, ()> = paths
            .iter()
            .map(|path| (GuestPath::parse(path).unwrap(), ()))
            .collect();
        assert_eq!(file_and_folder(&tree).map(GuestPath::as_str), found);
    }
}
