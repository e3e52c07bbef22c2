//! The file server, through Wasm and HTTP.

mod conditions;
mod huge;
mod index;
mod paths;

use std::collections::BTreeSet;
use std::io::{Seek, SeekFrom, Write};

use crate::scratch::Scratch;
use crate::served::{Served, serve};

const MANIFEST: &str = r#"spin_manifest_version = 2

[application]
name = "files"
version = "0.1.0"

[[trigger.http]]
route = "/..."
component = "files"

[component.files]
source = "modules/spin_static_fs.wasm"
files = [{ source = "static", destination = "/" }]
"#;

const FILES: [(&str, &str); 14] = [
    ("static/index.html", "<p>root</p>"),
    ("static/lost.html", "<p>lost</p>"),
    ("static/note.txt", "0123456789"),
    ("static/empty.txt", ""),
    ("static/docs/index.html", "<p>docs</p>"),
    ("static/docs/page.html", "<p>page</p>"),
    ("static/two words.txt", "two words"),
    ("static/café.txt", "accented"),
    ("static/100%25.txt", "escape in the name"),
    ("static/[id].js", "export const id = 1;"),
    ("static/.secret", "hidden"),
    ("static/.well-known/security.txt", "shown"),
    ("static/noext", "no extension"),
    ("secret.txt", "outside"),
];

/// Bytes of `long.txt`.
const LONG: usize = 4096;

fn site(settings: &[&str]) -> (Scratch, Served) {
    let site = Scratch::site(MANIFEST, &FILES);
    site.write("static/long.txt", "lamp ".repeat(LONG).split_off(4 * LONG));
    site.write("static/dot.png", [7_u8; LONG]);
    let served = serve(&site.manifest(), settings);
    (site, served)
}

#[test]
fn a_file_comes_with_its_type_and_what_caches_need() {
    let (_site, served) = site(&[]);
    for (path, content_type, sniffing) in [
        ("/index.html", "text/html; charset=utf-8", None),
        ("/long.txt", "text/plain; charset=utf-8", None),
        ("/dot.png", "image/png", None),
        ("/noext", "application/octet-stream", Some("nosniff")),
    ] {
        let file = served.get(path);
        assert_eq!(file.status, 200, "{path}");
        assert_eq!(file.header("content-type"), Some(content_type), "{path}");
        assert_eq!(file.header("x-content-type-options"), sniffing, "{path}");
        assert_eq!(
            file.header("content-length"),
            Some(file.body.len().to_string().as_str()),
            "{path}"
        );
        assert_eq!(file.header("cache-control"), Some("max-age=60"), "{path}");
        assert_eq!(file.header("accept-ranges"), Some("bytes"), "{path}");
        assert_eq!(
            file.header("last-modified"),
            None,
            "replicas would differ: {path}"
        );
        assert_eq!(file.header("bart-cache-control"), None, "{path}");
        let tag = file.header("etag").unwrap_or_default();
        assert!(
            tag.starts_with('"') && tag.ends_with('"') && tag.len() > 2,
            "{path}: {tag}"
        );
    }
}

#[test]
fn methods_are_get_head_and_options() {
    let (_site, served) = site(&["CACHE_CONTROL=public, max-age=31"]);
    let get = served.get("/note.txt");
    let head = served.send("HEAD", "/note.txt", &[]);
    assert_eq!((head.status, head.body.len()), (200, 0));
    for name in [
        "content-type",
        "content-length",
        "etag",
        "cache-control",
        "vary",
        "accept-ranges",
    ] {
        assert!(get.header(name).is_some(), "{name}");
        assert_eq!(head.header(name), get.header(name), "{name}");
    }
    assert_eq!(get.header("cache-control"), Some("public, max-age=31"));
    let options = served.send("OPTIONS", "/note.txt", &[]);
    assert_eq!(
        (options.status, options.header("allow")),
        (204, Some("GET, HEAD, OPTIONS"))
    );
    for method in ["POST", "PUT", "DELETE", "PATCH"] {
        let refused = served.send(method, "/note.txt", &[("Content-Length", "0")]);
        assert_eq!(refused.status, 405, "{method}");
        assert_eq!(
            refused.header("allow"),
            Some("GET, HEAD, OPTIONS"),
            "{method}"
        );
    }
}

