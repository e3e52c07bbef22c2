//! The renderer, through Wasm and HTTP.

use std::collections::BTreeSet;

use crate::exchange::Response;
use crate::scratch::Scratch;
use crate::served::{Served, serve};

const MANIFEST: &str = r#"spin_manifest_version = 2

[application]
name = "pages"
version = "0.1.0"

[[trigger.http]]
route = "/..."
component = "pages"

[component.pages]
source = "modules/bartholomew.wasm"
files = ["config/*", "content/**/*", "templates/*"]
"#;

const FILES: [(&str, &str); 13] = [
    ("config/site.toml", "title = \"Lamps\"\n[extra]\n"),
    (
        "templates/main.hbs",
        "<html><title>{{page.head.title}}</title><main>{{{page.body}}}</main></html>",
    ),
    ("templates/path.hbs", "<p>{{request.spin-path-info}}</p>"),
    ("templates/broken.hbs", "{{#if}}"),
    (
        "content/index.md",
        "title = \"Home\"\n---\nHello *there*.\n",
    ),
    (
        "content/draft.md",
        "title = \"Draft\"\npublished = false\n---\nNot yet.\n",
    ),
    (
        "content/moved.md",
        "title = \"Moved\"\nredirect = \"/there?a=b\"\nstatus = 308\n---\n",
    ),
    (
        "content/broken.md",
        "title = \"Broken\"\ntemplate = \"broken\"\n---\nNever seen.\n",
    ),
    ("content/bad-head.md", "title = [\n---\nNever seen.\n"),
    (
        "content/path.md",
        "title = \"Path\"\ntemplate = \"path\"\n---\n",
    ),
    (
        "content/kept.md",
        "title = \"Kept\"\ncache_control = \"public, max-age=600\"\n---\nKept.\n",
    ),
    ("content/café.md", "title = \"Café\"\n---\nAccented.\n"),
    ("content/.hidden.md", "title = \"Hidden\"\n---\nHidden.\n"),
];

fn site(settings: &[&str]) -> (Scratch, Served) {
    let site = Scratch::site(MANIFEST, &FILES);
    site.write(
        "content/long.md",
        format!("title = \"Long\"\n---\n{}", "The lamp turns. ".repeat(200)),
    );
    let served = serve(&site.manifest(), settings);
    (site, served)
}

/// Fields that are the same for the same page, whatever the time.
fn fields(response: &Response) -> BTreeSet<(String, String)> {
    let fields = response.headers().into_iter();
    fields
        .filter(|(name, _)| !matches!(name.as_str(), "date" | "connection"))
        .collect()
}

#[test]
fn a_page_is_its_markdown_in_its_template_with_what_caches_need() {
    let (_site, served) = site(&[]);
    let page = served.get("/");
    assert_eq!(page.status, 200);
    assert_eq!(
        page.text(),
        "<html><title>Home</title><main><p>Hello <em>there</em>.</p>\n</main></html>"
    );
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert_eq!(
        page.header("content-length"),
        Some(page.body.len().to_string().as_str())
    );
    assert_eq!(page.header("cache-control"), Some("no-cache"));
    assert_eq!(page.header("vary"), Some("accept-encoding"));
    let tag = page.header("etag").expect("a page has a validator");
    assert!(
        tag.starts_with('"') && tag.ends_with('"') && tag.len() > 2,
        "{tag}"
    );
}

#[test]
fn head_has_the_fields_of_get_and_no_content() {
    let (_site, served) = site(&[]);
    for (path, status) in [
        ("/", 200),
        ("/long", 200),
        ("/moved", 308),
        ("/missing", 404),
        ("/broken", 500),
    ] {
        let get = served.get(path);
        let head = served.send("HEAD", path, &[]);
        assert_eq!((get.status, head.status), (status, status), "{path}");
        assert_eq!(fields(&head), fields(&get), "{path}");
        assert!(head.body.is_empty(), "{path}");
    }
}

