//! What existing sites rely on, or what no longer hurts them, beyond the recorded answers of the reference sites.

use crate::requests::{outcome, request, with_variable};
use crate::site_folder::SiteFolder;

/// What happens to a request for `/a` of a site with these files, besides some that nearly every site has.
fn shown(files: &[(&str, &str)]) -> (u16, String) {
    let folder = SiteFolder::new(&[
        ("config/site.toml", "title = \"Lamps\""),
        ("templates/main.hbs", "{{{page.body}}}"),
        ("content/a.md", "a"),
    ]);
    for (path, text) in files {
        folder.write(path, text.as_bytes());
    }
    outcome(&folder, &request("/a"))
}

#[track_caller]
fn check(item: &str, files: &[(&str, &str)], want: &str) {
    assert_eq!(shown(files), (200, want.to_owned()), "{item}");
}

#[test]
fn folders_that_are_not_there_are_empty() {
    let folder = SiteFolder::new(&[
        (
            "config/site.toml",
            "title = \"a\"\ntheme = \"none\"\nindex_site_pages = [\"main\"]",
        ),
        (
            "templates/main.hbs",
            "{{len site.pages}} {{page.head.title}} {{nothing}}",
        ),
    ]);
    assert_eq!(
        outcome(&folder, &request("/")),
        (404, "0 Not Found".to_owned())
    );
    let folder = SiteFolder::new(&[
        ("config/site.toml", "title = \"a\""),
        (
            "content/a.md",
            "title = \"a\"\nenable_shortcodes = true\n---\n{{nothing}}",
        ),
    ]);
    let (status, report) = outcome(&folder, &request("/a"));
    assert_eq!(status, 500, "{report}");
    assert!(report.starts_with("no template `main`"), "{report}");
}

#[test]
fn a_cache_of_bartholomew_is_ignored() {
    let pages =
        r#"{"/content/old.md": {"head": {"title": "old"}, "body": "old", "published": true}}"#;
    for cache in [
        format!("2999-01-01T00:00:00Z\n{pages}"),
        format!("0\n{pages}"),
        "2999-01-01T00:00:00Z\nno JSON".to_owned(),
        String::new(),
    ] {
        let folder = SiteFolder::new(&[
            (
                "config/site.toml",
                "title = \"a\"\nindex_site_pages = [\"main\"]",
            ),
            ("config/_cache.json", &cache),
            (
                "templates/main.hbs",
                "{{#each site.pages}}{{@key}}{{/each}}",
            ),
            ("content/a.md", ""),
        ]);
        for disabled in ["0", "1"] {
            let request = with_variable(request("/a"), "DISABLE_CACHE", disabled);
            assert_eq!(
                outcome(&folder, &request),
                (200, "/content/a.md".to_owned()),
                "{cache}"
            );
        }
        let file = std::fs::read_to_string(folder.root().join("config/_cache.json"));
        let file = file.expect("it is there");
        assert_eq!(file, cache, "it is left as it is");
    }
}

#[test]
fn heads_of_earlier_versions_are_read() {
    for (item, head, want) in [
        (
            "A4: a status as text",
            "status = \"302 Found\"\nredirect = \"/b\"",
            (302, "/b"),
        ),
        (
            "A4: a table of tables",
            "[extra]\na = { b = [1, 2.5, true] }",
            (200, "[1, 2.5, true, ]"),
        ),
        (
            "A4: a date in extra",
            "[extra]\na = { b = 2024-05-06 }",
            (200, "2024-05-06"),
        ),
        (
            "A4: unknown keys",
            "draft = true\nslug = \"x\"\n[other]\nx = 1",
            (200, ""),
        ),
    ] {
        let page = format!("title = \"a\"\n{head}\n---\n");
        let (status, text) = want;
        assert_eq!(
            shown(&[
                ("templates/main.hbs", "{{page.head.extra.a.b}}"),
                ("content/a.md", &page),
            ]),
            (status, text.to_owned()),
            "{item}"
        );
    }
}

#[test]
fn a_listed_page_has_its_own_body_though_it_shows_another() {
    check(
        "A4: body_source",
        &[
            (
                "config/site.toml",
                "title = \"a\"\nindex_site_pages = [\"main\"]",
            ),
            (
                "templates/main.hbs",
                "{{{page.body}}}{{#each site.pages}}{{{body}}}{{/each}}",
            ),
            (
                "content/a.md",
                "title = \"a\"\nbody_source = \"b\"\n---\nown",
            ),
            ("content/b.md", "other"),
        ],
        "<p>other</p>\n<p>own</p>\n<p>other</p>",
    );
}

