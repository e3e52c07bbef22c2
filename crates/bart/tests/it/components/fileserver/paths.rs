//! Which file answers a path, and what answers where there is none.

use super::site;
use crate::served::serve;

#[test]
fn names_are_decoded_and_folders_have_an_index() {
    let (_site, served) = site(&[]);
    for (path, content) in [
        ("/", "<p>root</p>"),
        ("/?query", "<p>root</p>"),
        ("/two%20words.txt", "two words"),
        ("/caf%C3%A9.txt", "accented"),
        ("/café.txt", "accented"),
        ("/%5Bid%5D.js", "export const id = 1;"),
        ("/[id].js", "export const id = 1;"),
        ("/100%25.txt", "escape in the name"),
        ("/100%2525.txt", "escape in the name"),
        ("/docs", "<p>docs</p>"),
        ("/docs/", "<p>docs</p>"),
        ("/docs/page", "<p>page</p>"),
        ("/docs/../note.txt", "0123456789"),
        ("/docs/%2E%2e/note.txt", "0123456789"),
        ("//note.txt", "0123456789"),
        ("/.well-known/security.txt", "shown"),
    ] {
        let file = served.get(path);
        assert_eq!(
            (file.status, file.text().as_str()),
            (200, content),
            "{path}"
        );
    }
}

#[test]
fn nothing_but_public_files_can_be_named() {
    let (_site, served) = site(&[]);
    for path in [
        "/../secret.txt",
        "/docs/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/..%5Csecret.txt",
        "/..\\secret.txt",
        "/note.txt%00",
        "/note.txt%00.html",
        "/docs%2Fpage.html",
        "/.secret",
        "/%2Esecret",
        "/note.txt/",
        "/missing.txt",
        "/%ff",
    ] {
        let refused = served.get(path);
        assert_eq!(
            (refused.status, refused.text().as_str()),
            (404, "Not Found"),
            "{path}"
        );
        assert_eq!(refused.header("bart-cache-control"), None, "{path}");
    }
    let (_site, served) = site(&["SHOW_DOTFILES=1"]);
    assert_eq!(served.get("/.secret").text(), "hidden");
}

#[test]
fn the_fallback_answers_for_what_is_missing() {
    for fallback in ["index.html", "/index.html", "./index.html"] {
        let (_site, served) = site(&[&format!("FALLBACK_PATH={fallback}")]);
        for path in [
            "/missing",
            "/app/deep/route",
            "/missing.js",
            "/../secret.txt",
            "/.secret",
        ] {
            let page = served.get(path);
            assert_eq!(
                (page.status, page.text().as_str()),
                (200, "<p>root</p>"),
                "{path}"
            );
            assert_eq!(
                page.header("content-type"),
                Some("text/html; charset=utf-8"),
                "{path}"
            );
        }
        assert_eq!(served.get("/note.txt").text(), "0123456789");
    }
}

#[test]
fn the_custom_page_for_what_is_missing_comes_with_404() {
    let (_site, served) = site(&["CUSTOM_404_PATH=./lost.html"]);
    for headers in [
        &[][..],
        &[("If-None-Match", "*")],
        &[("Range", "bytes=0-1")],
    ] {
        let page = served.send("GET", "/missing.css", headers);
        assert_eq!(
            (page.status, page.text().as_str()),
            (404, "<p>lost</p>"),
            "{headers:?}"
        );
        assert_eq!(
            page.header("content-type"),
            Some("text/html; charset=utf-8"),
            "{headers:?}"
        );
    }
    let (_site, served) = site(&["CUSTOM_404_PATH=/gone.html"]);
    assert_eq!(served.get("/missing").text(), "Not Found");
    let (_site, served) = site(&["CUSTOM_404_PATH=/lost.html", "FALLBACK_PATH=/index.html"]);
    assert_eq!(
        served.get("/missing").status,
        200,
        "the fallback goes first"
    );
}

#[test]
fn a_built_in_icon_stands_in_for_a_missing_one() {
    let (site, served) = site(&[]);
    for (path, content_type) in [
        ("/favicon.ico", "image/x-icon"),
        ("/docs/favicon.png", "image/png"),
    ] {
        let icon = served.get(path);
        assert_eq!(
            (icon.status, icon.header("content-type")),
            (200, Some(content_type)),
            "{path}"
        );
        assert!(!icon.body.is_empty(), "{path}");
    }
    let without = serve(&site.manifest(), &["DEFAULT_FAVICON=0"]);
    assert_eq!(without.get("/favicon.ico").status, 404);
    site.write("static/favicon.ico", "own");
    let own = serve(&site.manifest(), &[]);
    assert_eq!(own.get("/favicon.ico").text(), "own");
}
