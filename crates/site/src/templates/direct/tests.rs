//! What is compiled here is what the parser gives.

use std::path::Path;

use handlebars::Template;
use walkdir::WalkDir;

use super::compile;

/// Parts that random sources are made of.
const PARTS: [&str; 60] = [
    "{{",
    "}}",
    "{{{",
    "}}}",
    "{{#",
    "{{/",
    "{{>",
    "{{else}}",
    "{{^}}",
    "{{~",
    "~}}",
    "\\",
    "(",
    ")",
    " ",
    " ",
    "\n",
    "\n  ",
    "\t",
    "text",
    "é\u{2028}",
    "\"str'ing\"",
    "'qu\"ote'",
    "x=",
    "as |a|",
    "as |a b|",
    "12",
    "-1",
    "0.5",
    "1e3",
    "true",
    "null",
    "else",
    "as",
    "page.head.title",
    "../x",
    "@index",
    "this",
    "this.y",
    ".",
    "..",
    "a[0]",
    "a.[b c]",
    "if",
    "{{#if x}}",
    "{{#each site.pages as |p|}}",
    "{{/if}}",
    "{{/each}}",
    "{{x}}",
    "{{{y.z}}}",
    "{{> nav}}",
    "{{> a/b.c x=1}}",
    "{{else if (eq a \"b\")}}",
    "{{! note }}",
    "{{!-- long }} note --}}",
    "{{!--",
    "--}}",
    "{{f (g h) i=(j k=2)}}",
    "\n{{#if a}}\n",
    "\n{{/if}}\n",
];

#[track_caller]
fn check(source: &str) -> bool {
    let Some(compiled) = compile(source) else {
        return false;
    };
    match Template::compile(source) {
        Ok(expected) => assert_eq!(compiled, expected, "{source:?}"),
        Err(error) => panic!("{source:?} has a mistake: {error}"),
    }
    true
}

#[test]
fn common_templates_need_no_parser() {
    for source in [
        "",
        " \n",
        "just text, { braces } and \\ a backslash",
        "<h1>{{page.head.title}}</h1>\n  {{{ page.body }}}\n",
        "{{#if a}}\n  b\n{{else}}\n  c\n{{/if}}\n",
        "  {{#each (sort site.pages by='date') as |page key|}} {{key}}\n\t{{/each}}\n",
        "{{#if a}}b{{else if (gt c 10)}}d{{else}}e{{/if}}",
        "\n  {{> partials/nav at=\"top\" deep=true}}  \n{{>nav}}",
        "{{! one }}\n{{!-- }} two --}}\nx {{!--three--}} y",
        "{{date_format \"%Y\" date=page.head.date}} {{@index}} {{../x}} {{this}}",
        "é{{a}}é\né {{b}}{{c}} \n",
    ] {
        assert!(check(source), "{source:?}");
    }
}

#[test]
fn what_is_uncommon_is_left_to_the_parser() {
    for source in [
        "\\{{x}}",
        "{{~x~}}",
        "{{{{raw}}}}{{{{/raw}}}}",
        "{{#> layout}}{{/layout}}",
        "{{#*inline \"x\"}}{{/inline}}",
        "{{x.[y z]}}",
        "{{#if x}}",
        "{{/if}}",
        "{{#if x}}{{/each}}",
        "{{else}}",
        "{{x",
        "{{}}",
        "{{#if x}}{{else}}{{else}}{{/if}}",
        "a\r\nb",
    ] {
        assert!(!check(source), "{source:?}");
    }
}

#[test]
fn templates_of_this_repository_come_out_the_same() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../templates");
    let files = WalkDir::new(root).into_iter().filter_map(Result::ok);
    let sources = files
        .filter(|file| file.file_type().is_file())
        .map(|file| std::fs::read_to_string(file.path()).expect("a template is text"));
    let direct = sources.filter(|source| check(source)).count();
    assert!(direct > 10, "{direct}");
}

#[test]
fn random_templates_come_out_the_same() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).expect("31 bits") % below
    };
    let mut direct = 0;
    for _ in 0..50_000 {
        let length = 1 + next(12);
        let source: String = (0..length).map(|_| PARTS[next(PARTS.len())]).collect();
        direct += usize::from(check(&source));
    }
    assert!(direct > 5_000, "{direct}");
}
