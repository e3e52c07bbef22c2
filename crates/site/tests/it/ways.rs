//! The ways in which a page comes to depend on the request, the clock or chance: all are seen, and no others.

use std::collections::BTreeSet;

use site::{Answer, Dependencies, Key, Lifetime, PageRequest};

use crate::requests::{answer, request, with_headers};
use crate::site_folder::{NOW, SiteFolder};

/// What a page may read, how it reads it in a template, and what follows.
const READINGS: &[(&str, Expected)] = &[
    ("{{request.accept-language}}", Expected::Vary),
    ("{{request.host}}", Expected::Address),
    ("{{request.spin-full-url}}", Expected::Address),
    ("{{request.cookie}}", Expected::Once),
    ("{{#each request}}{{@key}}{{/each}}", Expected::Once),
    ("{{randInt}}", Expected::Once),
    ("{{now '%H:%M'}}", Expected::Minute),
    ("{{clock}}", Expected::Minute),
    ("{{now '%Y'}}", Expected::Day),
    ("{{upper (now '%B')}}", Expected::Day),
    ("{{request.spin-path-info}}", Expected::Release),
    ("{{env.COLOUR}}{{page.head.title}}", Expected::Release),
    ("{{now ''}}", Expected::Release),
];

/// Files of a site in which `READ` stands for a reading, by the way in which the page comes to it.
const WAYS: &[(&str, &[(&str, &str)])] = &[
    ("the template", &[("templates/main.hbs", "READ")]),
    (
        "a branch that is taken",
        &[("templates/main.hbs", "{{#if page}}READ{{/if}}")],
    ),
    (
        "a partial",
        &[
            ("templates/main.hbs", "{{> p}}"),
            ("templates/p.hbs", "READ"),
        ],
    ),
    (
        "a partial of a partial, found by its path",
        &[
            ("templates/main.hbs", "{{> p}}"),
            ("templates/p.hbs", "{{> deep/q}}"),
            ("templates/deep/q.hbs", "READ"),
        ],
    ),
    (
        "a partial that takes a value by name",
        &[
            ("templates/main.hbs", "{{> p x=1}}"),
            ("templates/p.hbs", "READ"),
        ],
    ),
    (
        "an inline partial",
        &[(
            "templates/main.hbs",
            "{{#*inline 'p'}}READ{{/inline}}{{> p}}",
        )],
    ),
    (
        "the block of a partial",
        &[
            ("templates/main.hbs", "{{#> p}}READ{{/p}}"),
            ("templates/p.hbs", "<b>{{> @partial-block}}</b>"),
        ],
    ),
    (
        "the block for a partial that is missing",
        &[("templates/main.hbs", "{{#> p}}READ{{/p}}")],
    ),
    (
        "the layout of a theme",
        &[
            ("config/site.toml", "title = \"a\"\ntheme = \"t\""),
            ("themes/t/templates/main.hbs", "{{> layout/frame}}"),
            ("themes/t/templates/layout/frame.hbs", "READ"),
        ],
    ),
    (
        "a partial of the site in the layout of a theme",
        &[
            ("config/site.toml", "title = \"a\"\ntheme = \"t\""),
            ("themes/t/templates/main.hbs", "{{> p}}"),
            ("themes/t/templates/p.hbs", "theme"),
            ("templates/p.hbs", "READ"),
        ],
    ),
];

/// What follows from a reading.
#[derive(Debug, Clone, Copy)]
enum Expected {
    Release,
    Vary,
    Address,
    Once,
    Minute,
    Day,
}

impl Expected {
    fn dependencies(self) -> Dependencies {
        let now: chrono::DateTime<chrono::Utc> = NOW.parse().expect("it is a date");
        let midnight = "2024-05-07T00:00:00Z".parse().expect("it is a date");
        Dependencies {
            lifetime: match self {
                Self::Once => Lifetime::Once,
                Self::Minute => Lifetime::Until(now + chrono::TimeDelta::seconds(60)),
                Self::Day => Lifetime::Until(midnight),
                Self::Release | Self::Vary | Self::Address => Lifetime::Release,
            },
            key: match self {
                Self::Address => Key::Address,
                _ => Key::Path,
            },
            vary: match self {
                Self::Vary => BTreeSet::from(["accept-language".to_owned()]),
                _ => BTreeSet::new(),
            },
        }
    }
}