#[test]
fn a_client_that_has_the_page_gets_304() {
    let (_site, served) = site(&[]);
    let page = served.get("/long");
    let tag = page.header("etag").unwrap();
    let cases = [
        (tag.to_owned(), 304),
        (format!("W/{tag}"), 304),
        (format!("\"other\", {tag}"), 304),
        ("*".to_owned(), 304),
        ("\"other\"".to_owned(), 200),
    ];
    for (known, status) in cases {
        let again = served.send("GET", "/long", &[("If-None-Match", &known)]);
        assert_eq!(again.status, status, "{known}");
        assert_eq!(again.header("etag"), Some(tag), "{known}");
        assert_eq!(again.header("vary"), page.header("vary"), "{known}");
        assert_eq!(again.body.is_empty(), status == 304, "{known}");
    }
    let failed = served.send("GET", "/long", &[("If-Match", "\"other\"")]);
    assert_eq!(failed.status, 412);
}

#[test]
fn a_page_is_compressed_as_its_client_prefers_with_a_tag_for_each_coding() {
    let (_site, served) = site(&[]);
    let plain = served.get("/long");
    assert_eq!(plain.header("content-encoding"), None);
    let cases = [
        ("br", Some("br")),
        ("gzip", Some("gzip")),
        ("gzip, deflate, br", Some("br")),
        ("gzip;q=1.0, br;q=0.5", Some("gzip")),
        ("br;q=0, gzip", Some("gzip")),
        ("GZIP", Some("gzip")),
        ("*", Some("br")),
        ("deflate", None),
        ("identity", None),
        ("gzip;q=0", None),
    ];
    let mut tags = BTreeSet::from([(None, plain.header("etag").map(str::to_owned))]);
    for (accepted, coding) in cases {
        let page = served.send("GET", "/long", &[("Accept-Encoding", accepted)]);
        assert_eq!(page.status, 200, "{accepted}");
        assert_eq!(page.header("content-encoding"), coding, "{accepted}");
        assert_eq!(page.header("vary"), Some("accept-encoding"), "{accepted}");
        assert!(page.decoded() == plain.body, "{accepted}: other content");
        tags.insert((
            coding.map(str::to_owned),
            page.header("etag").map(str::to_owned),
        ));
    }
    assert_eq!(tags.len(), 3, "one tag for each coding: {tags:?}");
    let short = served.send("GET", "/", &[("Accept-Encoding", "gzip")]);
    assert_eq!(
        short.header("content-encoding"),
        None,
        "a short page is not worth it"
    );
}

#[test]
fn methods_that_do_not_read_are_refused() {
    let (_site, served) = site(&[]);
    for method in ["POST", "PUT", "DELETE", "PATCH"] {
        let refused = served.send(method, "/", &[("Content-Length", "0")]);
        assert_eq!(refused.status, 405, "{method}");
        assert_eq!(
            refused.header("allow"),
            Some("GET, HEAD, OPTIONS"),
            "{method}"
        );
        assert!(refused.body.is_empty(), "{method}");
    }
    let options = served.send("OPTIONS", "/", &[]);
    assert_eq!(
        (options.status, options.header("allow")),
        (204, Some("GET, HEAD, OPTIONS"))
    );
    let options = served.send("OPTIONS", "/moved", &[]);
    assert_eq!(
        (options.status, options.header("location")),
        (308, Some("/there?a=b")),
        "a redirect holds for every request that reads"
    );
}

#[test]
fn basic_authentication_covers_all_paths_and_lets_the_right_password_in() {
    let (_site, served) = site(&["BASIC_AUTH_USERNAME=keeper", "BASIC_AUTH_PASSWORD=la:mp"]);
    for path in ["/", "/missing", "/moved", "/broken"] {
        let denied = served.get(path);
        assert_eq!(denied.status, 401, "{path}");
        assert_eq!(
            denied.header("www-authenticate"),
            Some("Basic realm=\"bartholomew\"")
        );
        assert!(denied.body.is_empty(), "{path}");
    }
    let cases = [
        ("Basic a2VlcGVyOmxhOm1w", 200),
        ("basic a2VlcGVyOmxhOm1w", 200),
        // keeper:la
        ("Basic a2VlcGVyOmxh", 401),
        ("Basic !!!", 401),
        ("Bearer a2VlcGVyOmxhOm1w", 401),
    ];
    for (credentials, status) in cases {
        let page = served.send("GET", "/", &[("Authorization", credentials)]);
        assert_eq!(page.status, status, "{credentials}");
    }
}

