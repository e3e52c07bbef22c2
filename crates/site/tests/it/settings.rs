//! `config/site.toml` and what templates see of it.

use site::{Site, SiteError};

use crate::requests::{outcome, request, with_variable};
use crate::site_folder::SiteFolder;

#[test]
fn templates_see_every_setting_and_null_for_what_is_absent() {
    let all = "{{#each site.info}}{{@key}}={{this}};{{/each}}";
    for (settings, want) in [
        (
            "title = \"a\"",
            "about=;base_url=;dynamic_templates=;extra=[object];index_site_pages=;logo=;prepend_route_info=false;\
             theme=;title=a;",
        ),
        (
            "title = \"a\"\nlogo = \"l\"\nabout = \"b\"\nbase_url = \"u\"\nindex_site_pages = [\"x\"]\nunknown = 1\n\
             prepend_route_info = true\n[[dynamic_templates]]\ndynamic_content_url = \"1\"\n\
             dynamic_content_path = \"2\"\ndynamic_template_name = \"3\"\n",
            "about=b;base_url=u;dynamic_templates=[[object], ];extra=[object];index_site_pages=[x, ];logo=l;\
             prepend_route_info=true;theme=;title=a;",
        ),
    ] {
        let folder = SiteFolder::new(&[
            ("config/site.toml", settings),
            ("templates/main.hbs", all),
            ("content/index.md", ""),
        ]);
        assert_eq!(
            outcome(&folder, &request("/")),
            (200, want.to_owned()),
            "{settings}"
        );
    }
}

#[test]
fn the_environment_can_say_another_base_url_even_an_empty_one() {
    let folder = SiteFolder::new(&[
        ("config/site.toml", "title = \"a\"\nbase_url = \"settings\""),
        ("templates/main.hbs", "[{{site.info.base_url}}]"),
        ("content/index.md", ""),
    ]);
    for (value, want) in [("environment", "[environment]"), ("", "[]")] {
        let request = with_variable(request("/"), "BASE_URL", value);
        assert_eq!(outcome(&folder, &request), (200, want.to_owned()));
    }
    assert_eq!(
        outcome(&folder, &request("/")),
        (200, "[settings]".to_owned())
    );
}

#[test]
fn a_mistake_in_the_settings_is_told_with_its_line() {
    for (settings, want) in [
        (
            "title = \"a\"\nlogo = 1",
            "config/site.toml:2: invalid type: integer `1`, expected a string",
        ),
        (
            "[extra]\na = 1",
            "config/site.toml:1: the site has no `title`",
        ),
        ("title = a", "config/site.toml:1: "),
    ] {
        let folder = SiteFolder::new(&[("config/site.toml", settings)]);
        let error = Site::open(folder.root()).expect_err("there is a mistake");
        assert!(error.to_string().starts_with(want), "{error}, want {want}");
    }
}

#[test]
fn a_site_without_settings_does_not_open() {
    let folder = SiteFolder::new(&[("content/index.md", "")]);
    let error = Site::open(folder.root()).expect_err("there are no settings");
    assert!(matches!(error, SiteError::Read(_)), "{error:?}");
    assert!(error.hint().is_some_and(|hint| hint.contains("site.toml")));
}

#[test]
fn a_site_can_ask_for_ids_of_all_headings_of_the_page_that_is_shown() {
    let page = "title = \"a\"\n---\n# One\n\n## Two {#b}\n";
    for (settings, want) in [
        ("title = \"a\"", "<h1>One</h1>\n<h2 id=\"b\">Two</h2>\n|1"),
        (
            "title = \"a\"\nheading_ids = true\nindex_site_pages = [\"main\"]",
            "<h1 id=\"one\">One</h1>\n<h2 id=\"b\">Two</h2>\n|<h1>One</h1>\n<h2 id=\"b\">Two</h2>",
        ),
    ] {
        let folder = SiteFolder::new(&[
            ("config/site.toml", settings),
            (
                "templates/main.hbs",
                "{{{page.body}}}|{{#each site.pages}}{{{body}}}{{else}}1{{/each}}",
            ),
            ("content/index.md", page),
        ]);
        assert_eq!(
            outcome(&folder, &request("/")),
            (200, want.to_owned()),
            "{settings}"
        );
    }
}
