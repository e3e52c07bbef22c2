//! Media types.

use web::media::{Compressibility, MediaType};

#[test]
fn the_name_of_a_file_gives_its_content_type_and_whether_to_compress_it() {
    use Compressibility::{Good, None, Unknown};
    for (name, content_type, compressibility) in [
        ("index.html", "text/html; charset=utf-8", Good),
        ("a/b.c/style.css", "text/css; charset=utf-8", Good),
        ("app.js", "text/javascript; charset=utf-8", Good),
        ("app.MJS", "application/javascript; charset=utf-8", Good),
        ("data.json", "application/json; charset=utf-8", Good),
        (
            "site.webmanifest",
            "application/manifest+json; charset=utf-8",
            Good,
        ),
        ("map.svg", "image/svg+xml; charset=utf-8", Good),
        ("feed.xml", "text/xml; charset=utf-8", Good),
        ("feed.atom", "application/atom+xml; charset=utf-8", Good),
        ("robots.txt", "text/plain; charset=utf-8", Good),
        ("app.wasm", "application/wasm", Good),
        ("favicon.ico", "image/x-icon", Good),
        ("a.ttf", "font/ttf", Good),
        ("a.glb", "model/gltf-binary", Good),
        ("dot.png", "image/png", None),
        ("a.webp", "image/webp", None),
        ("a.mp4", "video/mp4", None),
        ("a.woff", "application/font-woff", None),
        ("a.woff2", "font/woff2", None),
        ("a.zip", "application/zip", None),
        ("a.gz", "application/gzip", None),
        ("a.pdf", "application/pdf", None),
        ("a.bin", "application/octet-stream", Unknown),
        ("odd.zzz", "application/octet-stream", Unknown),
        ("noext", "application/octet-stream", Unknown),
        (".html", "application/octet-stream", Unknown),
        ("", "application/octet-stream", Unknown),
    ] {
        let media = MediaType::of_file(name);
        assert_eq!(media.content_type(), content_type, "{name}");
        assert_eq!(media.compressibility(), compressibility, "{name}");
    }
}

#[test]
fn a_name_that_says_nothing_is_told_from_one_that_says_octets() {
    for (name, known) in [
        ("a.bin", true),
        ("a.html", true),
        ("noext", false),
        ("odd.zzz", false),
    ] {
        assert_eq!(MediaType::of_file(name).is_known(), known, "{name}");
    }
}