#[test]
fn a_client_that_has_the_file_gets_304() {
    let (_site, served) = site(&[]);
    let file = served.get("/note.txt");
    let tag = file.header("etag").unwrap();
    for (known, status) in [
        (tag.to_owned(), 304),
        (format!("W/{tag}"), 304),
        (format!("\"a\", {tag}"), 304),
        // What spin-fileserver sent has no quotes.
        (tag.trim_matches('"').to_owned(), 304),
        ("*".to_owned(), 304),
        ("\"a\"".to_owned(), 200),
    ] {
        let again = served.send("GET", "/note.txt", &[("If-None-Match", &known)]);
        assert_eq!(again.status, status, "{known}");
        assert_eq!(again.body.is_empty(), status == 304, "{known}");
        assert_eq!(again.header("etag"), Some(tag), "{known}");
    }
    let lines = [("If-None-Match", "\"a\""), ("If-None-Match", tag)];
    assert_eq!(
        served.send("GET", "/note.txt", &lines).status,
        304,
        "all lines count"
    );
    assert_eq!(
        served
            .send("GET", "/note.txt", &[("If-Match", "\"a\"")])
            .status,
        412
    );
}

#[test]
fn one_range_of_bytes_is_served() {
    let (_site, served) = site(&[]);
    let tag = served.get("/note.txt").header("etag").unwrap().to_owned();
    let older = "\"older\"";
    let cases = [
        ("bytes=0-3", None, 206, "0123", Some("bytes 0-3/10")),
        ("bytes=7-", None, 206, "789", Some("bytes 7-9/10")),
        ("bytes=-2", None, 206, "89", Some("bytes 8-9/10")),
        ("bytes=8-99", None, 206, "89", Some("bytes 8-9/10")),
        ("bytes=10-", None, 416, "", Some("bytes */10")),
        ("bytes=-0", None, 416, "", Some("bytes */10")),
        ("bytes=0-1,4-5", None, 200, "0123456789", None),
        ("lines=0-1", None, 200, "0123456789", None),
        (
            "bytes=0-3",
            Some(tag.as_str()),
            206,
            "0123",
            Some("bytes 0-3/10"),
        ),
        ("bytes=0-3", Some(older), 200, "0123456789", None),
    ];
    for (range, condition, status, content, content_range) in cases {
        let mut headers = vec![("Range", range)];
        headers.extend(condition.map(|tag| ("If-Range", tag)));
        let part = served.send("GET", "/note.txt", &headers);
        assert_eq!(part.status, status, "{headers:?}");
        assert_eq!(part.text(), content, "{headers:?}");
        assert_eq!(part.header("content-range"), content_range, "{headers:?}");
        assert_eq!(
            part.header("content-length"),
            Some(content.len().to_string().as_str()),
            "{headers:?}"
        );
    }
    let head = served.send("HEAD", "/note.txt", &[("Range", "bytes=0-3")]);
    assert_eq!(
        (head.status, head.header("content-length")),
        (200, Some("10"))
    );
}

#[test]
fn text_is_compressed_as_its_client_prefers_with_a_tag_for_each_coding() {
    let (_site, served) = site(&[]);
    let plain = served.get("/long.txt");
    assert_eq!(plain.body.len(), LONG);
    let mut tags = BTreeSet::new();
    for (accepted, coding) in [
        ("identity", None),
        ("br", Some("br")),
        ("gzip", Some("gzip")),
        ("x-gzip", Some("gzip")),
        ("gzip, deflate, br, zstd", Some("br")),
        ("gzip;q=0.9, br;q=0.8", Some("gzip")),
        ("br;q=0", None),
        ("deflate", None),
        ("zstd", None),
    ] {
        let file = served.send("GET", "/long.txt", &[("Accept-Encoding", accepted)]);
        assert_eq!(file.status, 200, "{accepted}");
        assert_eq!(file.header("content-encoding"), coding, "{accepted}");
        assert_eq!(file.header("vary"), Some("accept-encoding"), "{accepted}");
        assert!(file.decoded() == plain.body, "{accepted}: other content");
        assert_eq!(file.body.len() < LONG, coding.is_some(), "{accepted}");
        tags.insert((coding, file.header("etag").map(str::to_owned)));
    }
    assert_eq!(tags.len(), 3, "one tag for each coding: {tags:?}");
    let both = [
        ("Accept-Encoding", "identity;q=0.1"),
        ("Accept-Encoding", "gzip"),
    ];
    assert_eq!(
        served
            .send("GET", "/long.txt", &both)
            .header("content-encoding"),
        Some("gzip")
    );
}

