//! The examples of the CommonMark specification 0.31.2, through the options that bodies are rendered with.
//!
//! The specification is not part of the project: `cargo xtask test` fetches it and says where it is.

use std::env;
use std::fs;
use std::io::{Write, stdout};

use site::{HeadingIds, Links, render_markdown};

use crate::golden::markup;

/// Where the text of the specification is.
const SPECIFICATION: &str = "COMMONMARK_SPEC";
const EXAMPLES: usize = 652;

/// The examples that have typographic quotes and dashes where the specification has plain ones: existing sites are
/// written for that.
const TYPOGRAPHIC: &[usize] = &[
    14, 46, 55, 87, 91, 106, 197, 209, 210, 343, 352, 359, 363, 380, 385, 395, 508, 590, 619, 620,
    622, 624, 626, 632, 650,
];
/// The other examples that come out otherwise on purpose, and why.
const DIFFERENT: &[(usize, &str)] = &[(
    484,
    "a link to the file of a page becomes one to its address, without `./` and `.md`",
)];

/// An example as the specification writes it: what is rendered, and to what.
struct Example {
    markdown: String,
    html: String,
}

#[test]
fn every_example_of_commonmark_is_rendered_as_specified_or_differs_by_design() {
    let Some(path) = env::var_os(SPECIFICATION) else {
        // Past the capture of the test runner, so that it is seen and counted.
        writeln!(
            stdout(),
            "\nskipped: every_example_of_commonmark_is_rendered_as_specified_or_differs_by_design: no `{SPECIFICATION}`"
        )
        .expect("stdout is open");
        return;
    };
    let text = fs::read_to_string(path).expect("the specification is text");
    let examples = examples(&text);
    assert_eq!(examples.len(), EXAMPLES);
    let mut faults = String::new();
    for (number, example) in (1..).zip(&examples) {
        let found = outcome(example);
        let expected = expected(number);
        if found != expected {
            faults.push_str(&format!(
                "\nexample {number} is {found:?}, not {expected:?}: {:?} became {:?}",
                example.markdown,
                rendered(example)
            ));
        }
    }
    assert!(faults.is_empty(), "{faults}");
}

/// How an example comes out.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    AsSpecified,
    /// As specified, but for typographic characters.
    Typographic,
    Different,
}

fn expected(number: usize) -> Outcome {
    if TYPOGRAPHIC.contains(&number) {
        Outcome::Typographic
    } else if DIFFERENT.iter().any(|(example, _)| *example == number) {
        Outcome::Different
    } else {
        Outcome::AsSpecified
    }
}

fn outcome(example: &Example) -> Outcome {
    let specified = markup::html(&example.html);
    let rendered = rendered(example);
    if markup::html(&rendered) == specified {
        Outcome::AsSpecified
    } else if markup::html(&without_typography(&rendered)) == specified {
        Outcome::Typographic
    } else {
        Outcome::Different
    }
}

/// With the rules for bodies in lists, as those for pages that are shown make all links absolute.
fn rendered(example: &Example) -> String {
    render_markdown(&example.markdown, Links::Listed, HeadingIds::Written)
}

fn without_typography(html: &str) -> String {
    html.replace(['\u{201c}', '\u{201d}'], "&quot;")
        .replace(['\u{2018}', '\u{2019}'], "'")
        .replace('\u{2014}', "---")
        .replace('\u{2013}', "--")
}

/// Each is a fence of 32 backticks, in which a line of `.` stands between Markdown and HTML and `→` for a tab.
fn examples(specification: &str) -> Vec<Example> {
    let fence = "`".repeat(32);
    let start = format!("\n{fence} example\n");
    let end = format!("\n{fence}\n");
    let blocks = specification.split(&start).skip(1);
    blocks
        .map(|block| {
            let (example, _) = block.split_once(&end).expect("the fence is closed");
            let example = format!("\n{}\n", example.replace('→', "\t"));
            let (markdown, html) = example.split_once("\n.\n").expect("both parts are there");
            Example {
                markdown: format!("{}\n", markdown.strip_prefix('\n').unwrap_or("")),
                html: html.to_owned(),
            }
        })
        .collect()
}
