//! Shortcodes in Markdown.

use site::{ClockUse, Shortcodes};

use crate::site_folder::{SiteFolder, surroundings};

const FILES: &[(&str, &str)] = &[
    (
        "shortcodes/lamp.rhai",
        "`<b>${if params.len() > 0 { params[0] } else { \"none\" }}</b>`",
    ),
    (
        "shortcodes/deep/kv.rhai",
        "let o = \"\"; for k in hash.keys() { o += `${k}:${hash[k]} `; } o",
    ),
    ("shortcodes/words.rhai", "[\"red\", \"green\"]"),
    ("shortcodes/abbrev.rhai", "\"mine\""),
    ("shortcodes/a_bad.rhai", "let = 1;"),
    ("shortcodes/boom.rhai", "\n throw \"squall\";"),
    ("shortcodes/year.rhai", "current_date().sub_string(0, 4)"),
    ("templates/card.hbs", "a card"),
];

fn expand(body: &str) -> String {
    let folder = SiteFolder::new(FILES);
    Shortcodes::new(folder.root())
        .expand(body, &surroundings())
        .unwrap_or_else(|error| format!("error: {error}"))
}

#[test]
fn shortcodes_write_unescaped_and_see_no_context() {
    for (body, expected) in [
        ("no braces", "no braces"),
        ("{{lamp \"a & b\"}} {{lamp}}", "<b>a & b</b> <b>none</b>"),
        ("{{kv b=2 a=\"1\"}}", "a:1 b:2 "),
        (
            "{{lamp (upper \"led\")}} {{add 1 2}} {{upper \"x<y\"}}",
            "<b>LED</b> 3 X<Y",
        ),
        (
            "{{#each (words)}}\n- {{this}}\n{{/each}}\n",
            "- red\n- green\n",
        ),
        (
            "[{{page.head.title}}][{{anything}}][{{> card}}][{{> the body}}]",
            "[][][][]",
        ),
        (
            "\\{{lamp}} {{{{raw}}}}{{lamp}}{{{{/raw}}}}",
            "{{lamp}} {{lamp}}",
        ),
        ("{{#*inline \"x\"}}in{{/inline}}{{> x}}", "in"),
        ("{{year}}", "2024"),
    ] {
        assert_eq!(expand(body), expected, "{body}");
    }
}

#[test]
fn a_shortcode_of_the_site_wins_over_a_helper() {
    assert_eq!(expand("{{abbrev 5 \"abcdefghij\"}}"), "mine");
}

#[test]
fn a_bad_shortcode_fails_only_what_uses_it() {
    assert_eq!(expand("{{lamp 1}}"), "<b>1</b>");
    assert!(expand("{{a_bad}}").starts_with("error: `shortcodes/a_bad.rhai:1:5`: "));
}

#[test]
fn errors_say_where_they_are_in_the_body() {
    for (body, expected) in [
        (
            "one\n{{#if}} text.",
            "error: line 2, column 14: invalid Handlebars syntax",
        ),
        (
            "one\n two {{nosuchcode 1}}",
            "error: line 2, column 6: no helper `nosuchcode`",
        ),
        (
            "x {{boom}}",
            "error: `shortcodes/boom.rhai:2:2`: Runtime error: squall",
        ),
    ] {
        assert_eq!(expand(body), expected, "{body}");
    }
}

#[test]
fn an_error_can_be_moved_to_the_file_that_the_body_is_in() {
    let folder = SiteFolder::new(FILES);
    let shortcodes = Shortcodes::new(folder.root());
    let fail = |body: &str| {
        let error = shortcodes
            .expand(body, &surroundings())
            .expect_err("it fails");
        let error = error.in_file("content/a.md", 4);
        (error.to_string(), error.hint().map(ToOwned::to_owned))
    };
    let (message, _) = fail("x {{nosuchcode 1}}");
    assert_eq!(message, "`content/a.md:5:3`: no helper `nosuchcode`");
    let (message, hint) = fail("x {{boom}}");
    assert_eq!(message, "`shortcodes/boom.rhai:2:2`: Runtime error: squall");
    assert_eq!(hint.as_deref(), Some("called from line 1, column 3"));
}

#[test]
fn the_clock_is_noticed_in_shortcodes_too() {
    let folder = SiteFolder::new(FILES);
    let surroundings = surroundings();
    let shortcodes = Shortcodes::new(folder.root());
    shortcodes
        .expand("{{lamp}}", &surroundings)
        .expect("it renders");
    assert_eq!(surroundings.observed().clock, ClockUse::None);
    shortcodes
        .expand("{{year}}", &surroundings)
        .expect("it renders");
    assert_eq!(surroundings.observed().clock, ClockUse::Instant);
}