#[test]
fn templates_have_the_names_that_sites_use() {
    for (item, path, name) in [
        ("A6: by path", "templates/partials/nav.hbs", "partials/nav"),
        ("A6: by file name", "templates/partials/nav.hbs", "nav"),
        ("A6: a leading dot", "templates/.x.hbs", ".x"),
        ("A6: every extension", "templates/feed.xml.hbs", "feed.xml"),
    ] {
        let main = format!("{{{{> {name}}}}}");
        check(
            item,
            &[("templates/main.hbs", &main), (path, "here")],
            "here",
        );
    }
}

#[test]
fn one_broken_file_fails_only_the_pages_that_use_it() {
    let broken = [
        ("templates/broken.hbs", "{{#if}}"),
        ("templates/partials/broken_too.hbs", "{{x"),
        ("scripts/broken.rhai", "let x ="),
        ("shortcodes/broken.rhai", "}"),
        ("content/broken.md", "x =\n---\n"),
        ("themes/t/templates/broken_theme.hbs", "{{/if}}"),
        (
            "config/site.toml",
            "title = \"a\"\ntheme = \"t\"\nindex_site_pages = [\"main\"]",
        ),
        (
            "templates/main.hbs",
            "{{{page.body}}}{{#each site.pages}}{{@key}}{{/each}}",
        ),
        (
            "content/a.md",
            "title = \"a\"\nenable_shortcodes = true\n---\n{{upper 'fine'}}",
        ),
    ];
    check("A6, A9, A10", &broken, "<p>FINE</p>\n/content/a.md");
    for (page, file) in [
        (
            "title = \"a\"\ntemplate = \"broken\"\n---\n",
            "`templates/broken.hbs:1:",
        ),
        (
            "title = \"a\"\ntemplate = \"by_partial\"\n---\n",
            "`templates/partials/broken_too.hbs:1:",
        ),
        (
            "title = \"a\"\ntemplate = \"by_script\"\n---\n",
            "`scripts/broken.rhai:1:",
        ),
        (
            "title = \"a\"\ntemplate = \"by_theme\"\n---\n",
            "`themes/t/templates/broken_theme.hbs:1:",
        ),
        ("x =\n---\n", "content/a.md:1: "),
    ] {
        let mut files = broken.to_vec();
        files.extend([
            ("templates/by_partial.hbs", "{{> broken_too}}"),
            ("templates/by_script.hbs", "{{broken 1}}"),
            ("templates/by_theme.hbs", "{{> broken_theme}}"),
            ("content/a.md", page),
        ]);
        let (status, report) = shown(&files);
        assert_eq!(status, 500, "{page}");
        assert!(report.starts_with(file), "{report}");
    }
}

#[test]
fn markdown_has_the_extensions_of_bartholomew() {
    for (item, markdown, want) in [
        (
            "tables",
            "|a|\n|-|\n|b|",
            "<table><thead><tr><th>a</th></tr></thead><tbody>\n<tr><td>b</td></tr>\n</tbody></table>",
        ),
        ("strikethrough", "~~a~~", "<p><del>a</del></p>"),
        (
            "task lists",
            "- [x] a",
            "<ul>\n<li><input disabled=\"\" type=\"checkbox\" checked=\"\"/>\na</li>\n</ul>",
        ),
        (
            "typography",
            "\"a\" -- b...",
            "<p>\u{201c}a\u{201d} \u{2013} b\u{2026}</p>",
        ),
        (
            "no links without brackets",
            "https://example.org www.example.org",
            "<p>https://example.org www.example.org</p>",
        ),
        ("no definition lists", "a\n: b", "<p>a\n: b</p>"),
        (
            "no metadata",
            "x\n\n---\na: b\n---",
            "<p>x</p>\n<hr />\n<h2>a: b</h2>",
        ),
        (
            "raw HTML",
            "<script>1 < 2</script>",
            "<script>1 < 2</script>",
        ),
    ] {
        check(
            item,
            &[("content/a.md", &format!("title = \"a\"\n---\n{markdown}"))],
            want,
        );
    }
}
