//! Templates, scripts and shortcodes.

use super::{expect, findings};

#[test]
fn what_does_not_compile_is_told_once_with_its_line() {
    expect(&[
        // Two pages and the page for what is not found have it.
        (
            &[
                ("templates/main.hbs", "a\n{{#if}}\n"),
                ("content/a.md", "title = \"A\"\n---\n"),
            ],
            &["templates/main.hbs:3 broken-template"],
        ),
        (
            &[("templates/unused.hbs", "\n\n{{/if}}\n")],
            &["templates/unused.hbs:3 broken-template"],
        ),
        (
            &[
                ("scripts/bad.rhai", "let a = 1;\nlet = 2;\n"),
                ("templates/main.hbs", "{{bad 1}}{{{page.body}}}"),
            ],
            &["scripts/bad.rhai:2 broken-script"],
        ),
        (
            &[
                ("shortcodes/bad.rhai", "throw \"no\";"),
                (
                    "content/a.md",
                    "title = \"A\"\nenable_shortcodes = true\n---\n{{bad}}\n",
                ),
            ],
            &["shortcodes/bad.rhai:1 broken-shortcode"],
        ),
    ]);
}

#[test]
fn what_fails_on_a_page_is_told() {
    expect(&[
        (
            &[
                ("scripts/strict.rhai", "params[0].gone.x"),
                ("templates/main.hbs", "{{strict page}}{{{page.body}}}"),
            ],
            &["scripts/strict.rhai:1 broken-script"],
        ),
        (
            &[(
                "content/a.md",
                "title = \"A\"\nenable_shortcodes = true\n---\nx\n{{gone 1}}\n",
            )],
            &["content/a.md:5 broken-page"],
        ),
    ]);
}

#[test]
fn what_nothing_uses_is_told() {
    expect(&[(
        &[
            ("templates/old.hbs", "x"),
            ("scripts/old.rhai", "1"),
            ("shortcodes/old.rhai", "1"),
            // Only where shortcodes are enabled is this one called.
            ("content/a.md", "title = \"A\"\n---\n{{old}}\n"),
        ],
        &[
            "scripts/old.rhai unused-script",
            "shortcodes/old.rhai unused-shortcode",
            "templates/old.hbs unused-template",
        ],
    )]);
}

#[test]
fn settings_and_templates_name_what_there_is() {
    expect(&[
        (
            &[(
                "config/site.toml",
                "title = \"C\"\nindex_site_pages = [\n  \"main\",\n  \"gone\",\n]\n",
            )],
            &["config/site.toml:4 unknown-template"],
        ),
        (
            &[("templates/main.hbs", "a\n{{> gone}}{{{page.body}}}\n")],
            &["templates/main.hbs:2 missing-partial"],
        ),
    ]);
}

#[test]
fn sites_of_early_versions_are_told_what_changed() {
    let list = "{{#each site.pages}}{{this.head.title}}{{/each}}{{{page.body}}}";
    expect(&[
        (
            &[
                ("config/site.toml", "title = \"C\"\n"),
                ("templates/main.hbs", list),
            ],
            &["config/site.toml no-page-list"],
        ),
        (
            &[
                (
                    "config/site.toml",
                    "title = \"C\"\nindex_site_pages = [\"main\"]\n",
                ),
                ("templates/main.hbs", list),
            ],
            &[],
        ),
        (
            &[("templates/main.hbs", "\n{{env.PATH_INFO}}{{{page.body}}}")],
            &["templates/main.hbs:2 old-variable"],
        ),
        (
            &[
                (
                    "config/site.toml",
                    "title = \"C\"\nindex_site_pages = []\nrequest_environment = true\n",
                ),
                ("templates/main.hbs", "{{env.PATH_INFO}}{{{page.body}}}"),
            ],
            &[],
        ),
    ]);
}

#[test]
fn files_of_a_theme_may_be_left_unused() {
    let found = findings(&[
        (
            "config/site.toml",
            "title = \"C\"\nindex_site_pages = []\ntheme = \"t\"\n",
        ),
        ("themes/t/templates/extra.hbs", "x"),
        ("themes/t/scripts/extra.rhai", "1"),
    ]);
    assert_eq!(found, Vec::<String>::new());
}
