//! A site looked at as a whole, for who checks it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::DateTime;
use site::survey::{Demand, Kind, Survey};
use site::{PageRequest, Settings, Site, Surroundings};

use crate::site_folder::SiteFolder;

const SETTINGS: (&str, &str) = ("config/site.toml", "title = \"T\"\n");

fn survey(files: &[(&str, &str)], templates: &[&str], bodies: &[&str]) -> Survey {
    let folder = SiteFolder::new(&[&[SETTINGS], files].concat());
    let demand = Demand {
        templates: templates.iter().copied().collect(),
        bodies: bodies.to_vec(),
    };
    let site = Site::open(folder.root()).expect("the settings are right");
    site.survey(&demand)
}

fn unused(survey: &Survey) -> Vec<(&str, Kind)> {
    let unused = survey.unused.iter();
    unused.map(|it| (it.path.as_str(), it.kind)).collect()
}

#[test]
fn what_no_page_comes_to_is_unused() {
    let survey = survey(
        &[
            (
                "templates/main.hbs",
                "{{> parts/nav}}{{#if a}}{{shout b}}{{/if}}",
            ),
            ("templates/parts/nav.hbs", "{{> deep}}"),
            ("templates/parts/deep.hbs", "{{len (count this)}}"),
            ("templates/old.hbs", "{{> older}}"),
            ("templates/older.hbs", "{{whisper this}}"),
            ("scripts/shout.rhai", "1"),
            ("scripts/count.rhai", "1"),
            ("scripts/whisper.rhai", "1"),
            ("shortcodes/note.rhai", "1"),
            ("shortcodes/box.rhai", "1"),
        ],
        &["main"],
        &["text {{note \"a\"}}"],
    );
    assert_eq!(
        unused(&survey),
        [
            ("templates/old.hbs", Kind::Template),
            ("templates/older.hbs", Kind::Template),
            ("scripts/whisper.rhai", Kind::Script),
            ("shortcodes/box.rhai", Kind::Shortcode),
        ]
    );
    assert_eq!(survey.faults, []);
}

#[test]
fn a_partial_whose_name_is_computed_may_be_any() {
    let survey = survey(
        &[
            ("templates/main.hbs", "{{> (lookup page \"part\")}}"),
            ("templates/one.hbs", "{{shout 1}}"),
            ("scripts/shout.rhai", "1"),
        ],
        &["main"],
        &[],
    );
    assert_eq!(unused(&survey), []);
}

#[test]
fn what_does_not_compile_is_told_with_its_line() {
    let survey = survey(
        &[
            ("templates/main.hbs", "a\n{{#if}}"),
            ("scripts/bad.rhai", "let a = 1;\nlet = 2;"),
            ("shortcodes/bad.rhai", "("),
        ],
        &["main"],
        &[],
    );
    let places: BTreeSet<_> = survey
        .faults
        .iter()
        .map(|fault| (fault.path.as_deref().unwrap(), fault.line))
        .collect();
    assert_eq!(places.len(), 3, "{places:?}");
    assert!(
        places.contains(&("scripts/bad.rhai", Some(2))),
        "{places:?}"
    );
}

#[test]
fn partials_that_are_missing_are_told_unless_something_stands_in() {
    let survey = survey(
        &[(
            "templates/main.hbs",
            "{{#*inline \"own\"}}x{{/inline}}{{> own}}{{> gone}}{{#> frame}}stands in{{> @partial-block}}{{/frame}}",
        )],
        &["main"],
        &[],
    );
    let missing: Vec<_> = survey
        .missing_partials
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    assert_eq!(missing, ["gone"]);
}

#[test]
fn templates_that_list_pages_and_get_none_are_told() {
    let survey = survey(
        &[
            ("templates/main.hbs", "{{page.head.title}}"),
            ("templates/blog.hbs", "{{> list}}"),
            ("templates/list.hbs", "{{#each site.pages}}x{{/each}}"),
        ],
        &["main", "blog"],
        &[],
    );
    assert_eq!(survey.without_pages, ["blog"]);
}

#[test]
fn keys_that_mean_nothing_have_lines() {
    for (text, expected) in [
        ("title = \"T\"\ndraft = true\n---\nx", vec![("draft", 2)]),
        (
            "---\ntitle = \"T\"\n[extra]\na = 1\n[other]\nb = 1\n---\n",
            vec![("other", 5)],
        ),
        (
            "title = \"T\"\r\nslug = 1\r\nweight = 2\r\n---\r\n",
            vec![("slug", 2), ("weight", 3)],
        ),
        ("no head", vec![]),
        ("title = \n---\n", vec![]),
    ] {
        let keys = site::ignored_keys(text);
        let keys: Vec<_> = keys
            .iter()
            .map(|(key, line)| (key.as_str(), *line))
            .collect();
        assert_eq!(keys, expected, "{text}");
    }
    let keys =
        Settings::ignored_keys("title = \"T\"\ncontent_encoding = \"gzip\"\n[extra]\nx = 1\n");
    assert_eq!(keys, [("content_encoding".to_owned(), 2)]);
}

#[test]
fn links_have_the_lines_of_their_sources() {
    let folder = SiteFolder::new(&[
        SETTINGS,
        (
            "content/docs/a.md",
            "title = \"A\"\n---\n[b](b.md)\n\n![i](i.png) <https://x.test>\n[c][c]\n\n[c]: ../c.md#d\n",
        ),
        (
            "content/lent.md",
            "title = \"L\"\nbody_source = \"/docs/a\"\n---\n",
        ),
    ]);
    let site = Site::open(folder.root()).unwrap();
    for (path_info, expected) in [
        ("/docs/a", ["/docs/b", "i.png", "https://x.test", "/c#d"]),
        ("/lent", ["/b", "i.png", "https://x.test", "/../c#d"]),
    ] {
        let request = PageRequest {
            path_info: path_info.to_owned(),
            environment: BTreeMap::new(),
            ..PageRequest::default()
        };
        let now = DateTime::UNIX_EPOCH;
        let links = site.written_links(&request, &Arc::new(Surroundings::new(now, || 4)));
        assert!(links.iter().all(|link| link.path == "content/docs/a.md"));
        let lines: Vec<_> = links.iter().map(|link| link.line).collect();
        assert_eq!(lines, [3, 5, 5, 6], "{path_info}");
        let destinations: Vec<_> = links.iter().map(|link| link.destination.as_str()).collect();
        assert_eq!(destinations[..3], expected[..3], "{path_info}");
    }
    let request = PageRequest {
        path_info: "/docs/a".to_owned(),
        ..PageRequest::default()
    };
    assert_eq!(site.source(&request).as_deref(), Some("content/docs/a.md"));
}
