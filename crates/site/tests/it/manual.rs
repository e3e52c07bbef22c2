//! What the manual of this repository says of helpers and dates is so: its examples, each rendered.

use std::fs;
use std::path::PathBuf;

use crate::requests::{SETTINGS, outcome, request};
use crate::site_folder::SiteFolder;

#[test]
fn every_example_of_a_helper_writes_what_the_manual_says() {
    let manual = read("helpers.md");
    let (_, after) = manual.split_once("```toml\n").expect("it shows a head");
    let (head, _) = after.split_once("```").expect("the block ends");
    let page = format!("published = true\n{head}\n---\n");
    let examples: Vec<_> = rows(&manual)
        .filter(|(example, _)| example.starts_with("{{"))
        .collect();
    assert!(examples.len() > 40, "only {} examples", examples.len());
    for (example, expected) in examples {
        let folder = SiteFolder::new(&[
            SETTINGS,
            ("templates/main.hbs", example),
            ("content/a.md", &page),
        ]);
        let expected = (200, expected.to_owned());
        assert_eq!(outcome(&folder, &request("/a")), expected, "{example}");
    }
}

#[test]
fn every_form_of_a_date_in_the_manual_is_one() {
    let manual = read("writing.md");
    let forms = rows(&manual).filter(|(form, _)| form.starts_with("date = "));
    let mut dates = Vec::new();
    for (form, _) in forms {
        let folder = SiteFolder::new(&[
            SETTINGS,
            ("templates/main.hbs", "{{page.head.date}}"),
            (
                "content/a.md",
                &format!("title = \"a\"\npublished = true\n{form}\n---\n"),
            ),
        ]);
        dates.push(outcome(&folder, &request("/a")).1);
    }
    let morning = "2026-11-20T09:00:00Z";
    let midnight = "2026-11-20T00:00:00Z";
    assert_eq!(dates, [morning, morning, morning, midnight]);
}

/// A page of the manual.
fn read(name: &str) -> String {
    // At run time, since two checkouts may share one target folder.
    let folder = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs this"));
    let path = folder.join("../../content").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The first two cells of the rows of tables: code, and code or the word "nothing".
fn rows(manual: &str) -> impl Iterator<Item = (&str, &str)> {
    manual.lines().filter_map(|line| {
        let (first, second) = line.strip_prefix("| `")?.split_once(" | ")?;
        let first = first.split('`').next()?;
        let second = second.strip_suffix(" |")?;
        let second = if second == "nothing" {
            ""
        } else {
            second.trim_matches('`')
        };
        Some((first, second))
    })
}
