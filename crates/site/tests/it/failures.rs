//! What readers and authors see of a failure.

use site::{Answer, Failure, Site};

use crate::requests::{BODY, SETTINGS, answer, outcome, preview, request};
use crate::site_folder::SiteFolder;

fn failure(answer: Answer) -> Failure {
    match answer {
        Answer::Failed(failure) => failure,
        other => panic!("{other:?}"),
    }
}

#[test]
fn readers_see_no_internals_and_authors_see_them_escaped() {
    let folder = SiteFolder::new(&[
        SETTINGS,
        BODY,
        ("content/a.md", "title = \"<b>\"\ntitle = \"c\"\n---\n"),
    ]);
    let readers = failure(answer(&folder, &request("/a")));
    let authors = failure(answer(&folder, &preview("/a")));
    assert_eq!(readers.report, authors.report);
    assert!(
        readers
            .report
            .starts_with("content/a.md:2: duplicate key\nhint: "),
        "{}",
        readers.report
    );
    assert!(!readers.body.contains("content/a.md"), "{}", readers.body);
    assert!(
        authors.body.contains(
            "<pre>content/a.md:2: duplicate key\nhint: the text above the first &#x60;---&#x60;"
        ),
        "{}",
        authors.body
    );
}

#[test]
fn a_site_that_does_not_open_fails_the_same_way() {
    let folder = SiteFolder::new(&[]);
    let error = Site::open(folder.root()).expect_err("there are no settings");
    let readers = Failure::to_open(&error, &request("/"));
    let authors = Failure::to_open(&error, &preview("/"));
    assert!(
        readers
            .report
            .starts_with("failed to read `config/site.toml`: "),
        "{}",
        readers.report
    );
    assert!(!readers.body.contains("site.toml"), "{}", readers.body);
    assert!(authors.body.contains("site.toml"), "{}", authors.body);
}

#[test]
fn a_missing_template_fails_the_pages_that_name_it() {
    let folder = SiteFolder::new(&[
        SETTINGS,
        BODY,
        ("content/a.md", "title = \"a\"\ntemplate = \"none\"\n---\n"),
        ("content/b.md", "b"),
    ]);
    let (status, report) = outcome(&folder, &request("/a"));
    assert_eq!(status, 500);
    assert!(
        report.starts_with("`content/a.md`: no template `none`"),
        "{report}"
    );
    assert_eq!(
        outcome(&folder, &request("/b")),
        (200, "<p>b</p>".to_owned())
    );
}

#[test]
fn a_shortcode_that_fails_leaves_an_error_block() {
    let folder = SiteFolder::new(&[
        SETTINGS,
        BODY,
        (
            "content/a.md",
            "title = \"a\"\nenable_shortcodes = true\n---\n\n{{nothing \"<\"}}\n",
        ),
    ]);
    let (status, readers) = outcome(&folder, &request("/a"));
    assert_eq!(status, 200);
    assert!(
        readers.contains("shortcode-error") && !readers.contains("nothing"),
        "{readers}"
    );
    let (status, authors) = outcome(&folder, &preview("/a"));
    assert_eq!(status, 200);
    assert!(
        authors.contains("content/a.md:5") && authors.contains("nothing"),
        "{authors}"
    );
}
