//! Validators from the file index: the digests that `bart` knows before anybody asks.

use std::fs::OpenOptions;
use std::io::{Seek, SeekFrom, Write};

use sha2::{Digest, Sha256};
use web::files::index::{Entry, write};

use super::{LONG, MANIFEST, site};
use crate::scratch::Scratch;
use crate::served::serve;

fn digest(content: impl AsRef<[u8]>) -> String {
    hex::encode(Sha256::digest(content))
}

/// Writes into the file itself, and so into the file that the component sees.
fn overwrite(site: &Scratch, path: &str, at: u64, content: &str) {
    let mut file = OpenOptions::new()
        .write(true)
        .open(site.path().join(path))
        .unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(content.as_bytes()).unwrap();
}

#[test]
fn the_tag_of_a_file_is_its_digest_with_the_coding() {
    let (site, _) = site(&[]);
    site.write("static/page.css.zst", "made by zstd");
    site.write("static/page.css", "plain");
    let served = serve(&site.manifest(), &[]);
    let long = served.get("/long.txt").body;
    assert_eq!(long.len(), LONG);
    for (path, accepted, tag) in [
        ("/note.txt", "", digest("0123456789")),
        ("/empty.txt", "", digest("")),
        ("/caf%C3%A9.txt", "", digest("accented")),
        ("/docs", "", digest("<p>docs</p>")),
        ("/long.txt", "identity", digest(&long)),
        ("/long.txt", "br", format!("{}-br", digest(&long))),
        ("/long.txt", "gzip", format!("{}-gzip", digest(&long))),
        (
            "/page.css",
            "zstd",
            format!("{}-zstd", digest("made by zstd")),
        ),
        ("/page.css", "br", digest("plain")),
    ] {
        let file = served.send("GET", path, &[("Accept-Encoding", accepted)]);
        let tag = format!("\"{tag}\"");
        assert_eq!(file.header("etag"), Some(tag.as_str()), "{path} {accepted}");
        let again = [("Accept-Encoding", accepted), ("If-None-Match", &tag)];
        assert_eq!(served.send("GET", path, &again).status, 304, "{path}");
    }
}

#[test]
fn a_validator_takes_no_read_of_the_file_unless_it_is_short() {
    let (site, served) = site(&[]);
    let identity = [("Accept-Encoding", "identity")];
    let tag = served.send("HEAD", "/long.txt", &identity);
    let tag = tag.header("etag").unwrap();
    // Of the same length, so that the index still counts.
    overwrite(&site, "static/long.txt", 0, "abcdefghij");
    overwrite(&site, "static/note.txt", 0, "abcdefghij");
    let known = [identity[0], ("If-None-Match", tag)];
    assert_eq!(served.send("GET", "/long.txt", &known).status, 304);
    let head = served.send("HEAD", "/long.txt", &identity);
    assert_eq!(head.header("etag"), Some(tag));
    let short = format!("\"{}\"", digest("abcdefghij"));
    assert_eq!(served.get("/note.txt").header("etag"), Some(short.as_str()));
    // Another release has another index.
    let served = serve(&site.manifest(), &[]);
    let long = served.send("GET", "/long.txt", &identity);
    let tag = format!("\"{}\"", digest(&long.body));
    assert!(long.body.starts_with(b"abcdefghij"));
    assert_eq!(long.header("etag"), Some(tag.as_str()));
}

#[test]
fn a_file_that_the_index_does_not_know_is_hashed_up_to_8_mib() {
    let (site, _) = site(&[]);
    site.create("static/large.bin").set_len(9 << 20).unwrap();
    let served = serve(&site.manifest(), &[]);
    assert!(served.get("/large.bin").header("etag").is_some());
    overwrite(&site, "static/dot.png", LONG as u64, "+");
    overwrite(&site, "static/large.bin", 9 << 20, "+");
    let dot = served.get("/dot.png");
    assert_eq!(dot.body.len(), LONG + 1);
    let tag = format!("\"{}\"", digest(&dot.body));
    assert_eq!(dot.header("etag"), Some(tag.as_str()));
    let large = served.get("/large.bin");
    assert_eq!((large.status, large.body.len()), (200, (9 << 20) + 1));
    assert_eq!(large.header("etag"), None);
}

#[test]
fn an_index_that_the_author_made_is_neither_used_nor_shown() {
    let content = "lamp".repeat(LONG);
    let false_index = write([(
        "note.bin",
        Entry {
            digest: [7; 32],
            length: content.len() as u64,
        },
    )]);
    for name in [".bart/files", ".bart"] {
        let site = Scratch::site(MANIFEST, &[("static/note.bin", &content)]);
        site.write(&format!("static/{name}"), &false_index);
        let served = serve(&site.manifest(), &["SHOW_DOTFILES=1"]);
        let tag = format!("\"{}\"", digest(&content));
        assert_eq!(served.get("/note.bin").header("etag"), Some(tag.as_str()));
        for path in [
            "/.bart/files",
            "/.bart",
            "/.bart/",
            "/%2ebart/files",
            "/.BART/files",
        ] {
            assert_eq!(served.get(path).status, 404, "{path} beside {name}");
        }
        assert!(site.path().join("static").join(name).is_file());
    }
}