#[test]
fn what_does_not_gain_is_not_compressed() {
    let (_site, served) = site(&[]);
    for path in ["/note.txt", "/empty.txt", "/dot.png"] {
        let file = served.send("GET", path, &[("Accept-Encoding", "gzip, br")]);
        assert_eq!(
            (file.status, file.header("content-encoding")),
            (200, None),
            "{path}"
        );
    }
}

#[test]
fn a_precompressed_sibling_is_served_in_place_of_its_file() {
    let site = Scratch::site(
        MANIFEST,
        &[
            ("static/app.js", "plain"),
            ("static/app.js.br", "made by brotli"),
            ("static/app.js.gz", "made by gzip"),
            ("static/app.js.zst", "made by zstd"),
        ],
    );
    let served = serve(&site.manifest(), &[]);
    for (accepted, coding, content) in [
        ("br", Some("br"), "made by brotli"),
        ("gzip", Some("gzip"), "made by gzip"),
        ("zstd", Some("zstd"), "made by zstd"),
        ("gzip, br;q=0.5", Some("gzip"), "made by gzip"),
        ("identity", None, "plain"),
    ] {
        let file = served.send("GET", "/app.js", &[("Accept-Encoding", accepted)]);
        assert_eq!(file.header("content-encoding"), coding, "{accepted}");
        assert_eq!(file.text(), content, "{accepted}");
        assert_eq!(
            file.header("content-type"),
            Some("text/javascript; charset=utf-8"),
            "{accepted}"
        );
    }
}

#[test]
fn a_file_too_long_for_memory_is_streamed_whole_and_in_part() {
    let (site, _) = site(&[]);
    let length: u64 = 9 << 20;
    let middle: u64 = 5 << 20;
    let mut file = site.create("static/large.bin");
    file.set_len(length).unwrap();
    for (at, mark) in [(0, "first"), (middle, "middle"), (length - 4, "last")] {
        file.seek(SeekFrom::Start(at)).unwrap();
        file.write_all(mark.as_bytes()).unwrap();
    }
    let served = serve(&site.manifest(), &[]);
    let whole = served.send("GET", "/large.bin", &[("Accept-Encoding", "br")]);
    assert_eq!(
        (whole.status, whole.header("content-encoding")),
        (200, None)
    );
    assert!(whole.body == std::fs::read(site.path().join("static/large.bin")).unwrap());
    assert_eq!(
        whole.header("content-length"),
        Some(length.to_string().as_str())
    );
    let tag = whole.header("etag").unwrap();

    let range = format!("bytes={middle}-{}", middle + 5);
    assert_eq!(
        served
            .send("GET", "/large.bin", &[("Range", &range)])
            .text(),
        "middle"
    );
    assert_eq!(
        served
            .send("GET", "/large.bin", &[("Range", "bytes=-4")])
            .text(),
        "last"
    );
    let resumed = [("Range", "bytes=-4"), ("If-Range", tag)];
    assert_eq!(served.send("GET", "/large.bin", &resumed).text(), "last");
    let most = served.send("GET", "/large.bin", &[("Range", "bytes=1-")]);
    assert!(most.status == 206 && most.body == whole.body[1..]);
    let head = served.send("HEAD", "/large.bin", &[]);
    assert_eq!(
        head.header("content-length"),
        whole.header("content-length")
    );
}

#[test]
fn basic_authentication_covers_files_too() {
    let (_site, served) = site(&[
        "BASIC_AUTH_USERNAME=keeper",
        "BASIC_AUTH_PASSWORD=lamp9",
        "BASIC_AUTH_REALM=Files",
    ]);
    for path in ["/note.txt", "/missing", "/favicon.ico"] {
        let denied = served.get(path);
        assert_eq!(denied.status, 401, "{path}");
        assert_eq!(
            denied.header("www-authenticate"),
            Some("Basic realm=\"Files\""),
            "{path}"
        );
        assert!(denied.body.is_empty(), "{path}");
    }
    for (credentials, status) in [
        ("Basic a2VlcGVyOmxhbXA5", 200),
        ("Basic a2VlcGVyOndyb25n", 401),
    ] {
        let answer = served.send("GET", "/note.txt", &[("Authorization", credentials)]);
        assert_eq!(answer.status, status, "{credentials}");
    }
}
