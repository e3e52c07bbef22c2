//! What ends a page that would not end by itself: the log says where and why, and other pages do not notice.

use crate::requests::{outcome, request};
use crate::site_folder::SiteFolder;

/// The report of the page that is rendered with `files`, while another page of the site is fine.
fn report(files: &[(&str, &str)]) -> String {
    let folder = SiteFolder::new(&[
        ("config/site.toml", "title = \"a\""),
        ("templates/fine.hbs", "fine"),
        ("content/a.md", ""),
        ("content/b.md", "title = \"b\"\ntemplate = \"fine\"\n---\n"),
    ]);
    for (path, text) in files {
        folder.write(path, text.as_bytes());
    }
    let (status, report) = outcome(&folder, &request("/a"));
    assert_eq!(status, 500, "{files:?}: {report}");
    assert_eq!(outcome(&folder, &request("/b")), (200, "fine".to_owned()));
    report
}

#[test]
fn a_template_without_end_is_stopped() {
    let thousand = format!("split ',' '{}'", ",".repeat(999));
    let loops = format!(
        "<p>\n{{{{#each ({thousand})}}}}{{{{#each ({thousand})}}}}{{{{#each ({thousand})}}}}{{{{/each}}}}{{{{/each}}}}{{{{/each}}}}"
    );
    let output = format!(
        "{{{{#each ({thousand})}}}}\n{{{{#each ({thousand})}}}}{}{{{{/each}}}}{{{{/each}}}}",
        "x".repeat(100)
    );
    for (main, expected) in [
        (
            loops.as_str(),
            "`templates/main.hbs:2:1024`: loops and partials take more than 2000000 turns",
        ),
        (
            &output,
            "`templates/main.hbs:2:1024`: the output is larger than 32 MiB",
        ),
        (
            "\n {{> deeper}}",
            "`templates/again.hbs:1:1`: partials and blocks are more than 256 levels deep in each other",
        ),
        (
            "{{#*inline 'x'}}{{#if true}}{{> x}}{{/if}}{{/inline}}\n{{> x}}",
            "`templates/main.hbs:1:29`: partials and blocks are more than 256 levels deep in each other",
        ),
    ] {
        let report = report(&[
            ("templates/main.hbs", main),
            ("templates/deeper.hbs", "{{> again}}"),
            ("templates/again.hbs", "{{> deeper}}"),
        ]);
        assert_eq!(report, expected);
    }
}

/// Each includes the next one twice.
#[test]
fn partials_that_double_are_stopped() {
    let names: Vec<String> = (0..40)
        .map(|level| format!("templates/p{level}.hbs"))
        .collect();
    let texts: Vec<String> = (1..=40)
        .map(|next| format!("{{{{> p{next}}}}}{{{{> p{next}}}}}"))
        .collect();
    let mut files = vec![("templates/main.hbs", "{{> p0}}")];
    files.extend(
        names
            .iter()
            .map(String::as_str)
            .zip(texts.iter().map(String::as_str)),
    );
    let report = report(&files);
    assert!(
        report.ends_with(": loops and partials take more than 2000000 turns"),
        "{report}"
    );
}

#[test]
fn a_script_without_end_is_stopped() {
    for (source, expected) in [
        (
            "\n while true { }",
            "`scripts/s.rhai:2:13`: Too many operations",
        ),
        (
            "let s = \"x\"; while true { s += s; }",
            "Length of string too large",
        ),
        (
            "let a = [1]; while true { a += a; }",
            "Size of array/BLOB too large",
        ),
        ("fn f(n) { f(n + 1) } f(0)", "Stack overflow"),
        (
            "let a = []; for i in 0..200 { a = [a]; } a",
            "the result is nested more than 128 levels deep",
        ),
    ] {
        let report = report(&[("templates/main.hbs", "{{s}}"), ("scripts/s.rhai", source)]);
        assert!(
            report.starts_with("`scripts/s.rhai") && report.contains(expected),
            "{source}: {report}"
        );
    }
}