#[test]
fn an_unpublished_page_is_shown_in_preview_mode_alone() {
    for (settings, status) in [
        (&[][..], 404),
        (&["PREVIEW_MODE=0"], 404),
        (&["pages.PREVIEW_MODE=1"], 200),
    ] {
        let (_site, served) = site(settings);
        let page = served.get("/draft");
        assert_eq!(page.status, status, "{settings:?}");
        assert_eq!(
            page.text().contains("Not yet."),
            status == 200,
            "{settings:?}"
        );
    }
}

#[test]
fn a_missing_page_is_a_404_in_the_main_template() {
    let (_site, served) = site(&[]);
    for path in [
        "/missing",
        "/missing/deep.html",
        "/.hidden",
        "/caf%C3",
        "/a%00b",
        "/%2e%2e/config/site.toml",
    ] {
        let page = served.get(path);
        assert_eq!(page.status, 404, "{path}");
        assert!(
            page.text().contains("<title>Not Found</title>"),
            "{path}: {}",
            page.text()
        );
        assert_eq!(
            page.header("content-type"),
            Some("text/html; charset=utf-8"),
            "{path}"
        );
    }
}

#[test]
fn a_path_may_be_percent_encoded_and_may_have_an_extension_or_a_slash() {
    let (_site, served) = site(&[]);
    for path in [
        "/caf%C3%A9",
        "/long.html",
        "/long/",
        "/l%6Fng",
        "/x/../long",
        "//long",
    ] {
        assert_eq!(served.get(path).status, 200, "{path}");
    }
}

#[test]
fn a_redirect_page_sends_its_readers_on() {
    let (_site, served) = site(&[]);
    let moved = served.get("/moved");
    assert_eq!(
        (moved.status, moved.header("location")),
        (308, Some("/there?a=b"))
    );
    assert!(moved.body.is_empty());
}

#[test]
fn a_page_that_cannot_be_shown_is_a_500_that_tells_nothing_and_harms_no_other() {
    let (_site, served) = site(&[]);
    for path in ["/broken", "/bad-head"] {
        let failed = served.get(path);
        assert_eq!(failed.status, 500, "{path}");
        assert_eq!(
            failed.header("content-type"),
            Some("text/html; charset=utf-8"),
            "{path}"
        );
        assert_eq!(failed.header("cache-control"), Some("no-store"), "{path}");
        let text = failed.text();
        for internal in [
            "broken", "bad-head", "content", ".md", ".hbs", "title = ", "TOML", "line",
        ] {
            assert!(
                !text.contains(internal),
                "{path} tells of `{internal}`: {text}"
            );
        }
    }
    assert_eq!(served.get("/").status, 200);
}

#[test]
fn the_authors_see_in_preview_mode_why_a_page_cannot_be_shown() {
    let (_site, served) = site(&["PREVIEW_MODE=1"]);
    let failed = served.get("/broken");
    assert_eq!(failed.status, 500);
    assert!(failed.text().contains("broken.hbs"), "{}", failed.text());
}

#[test]
fn a_client_cannot_tell_the_renderer_which_page_it_asks_for() {
    let (_site, served) = site(&[]);
    for name in ["spin-path-info", "Spin-Path-Info", "SPIN-PATH-INFO"] {
        let page = served.send("GET", "/path", &[(name, "/draft")]);
        assert_eq!(page.text(), "<p>/path</p>", "{name}");
    }
}

#[test]
fn what_the_renderer_tells_the_engine_stays_inside() {
    let (_site, served) = site(&[]);
    let tag = served.get("/").header("etag").unwrap().to_owned();
    for (path, status) in [
        ("/", 200),
        ("/moved", 308),
        ("/missing", 404),
        ("/broken", 500),
    ] {
        let response = served.get(path);
        assert_eq!(response.status, status);
        assert_eq!(response.header("bart-cache-control"), None, "{path}");
    }
    let unchanged = served.send("GET", "/", &[("If-None-Match", &tag)]);
    assert_eq!(
        (unchanged.status, unchanged.header("bart-cache-control")),
        (304, None)
    );
}

#[test]
fn cache_control_of_a_head_is_sent_as_written() {
    let (_site, served) = site(&[]);
    assert_eq!(
        served.get("/kept").header("cache-control"),
        Some("public, max-age=600")
    );
}