fn asked() -> PageRequest {
    let headers = [
        ("accept-language", "en"),
        ("cookie", "a=b"),
        ("host", "example.org"),
        ("spin-full-url", "http://example.org/a"),
        ("spin-path-info", "/a"),
    ];
    with_headers(request("/a"), &headers)
}

fn dependencies(files: &[(&str, &str)]) -> Dependencies {
    let folder = SiteFolder::new(&[
        (
            "config/site.toml",
            "title = \"a\"\nindex_site_pages = [\"main\"]",
        ),
        (
            "content/a.md",
            "title = \"a\"\n[extra]\npartial = \"p\"\n---\n",
        ),
        ("scripts/clock.rhai", "current_date()"),
        ("scripts/echo.rhai", "params[0]"),
    ]);
    for (path, text) in files {
        folder.write(path, text.as_bytes());
    }
    match answer(&folder, &asked()) {
        Answer::Page { dependencies, .. } => dependencies,
        other => panic!("{files:?}: {other:?}"),
    }
}

#[test]
fn a_reading_counts_the_same_whichever_way_the_page_comes_to_it() {
    for (way, files) in WAYS {
        for (reading, expected) in READINGS {
            let files: Vec<(&str, String)> = files
                .iter()
                .map(|(path, text)| (*path, text.replace("READ", reading)))
                .collect();
            let files: Vec<(&str, &str)> = files
                .iter()
                .map(|(path, text)| (*path, text.as_str()))
                .collect();
            assert_eq!(
                dependencies(&files),
                expected.dependencies(),
                "{reading} by way of {way}"
            );
        }
    }
}

#[test]
fn a_field_of_the_request_is_found_by_whatever_name() {
    for (template, expected) in [
        ("{{@root.request.accept-language}}", Expected::Vary),
        (
            "{{request/accept-language}}{{request.[accept-language]}}",
            Expected::Vary,
        ),
        (
            "{{#with page.head}}{{@root.request.accept-language}}{{/with}}",
            Expected::Vary,
        ),
        (
            "{{#with page.head}}{{../request.accept-language}}{{/with}}",
            Expected::Vary,
        ),
        (
            "{{#each page}}{{#each this}}{{../../request.host}}{{/each}}{{/each}}",
            Expected::Address,
        ),
        (
            "{{#with request}}{{accept-language}}{{/with}}",
            Expected::Vary,
        ),
        (
            "{{#with request as |r|}}{{r.accept-language}}{{/with}}",
            Expected::Vary,
        ),
        ("{{lookup request 'accept-language'}}", Expected::Vary),
        (
            "{{lookup (lookup this 'request') 'accept-language'}}",
            Expected::Vary,
        ),
        ("{{lookup request page.head.title}}", Expected::Once),
        ("{{echo request.accept-language}}", Expected::Vary),
        ("{{echo 1 x=request.accept-language}}", Expected::Vary),
        (
            "{{#each (echo request.accept-language)}}{{/each}}",
            Expected::Vary,
        ),
        ("{{echo request}}", Expected::Once),
        ("{{echo 1 x=request}}", Expected::Once),
        ("{{echo this}}", Expected::Once),
        // On its own it is nothing to Handlebars.
        ("{{echo @root}}", Expected::Release),
        ("{{#if (eq (len request) 1)}}{{/if}}", Expected::Once),
        ("{{echo page}}{{echo site}}{{echo env}}", Expected::Release),
        ("{{echo request.spin-path-info}}", Expected::Release),
        ("{{request.spin-path-match-lang}}", Expected::Release),
        ("{{request.spin-client-addr}}", Expected::Once),
        ("{{request.a-header-of-a-later-spin}}", Expected::Vary),
    ] {
        let expected = match (template.contains("later"), expected) {
            (true, expected) => Dependencies {
                vary: BTreeSet::from(["a-header-of-a-later-spin".to_owned()]),
                ..expected.dependencies()
            },
            (false, expected) => expected.dependencies(),
        };
        assert_eq!(
            dependencies(&[("templates/main.hbs", template)]),
            expected,
            "{template}"
        );
    }
}

