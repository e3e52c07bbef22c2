//! What Markdown becomes, where versions of pulldown-cmark differ.

use site::{HeadingIds, Links, render_markdown};

fn check(markdown: &str, html: &str) {
    let rendered = render_markdown(markdown, Links::Listed, HeadingIds::Written);
    assert_eq!(rendered.trim_end(), html, "{markdown}");
}

#[test]
fn quotes_in_code_are_escaped_and_images_keep_their_text() {
    check(
        "`a \"b\" <c>`",
        "<p><code>a &quot;b&quot; &lt;c&gt;</code></p>",
    );
    check("```\n\"a\"\n```", "<pre><code>&quot;a&quot;\n</code></pre>");
    check("\\\"a", "<p>&quot;a</p>");
    check(
        "![`\"a\"`](b)",
        "<p><img src=\"b\" alt=\"&quot;a&quot;\" /></p>",
    );
}

#[test]
fn headings_have_ids_and_classes_and_no_other_attributes() {
    check("# A {#b .c d=e}", "<h1 id=\"b\" class=\"c\">A</h1>");
}

#[test]
fn later_extensions_are_off() {
    check("$a$ H~2~O x^2^ [[d]]", "<p>$a$ H~2~O x^2^ [[d]]</p>");
    check(
        "> [!NOTE]\n> a",
        "<blockquote>\n<p>[!NOTE]\na</p>\n</blockquote>",
    );
}

#[test]
fn a_footnote_definition_cannot_interrupt_a_paragraph() {
    check(
        "a[^1] b[^2]\n\n[^1]: one\n[^2]: two\n\nc",
        "<p>a<sup class=\"footnote-reference\"><a href=\"#1\">1</a></sup> b<sup class=\"footnote-reference\">\
         <a href=\"#2\">2</a></sup></p>\n\
         <div class=\"footnote-definition\" id=\"1\"><sup class=\"footnote-definition-label\">1</sup>\n\
         <p>one\n<sup class=\"footnote-reference\"><a href=\"#2\">2</a></sup>: two</p>\n</div>\n<p>c</p>",
    );
    check(
        "a\n[^1]: one\n[^2]: two\n\n[^3]: three",
        "<p>a\n<sup class=\"footnote-reference\"><a href=\"#1\">1</a></sup>: one\n<sup class=\"footnote-reference\">\
         <a href=\"#2\">2</a></sup>: two</p>\n\
         <div class=\"footnote-definition\" id=\"3\"><sup class=\"footnote-definition-label\">3</sup>\n\
         <p>three</p>\n</div>",
    );
}

#[test]
fn all_headings_can_have_ids_made_of_their_text() {
    for (markdown, ids) in [
        ("# A Title", &["a-title"][..]),
        ("# It's \"so\" -- really?", &["its-so-really"]),
        ("# `spin up` & [more](x)  *now*", &["spin-up-more-now"]),
        ("# \u{c9}t\u{e9} 2024_x", &["\u{e9}t\u{e9}-2024_x"]),
        ("Two\nlines\n===", &["two-lines"]),
        ("# A\n\n## A\n\n# a!", &["a", "a-1", "a-2"]),
        ("# A\n\n# A 1\n\n# A", &["a", "a-1", "a-2"]),
        // What is written wins, wherever it stands.
        ("# A\n\n# B {#a}", &["a-1", "a"]),
        ("# Mine {#Own .c}", &["Own"]),
        // A footnote has its label as its id.
        ("# 1\n\nx[^1]\n\n[^1]: y", &["1-1"]),
        ("# !?\n\n# --", &[]),
    ] {
        let html = render_markdown(markdown, Links::Listed, HeadingIds::All);
        let found: Vec<&str> = html
            .split("<h")
            .skip(1)
            .filter_map(|heading| heading.get(1..)?.strip_prefix(" id=\"")?.split_once('"'))
            .map(|(id, _)| id)
            .collect();
        assert_eq!(found, ids, "{markdown}: {html}");
    }
}
