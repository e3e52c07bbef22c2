//! What is wrong with a template, and where.

use serde_json::{Value, json};

use crate::site_folder::{SiteFolder, outcome};

#[test]
fn a_template_that_cannot_be_used_is_an_error_alone_and_nothing_as_a_partial() {
    let folder = SiteFolder::new(&[
        ("templates/front.hbs", "---\nread_pages_glob = 5\n---\ntext"),
        (
            "templates/main.hbs",
            "[{{> front}}{{> binary}}{{> missing}}]",
        ),
    ]);
    folder.write("templates/binary.hbs", b"\xff\xfe\0");
    assert_eq!(folder.render(Value::Null).expect("it renders"), "[]");
    let error = folder
        .load("front")
        .expect_err("its front matter is broken");
    assert!(
        error
            .to_string()
            .starts_with("`templates/front.hbs`: the front matter is not TOML: "),
        "{error}"
    );
    let error = folder.load("binary").expect_err("it is no text");
    assert_eq!(
        error.to_string(),
        "`templates/binary.hbs`: the file is not UTF-8"
    );
    let error = folder.load("missing").expect_err("it is not there");
    assert_eq!(
        (error.to_string().as_str(), error.hint()),
        ("no template `missing`", Some("add `templates/missing.hbs`"))
    );
}

#[test]
fn an_error_after_else_if_has_its_own_line() {
    let error = outcome("{{#if null}}\nA\n{{else if text}}\n  {{upper 1}}\n{{/if}}");
    assert_eq!(
        error,
        "error: `templates/main.hbs:4:3`: `upper` needs a string as parameter 1, not `1`"
    );
}

#[test]
fn errors_have_the_place_in_the_file_of_the_partial_they_are_in() {
    let folder = SiteFolder::new(&[
        ("templates/main.hbs", "\n{{#if true}}{{> part}}{{/if}}"),
        (
            "templates/deep/part.hbs",
            "---\nx = 1\n---\none\n  {{nosuch 1}}",
        ),
    ]);
    let error = folder
        .render(Value::Null)
        .expect_err("there is no such helper");
    assert_eq!(
        error.to_string(),
        "`templates/deep/part.hbs:5:3`: no helper `nosuch`"
    );
    assert_eq!(
        (error.path(), error.line(), error.column()),
        (Some("templates/deep/part.hbs"), Some(5), Some(3))
    );
    assert_eq!(error.message(), "no helper `nosuch`");
    assert!(
        error
            .hint()
            .is_some_and(|hint| hint.contains("scripts/nosuch.rhai"))
    );
}

/// Parts of templates whose white space depends on what is around them.
#[test]
fn errors_in_a_long_template_have_their_line() {
    let filler = "some text that is long enough, with {{x}} in it\n".repeat(40);
    let inner = format!(
        "{filler}{{{{#if true}}}}\n{filler}  {{{{nosuch 1}}}}\n{filler}{{{{/if}}}}\n{filler}"
    );
    let source = format!(
        "{filler}{{{{#if true}}}}\n{filler}{{{{else}}}}\n{{{{/if}}}}\n{{{{#with this}}}}\n{inner}{{{{/with}}}}\n"
    );
    let line = source
        .lines()
        .position(|line| line.contains("nosuch"))
        .expect("it is there")
        + 1;
    let error = SiteFolder::with_main(&source)
        .render(json!({"x": 1}))
        .expect_err("there is no such helper");
    assert_eq!((error.line(), error.column()), (Some(line), Some(3)));
    let broken = source.replace("{{nosuch 1}}", "{{nosuch .1}}");
    let error = SiteFolder::with_main(&broken)
        .load("main")
        .expect_err("it does not parse");
    assert_eq!(error.line(), Some(line));
}

#[test]
fn what_is_wrong_with_a_template_is_said_in_one_line() {
    for (template, expected) in [
        (
            "a\n{{#if x}} never closed",
            "`templates/main.hbs:2:23`: invalid Handlebars syntax",
        ),
        (
            "{{#if x}}{{/each}}",
            "`templates/main.hbs:1:10`: helper `if` was opened, but `each` is closing",
        ),
        (
            "{{.x}}",
            "`templates/main.hbs:1:3`: invalid Handlebars syntax",
        ),
        (
            "{{#object}}x{{/object}}",
            "`templates/main.hbs:1:1`: no helper `object`",
        ),
        (
            "{{upper (nosuch 1)}}",
            "`templates/main.hbs:1:1`: no helper `nosuch`",
        ),
        (
            "{{> main}}",
            "`templates/main.hbs:1:1`: a template cannot include itself",
        ),
        (
            "{{list.k}}",
            "`templates/main.hbs:1:1`: an array has no fields, only indices such as `.[0]`",
        ),
    ] {
        assert_eq!(
            outcome(template),
            format!("error: {expected}"),
            "{template}"
        );
    }
}

#[test]
fn a_block_that_is_never_closed_is_named() {
    for (file, hint) in [
        (
            "a\n{{#if x}}\n",
            Some("`{{#if}}` on line 2 is never closed"),
        ),
        (
            "---\n---\n{{#if x}}{{/if}}{{#each y}}{{~#with}}z{{/with}}",
            Some("`{{#each}}` on line 3 is never closed"),
        ),
        (
            "{{#> layout}}{{! {{#if}} }}",
            Some("`{{#layout}}` on line 1 is never closed"),
        ),
        ("{{.x}}", None),
    ] {
        let error = SiteFolder::with_main(file)
            .load("main")
            .expect_err("it does not parse");
        assert_eq!(error.hint(), hint, "{file}");
    }
}