#[test]
fn when_the_partial_is_not_known_the_whole_request_counts_as_read() {
    for (name, text) in [
        ("(lookup page.head.extra 'partial')", "fixed"),
        ("(echo 'p')", "{{request.host}}"),
        ("(echo 'p')", "{{now '%Y'}}"),
    ] {
        let files = [
            ("templates/main.hbs", format!("{{{{> {name}}}}}")),
            ("templates/p.hbs", text.to_owned()),
        ];
        let files = files.each_ref().map(|(path, text)| (*path, text.as_str()));
        let found = dependencies(&files);
        assert_eq!(found.lifetime, Lifetime::Once, "{name}: {text}");
    }
}

#[test]
fn bodies_read_the_clock_through_shortcodes() {
    let shown = |body: &str| format!("title = \"a\"\nenable_shortcodes = true\n---\n{body}");
    for (body, expected) in [
        ("{{now '%H'}}", Expected::Minute),
        ("{{hour}}", Expected::Minute),
        ("{{now '%Y'}}", Expected::Day),
        ("{{randInt}}", Expected::Once),
        ("{{upper 'x'}}{{fixed}}", Expected::Release),
        // A body has no context, so this is empty.
        ("{{request.cookie}}", Expected::Release),
    ] {
        let shortcodes = [
            ("shortcodes/hour.rhai", "current_date()"),
            ("shortcodes/fixed.rhai", "\"x\""),
        ];
        let template = ("templates/main.hbs", "{{{page.body}}}");
        let content = shown(body);
        let [hour, fixed] = shortcodes;
        assert_eq!(
            dependencies(&[hour, fixed, template, ("content/a.md", &content)]),
            expected.dependencies(),
            "{body} in the page"
        );
        let listing = (
            "templates/main.hbs",
            "{{#each site.pages}}{{{body}}}{{/each}}",
        );
        assert_eq!(
            dependencies(&[hour, fixed, listing, ("content/b.md", &content)]),
            expected.dependencies(),
            "{body} in a page that is listed"
        );
        let source = (
            "content/a.md",
            "title = \"a\"\nenable_shortcodes = true\nbody_source = \"b\"\n---\n",
        );
        assert_eq!(
            dependencies(&[hour, fixed, template, source, ("content/b.md", &content)]),
            expected.dependencies(),
            "{body} in the body of another page"
        );
    }
}

/// What nearly every site has.
#[test]
fn a_menu_and_a_year_leave_a_page_good_for_the_day() {
    let files = [
        (
            "templates/main.hbs",
            "{{> head}}<nav>{{#each (menu site.pages)}}{{#if (eq uri @root.request.spin-path-info)}}here{{/if}}{{/each}}</nav>\
             {{{page.body}}}{{> footer}}",
        ),
        (
            "templates/head.hbs",
            "<title>{{page.head.title}} | {{site.info.title}}</title>{{#if env.SHOW_DEBUG}}{{request.cookies}}{{/if}}",
        ),
        ("templates/footer.hbs", "&copy; {{now '%Y'}}"),
        (
            "scripts/menu.rhai",
            "let found = []; for key in params[0].keys() { found.push(#{uri: key.sub_string(8)}); } found",
        ),
    ];
    let mut expected = Expected::Day.dependencies();
    // A debugging aid that is switched off, yet a header of that name may be read.
    expected.vary.insert("cookies".to_owned());
    assert_eq!(dependencies(&files), expected);
}

#[test]
fn what_looks_like_a_reading_and_is_none_costs_nothing() {
    for template in [
        "{{! request.cookie }}{{!-- {{randInt}} --}}",
        "\\{{request.cookie}}{{{{raw}}}}{{now '%H'}}{{{{/raw}}}}",
        "{{page.request.cookie}}{{site.info.extra.request}}",
        "{{#with page}}{{request.cookie}}{{/with}}",
        "{{#if false}}{{now '%H'}}{{randInt}}{{/if}}",
        "{{> missing request}}",
        "{{#*inline 'unused'}}{{request.cookie}}{{/inline}}",
        "{{date_format '%H:%M' '2024-05-06T07:08:09Z'}}",
    ] {
        assert_eq!(
            dependencies(&[
                ("templates/main.hbs", template),
                ("templates/other.hbs", "{{request.cookie}}{{randInt}}"),
            ]),
            Expected::Release.dependencies(),
            "{template}"
        );
    }
}
