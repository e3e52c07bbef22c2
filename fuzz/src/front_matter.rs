//! Content files: the head and the body, and the HTML of the body.

use std::collections::BTreeSet;

use http::HeaderValue;
use site::{Document, HeadingIds, Links, render_markdown};

/// The text of a content file is a document or has a mistake on one of its lines.
pub fn check(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let parse = |text: String| Document::parse("content/a.md", text);
    let document = parse(text.to_owned());
    let lines = text.matches('\n').count() + 1;
    match &document {
        Ok(document) => assert_document(document, text, lines),
        Err(error) => {
            assert!(
                (1..=lines).contains(&error.line),
                "{error} in {lines} lines"
            );
            assert!(!error.message.contains('\n'), "{error} is not one line");
        }
    }
    if !text.contains('\r') {
        assert_eq!(
            parse(text.replace('\n', "\r\n")),
            document,
            "with other line ends"
        );
    }
}

fn assert_document(document: &Document, text: &str, lines: usize) {
    let body = document.body.markdown();
    let text = text.replace("\r\n", "\n");
    assert!(text.ends_with(body), "the body is the end of the text");
    let body_lines = body.matches('\n').count() + 1;
    assert_eq!(document.body.lines_above() + body_lines, lines);
    let head = &document.head;
    for field in [&head.redirect, &head.content_type, &head.cache_control]
        .into_iter()
        .flatten()
    {
        assert!(
            HeaderValue::from_str(field).is_ok(),
            "{field:?} is no field value"
        );
    }
    let shown = Links::Shown {
        path: "/a/b",
        route: "/a",
    };
    for links in [Links::Listed, shown] {
        render_markdown(body, links, HeadingIds::Written);
    }
    let html = render_markdown(body, shown, HeadingIds::All);
    // Authors may write the same id twice: in HTML, as an attribute, as the label of a footnote.
    if !body.contains(['<', '{']) && !body.contains("[^") {
        assert_ids_differ(&html);
    }
}

fn assert_ids_differ(html: &str) {
    let mut seen = BTreeSet::new();
    let ids = html.split(" id=\"").skip(1);
    for id in ids.filter_map(|rest| rest.split('"').next()) {
        assert!(seen.insert(id), "two headings have the id `{id}`");
    }
}
