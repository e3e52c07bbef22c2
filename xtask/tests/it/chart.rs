//! What people forget of the chart: versions that must agree, files that are written from `values.yaml`, values that the manual names.

use std::collections::BTreeSet;
use std::fs;

use xtask::chart_docs;

use crate::tidy::root;

/// Pages that name values of the chart.
const PAGES: [&str; 3] = ["caches", "chart", "flux"];

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("`{path}`: {error}"))
}

fn values() -> Vec<chart_docs::Entry> {
    chart_docs::entries(&root()).unwrap()
}

/// The texts between single backticks.
fn code(page: &str) -> impl Iterator<Item = &str> {
    page.lines()
        .filter(|line| !line.starts_with("```"))
        .flat_map(|line| line.split('`').skip(1).step_by(2))
}

#[test]
fn the_site_has_one_version_in_all_its_places() {
    let manifest: toml::Value = toml::from_str(&read("spin.toml")).unwrap();
    let version = manifest["application"]["version"].as_str().unwrap();
    let tag = values()
        .into_iter()
        .find(|entry| entry.name() == "image.tag");
    let tag = tag.and_then(|entry| entry.default).unwrap();
    assert_eq!(
        chart_docs::app_version(&root()).unwrap(),
        version,
        "`appVersion`"
    );
    assert_eq!(tag.trim_matches('"'), version, "`image.tag`");
}

#[test]
fn what_is_written_from_the_values_is_current() {
    for (name, text) in chart_docs::generate(&root()).unwrap() {
        assert!(
            read(&format!("{}/{name}", chart_docs::CHART)) == text,
            "`{name}` is not current: run `cargo xtask chart docs`"
        );
    }
}

#[test]
fn a_value_that_the_tables_could_not_show_is_an_error() {
    let cases = [
        (
            "## A\n\nfirst: 1\n",
            "values.yaml:3: no comment above `first`",
        ),
        ("# One.\nfirst: 1\n", "above the first heading"),
        (
            "## A\n# One.\nfirst: 1\n    # Two.\n    second: 2\n",
            "values.yaml:5: `second` is indented too far",
        ),
        (
            "## A\n# One.\nfirst:\n  - item\n",
            "values.yaml:4: not one key a line",
        ),
    ];
    for (text, expected) in cases {
        let error = chart_docs::parse(text).unwrap_err();
        assert!(format!("{error:#}").contains(expected), "{error:#}");
    }
}

#[test]
fn a_value_has_its_heading_its_place_and_its_comment() {
    let text = "# Of the file.\n\n## A\n\n# A map.\nouter:\n  # Two\n  # lines.\n  inner: [1]\n## B\n# Last.\nlast: x\n";
    let entries = chart_docs::parse(text).unwrap();
    let found: Vec<_> = entries
        .iter()
        .map(|entry| {
            let default = entry.default.as_deref();
            (
                entry.section.as_str(),
                entry.name(),
                entry.description.as_str(),
                default,
            )
        })
        .collect();
    let expected = [
        ("A", "outer".to_owned(), "A map.", None),
        ("A", "outer.inner".to_owned(), "Two lines.", Some("[1]")),
        ("B", "last".to_owned(), "Last.", Some("x")),
    ];
    assert_eq!(found, expected);
}

#[test]
fn every_value_that_the_manual_names_exists() {
    let values = values();
    let names: BTreeSet<String> = values.iter().map(chart_docs::Entry::name).collect();
    let groups: BTreeSet<&str> = values.iter().map(|entry| entry.path[0].as_str()).collect();
    let mut seen = 0;
    for page in PAGES {
        let text = read(&format!("content/{page}.md"));
        for word in code(&text) {
            let name = word.split(':').next().unwrap_or_default();
            let Some((group, _)) = name.split_once('.') else {
                continue;
            };
            let is_host = name.contains("example");
            if groups.contains(group) && !is_host && !name.contains([' ', '/']) {
                assert!(names.contains(name), "{page}: `{name}` does not exist");
                seen += 1;
            }
        }
    }
    assert!(seen > 30, "{seen}");
}
