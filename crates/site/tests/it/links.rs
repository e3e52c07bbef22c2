//! Links in bodies.

use site::{HeadingIds, Links, render_markdown};

fn rewritten(written: &str, links: Links<'_>) -> String {
    let html = render_markdown(&format!("[x](<{written}>)"), links, HeadingIds::Written);
    let (_, rest) = html.split_once("href=\"").expect("there is a link");
    rest.split_once('"')
        .expect("the attribute ends")
        .0
        .to_owned()
}

#[test]
fn links_of_a_shown_page_become_absolute_addresses() {
    let links = Links::Shown {
        path: "/docs/more/a",
        route: "",
    };
    for (written, want) in [
        ("b.md", "/docs/more/b"),
        ("./b.md", "/docs/more/b"),
        ("b", "/docs/more/b"),
        ("b.jpg", "/docs/more/b.jpg"),
        ("b.md#part", "/docs/more/b#part"),
        ("b.md?q=1#part", "/docs/more/b?q=1#part"),
        ("../b.md", "/docs/b"),
        ("../../b.md", "/b"),
        ("../../../b.md", "/docs/more/../../../b"),
        ("..", "/docs/"),
        (".", "/docs/more/"),
        ("", "/docs/more/"),
        ("b/", "/docs/more/b/"),
        ("a//b.md", "/docs/more/a//b"),
        ("a.md.md", "/docs/more/a"),
        ("b.mdx", "/docs/more/b.mdx"),
        ("my.mdown", "/docs/more/my.mdown"),
        ("/x/b.md", "/x/b"),
        ("#here", "#here"),
        ("?q=1", "?q=1"),
        ("https://o.example/x.md", "https://o.example/x.md"),
        ("HTTPS://o.example/x.md", "HTTPS://o.example/x.md"),
        ("//o.example/x.md", "//o.example/x.md"),
        ("mailto:a@o.example", "mailto:a@o.example"),
        ("tel:123", "tel:123"),
        ("data:text/plain,a.md", "data:text/plain,a.md"),
        ("web+app:x", "web+app:x"),
    ] {
        assert_eq!(rewritten(written, links), want, "{written}");
    }
}

#[test]
fn links_start_from_the_folder_of_the_page() {
    for (path, want) in [
        ("/a", "/b"),
        ("/", "/b"),
        ("/docs/a", "/docs/b"),
        ("/docs/a/", "/docs/b"),
        ("/docs//a", "/docs/b"),
        ("docs/a", "docs/b"),
        ("a", "b"),
        ("", "b"),
    ] {
        assert_eq!(
            rewritten("b.md", Links::Shown { path, route: "" }),
            want,
            "{path}"
        );
    }
}

#[test]
fn a_link_out_of_the_route_is_left_to_the_browser() {
    let links = Links::Shown {
        path: "/docs/more/a",
        route: "/docs",
    };
    assert_eq!(rewritten("../b.md", links), "/docs/b");
    assert_eq!(rewritten("../../b.md", links), "/docs/more/../../b");
}

#[test]
fn links_of_a_listed_page_follow_the_rules_of_bartholomew() {
    for (written, want) in [
        ("b.md", "b"),
        ("./b.md", "b"),
        ("../b.md#x", "../b#x"),
        ("x.mdx", "xx"),
        ("mailto:a@o.example", "mailto:a@o.example"),
        ("https://o.example/x.md", "https://o.example/x.md"),
        ("HTTPS://o.example/x.md", "HTTPS://o.example/x"),
        ("/x/b.md", "/x/b"),
    ] {
        assert_eq!(rewritten(written, Links::Listed), want, "{written}");
    }
}

#[test]
fn reference_links_are_rewritten_on_shown_pages_only_and_other_links_never() {
    let markdown =
        "[a][b] ![c](d.md) <https://o.example/e.md> <a href=\"f.md\">f</a>\n\n[b]: g.md\n";
    let untouched = [
        "src=\"d.md\"",
        "href=\"https://o.example/e.md\"",
        "href=\"f.md\"",
    ];
    let shown = render_markdown(
        markdown,
        Links::Shown {
            path: "/x/y",
            route: "",
        },
        HeadingIds::Written,
    );
    let listed = render_markdown(markdown, Links::Listed, HeadingIds::Written);
    assert!(shown.contains("href=\"/x/g\""), "{shown}");
    assert!(listed.contains("href=\"g.md\""), "{listed}");
    for text in untouched {
        assert!(shown.contains(text), "{shown}");
        assert!(listed.contains(text), "{listed}");
    }
}
