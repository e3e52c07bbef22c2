//! `site.pages`.

use crate::requests::{outcome, preview, request};
use crate::site_folder::SiteFolder;

/// A site whose pages are listed by the template `list`.
fn site(list: &str, more: &[(&str, &str)]) -> SiteFolder {
    let mut files = vec![
        (
            "config/site.toml",
            "title = \"a\"\nindex_site_pages = [\"list\"]",
        ),
        ("templates/list.hbs", list),
        ("templates/unlisted.hbs", "{{len site.pages}}"),
        (
            "content/index.md",
            "title = \"index\"\ntemplate = \"list\"\n---\n",
        ),
        (
            "content/unlisted.md",
            "title = \"unlisted\"\ntemplate = \"unlisted\"\n---\n",
        ),
    ];
    files.extend_from_slice(more);
    SiteFolder::new(&files)
}

const NAMES: &str = "{{#each site.pages}}{{@key}}={{head.title}} {{/each}}";

const FILES: &[(&str, &str)] = &[
    ("content/b/c.md", "title = \"c\"\n---\n"),
    ("content/b/d/e.md", "title = \"e\"\n---\n"),
    ("content/b.md", "no head"),
    ("content/.hidden.md", "title = \"hidden\"\n---\n"),
    ("content/.dir/f.md", "title = \"f\"\n---\n"),
    ("content/text.txt", "title = \"text\"\n---\n"),
    ("content/bad.md", "x =\n---\n"),
    (
        "content/held.md",
        "title = \"held\"\npublished = false\n---\n",
    ),
];

#[test]
fn all_published_pages_are_listed_by_their_guest_path() {
    let folder = site(NAMES, FILES);
    folder.write("content/binary.md", &[0xff, 0xfe]);
    let want = "/content/.dir/f.md=f /content/b.md=Untitled /content/b/c.md=c /content/b/d/e.md=e \
                /content/index.md=index /content/unlisted.md=unlisted";
    assert_eq!(outcome(&folder, &request("/")), (200, want.to_owned()));
    let (_, all) = outcome(&folder, &preview("/"));
    assert!(all.contains("/content/held.md=held"), "{all}");
}

#[test]
fn templates_that_are_not_indexed_get_no_pages() {
    let folder = site(NAMES, FILES);
    assert_eq!(
        outcome(&folder, &request("/unlisted")),
        (200, "0".to_owned())
    );
}

#[test]
fn a_template_can_choose_its_pages_by_patterns() {
    for (patterns, want) in [
        ("\"b/*.md\"", "/content/b/c.md=c"),
        ("\"b/**/*.md\"", "/content/b/c.md=c /content/b/d/e.md=e"),
        (
            "\"b*\", \"/b/*\"",
            "/content/b.md=Untitled /content/b/c.md=c",
        ),
        ("\"./b/?.md\"", "/content/b/c.md=c"),
        ("\"*/f.md\"", "/content/.dir/f.md=f"),
        ("\"[ab].md\"", "/content/b.md=Untitled"),
        (
            "\"*.txt\", \"held.md\", \".hidden.md\", \"../config/*\", \"none/*\"",
            "",
        ),
        ("", ""),
    ] {
        let list = format!("---\nread_pages_glob = [{patterns}]\n---\n{NAMES}");
        let folder = site(&list, FILES);
        assert_eq!(
            outcome(&folder, &request("/")),
            (200, want.to_owned()),
            "{patterns}"
        );
    }
}

#[test]
fn a_pattern_that_is_none_fails_the_page_with_a_report() {
    let list = format!("---\nread_pages_glob = [\"[\"]\n---\n{NAMES}");
    let (status, report) = outcome(&site(&list, FILES), &request("/"));
    assert_eq!(status, 500);
    assert!(
        report.starts_with("`[` in `read_pages_glob` is not a pattern: "),
        "{report}"
    );
}

#[test]
fn a_template_that_does_not_look_at_the_pages_is_given_none() {
    // A pattern that is none would fail it otherwise.
    let list = "---\nread_pages_glob = [\"[\"]\n---\n{{page.head.title}}";
    assert_eq!(
        outcome(&site(list, FILES), &request("/")),
        (200, "index".to_owned())
    );
}

#[test]
fn listed_bodies_keep_their_relative_links() {
    let list = "{{#each site.pages}}{{{body}}}{{/each}}";
    let folder = site(list, &[("content/x/y.md", "[z](z.md)")]);
    assert_eq!(
        outcome(&folder, &request("/")),
        (200, "<p><a href=\"z\">z</a></p>".to_owned())
    );
}
