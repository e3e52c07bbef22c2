//! Request paths.

use web::path::{PathError, RequestPath};

#[test]
fn paths_are_decoded_and_normalised() {
    for (raw, relative, trailing_slash) in [
        ("", "", false),
        ("/", "", true),
        ("//", "", true),
        ("/a", "a", false),
        ("a", "a", false),
        ("/a/", "a", true),
        ("/a//b", "a/b", false),
        // RFC 3986 section 5.2.4.
        ("/a/./b", "a/b", false),
        ("/a/../b", "b", false),
        ("/a/b/../../c", "c", false),
        ("/a/b/..", "a", true),
        ("/a/.", "a", true),
        ("/a/..", "", true),
        // RFC 3986 section 6.2.2.2: an encoded dot is a dot.
        ("/a/%2e%2E/b", "b", false),
        ("/a/%2e/b", "a/b", false),
        ("/.../x", ".../x", false),
        // RFC 3986 section 2.1.
        ("/two%20words.txt", "two words.txt", false),
        ("/phare-%C3%A9t%c3%a9.txt", "phare-été.txt", false),
        ("/phare-été.txt", "phare-été.txt", false),
        ("/%5Bid%5D.js", "[id].js", false),
        ("/a%3Fb%23c", "a?b#c", false),
        ("/a+b", "a+b", false),
        // Decoded once only.
        ("/%252e%252e/x", "%2e%2e/x", false),
        // No escapes.
        ("/100%", "100%", false),
        ("/100%zz", "100%zz", false),
        ("/100%2", "100%2", false),
    ] {
        let path = RequestPath::decode(raw).expect(raw);
        assert_eq!(
            (path.as_str(), path.has_trailing_slash()),
            (relative, trailing_slash),
            "{raw}"
        );
    }
}

#[test]
fn unsafe_paths_are_refused() {
    for (raw, error) in [
        ("/..", PathError::Escape),
        ("/../etc/passwd", PathError::Escape),
        ("/a/../../b", PathError::Escape),
        ("/%2e%2e/b", PathError::Escape),
        ("/.%2e/b", PathError::Escape),
        ("/a%00b", PathError::Nul),
        ("/a\0b", PathError::Nul),
        ("/a%2fb", PathError::Separator),
        ("/a%2F..%2Fb", PathError::Separator),
        ("/a%5cb", PathError::Separator),
        ("/..%5C..%5Cb", PathError::Separator),
        ("/a\\b", PathError::Separator),
        ("/%ff", PathError::NotUtf8),
        // An overlong `/`.
        ("/%c0%af", PathError::NotUtf8),
    ] {
        assert_eq!(RequestPath::decode(raw), Err(error), "{raw}");
    }
}

#[test]
fn a_literal_path_keeps_its_escapes_but_not_its_dots() {
    for (raw, relative) in [
        ("/a%20b", "a%20b"),
        ("./index.html", "index.html"),
        ("/x/../lost.html", "lost.html"),
        ("/%2e%2e/a", "%2e%2e/a"),
    ] {
        assert_eq!(
            RequestPath::literal(raw).expect(raw).as_str(),
            relative,
            "{raw}"
        );
    }
    assert_eq!(RequestPath::literal("../a"), Err(PathError::Escape));
}

#[test]
fn segments_with_a_leading_dot_are_hidden_but_for_a_leading_well_known() {
    for (raw, hidden) in [
        ("/", false),
        ("/a.b/c", false),
        ("/.git/config", true),
        ("/a/.note.txt", true),
        ("/%2egit/config", true),
        ("/.well-known/security.txt", false),
        ("/.well-known/.secret", true),
        ("/a/.well-known/x", true),
        ("/.well-knownx", true),
    ] {
        assert_eq!(
            RequestPath::decode(raw).expect(raw).is_hidden(),
            hidden,
            "{raw}"
        );
    }
}

#[test]
fn a_path_gives_its_segments_name_and_text() {
    let path = RequestPath::decode("/a//b/c%20d/").expect("a safe path");
    assert_eq!(path.segments().collect::<Vec<_>>(), ["a", "b", "c d"]);
    assert_eq!(path.file_name(), Some("c d"));
    assert_eq!(path.to_string(), "/a/b/c d/");
    let root = RequestPath::decode("/").expect("a safe path");
    assert!(root.is_root());
    assert_eq!(
        (
            root.file_name(),
            root.segments().count(),
            root.to_string().as_str()
        ),
        (None, 0, "/")
    );
}
