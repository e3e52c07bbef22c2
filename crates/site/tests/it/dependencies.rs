//! What an answer depended on.

use site::{Answer, Dependencies, Key, Lifetime, PageRequest};

use crate::requests::{answer, preview, request, with_variable};
use crate::site_folder::{NOW, SiteFolder};

fn site(template: &str, more: &[(&str, &str)]) -> SiteFolder {
    let mut files = vec![
        (
            "config/site.toml",
            "title = \"a\"\nindex_site_pages = [\"main\"]",
        ),
        ("templates/main.hbs", template),
        ("content/a.md", ""),
    ];
    files.extend_from_slice(more);
    SiteFolder::new(&files)
}

fn dependencies(folder: &SiteFolder, request: &PageRequest) -> Dependencies {
    match answer(folder, request) {
        Answer::Page { dependencies, .. }
        | Answer::Redirect { dependencies, .. }
        | Answer::NotFound { dependencies, .. } => dependencies,
        Answer::Failed(failure) => panic!("{}", failure.report),
    }
}

fn after(seconds: i64) -> Lifetime {
    let now: chrono::DateTime<chrono::Utc> = NOW.parse().expect("it is a date");
    Lifetime::Until(now + chrono::TimeDelta::seconds(seconds))
}

/// From 07:08:09 to midnight.
const REST_OF_THE_DAY: i64 = 24 * 3600 - (7 * 3600 + 8 * 60 + 9);

#[test]
fn a_page_is_good_for_as_long_as_what_its_template_reads() {
    for (template, lifetime, key, vary) in [
        ("{{{page.body}}}", Lifetime::Release, Key::Path, &[][..]),
        ("{{env.COLOUR}}", Lifetime::Release, Key::Path, &[]),
        (
            "{{request.spin-path-info}}{{request.spin-path-match-name}}",
            Lifetime::Release,
            Key::Path,
            &[],
        ),
        ("{{request.host}}", Lifetime::Release, Key::Address, &[]),
        (
            "{{request.spin-full-url}}",
            Lifetime::Release,
            Key::Address,
            &[],
        ),
        (
            "{{request.accept-language}}{{request.x-b}}",
            Lifetime::Release,
            Key::Path,
            &["accept-language", "x-b"],
        ),
        ("{{request.cookie}}", Lifetime::Once, Key::Path, &[]),
        ("{{request.authorization}}", Lifetime::Once, Key::Path, &[]),
        (
            "{{request.spin-client-addr}}",
            Lifetime::Once,
            Key::Path,
            &[],
        ),
        (
            "{{#each request}}{{this}}{{/each}}",
            Lifetime::Once,
            Key::Path,
            &[],
        ),
        ("{{randInt}}", Lifetime::Once, Key::Path, &[]),
        ("{{now \"%Y\"}}", after(REST_OF_THE_DAY), Key::Path, &[]),
        ("{{now \"%H\"}}", after(60), Key::Path, &[]),
    ] {
        let got = dependencies(&site(template, &[]), &request("/a"));
        let want = Dependencies {
            lifetime,
            key,
            vary: vary.iter().map(|&name| name.to_owned()).collect(),
        };
        assert_eq!(got, want, "{template}");
    }
}

#[test]
fn a_listing_is_good_until_the_next_page_goes_public_but_not_long() {
    let list = "{{len site.pages}}";
    let dated = |date: &str| format!("title = \"b\"\ndate = \"{date}\"\n---\n");
    for (date, lifetime) in [
        ("2024-05-06T07:08:00Z", Lifetime::Release),
        ("2024-05-06T07:08:29Z", after(20)),
        ("2999-05-06T07:08:09Z", after(60)),
    ] {
        let folder = site(list, &[("content/b.md", &dated(date))]);
        assert_eq!(
            dependencies(&folder, &request("/a")).lifetime,
            lifetime,
            "{date}"
        );
    }
    let unread = site(
        "{{page.head.title}}",
        &[("content/b.md", &dated("2999-05-06T07:08:09Z"))],
    );
    assert_eq!(
        dependencies(&unread, &request("/a")).lifetime,
        Lifetime::Release
    );
}

#[test]
fn what_is_not_found_is_asked_for_again_when_it_may_be_there() {
    let folder = site(
        "{{page.head.title}}",
        &[(
            "content/b.md",
            "title = \"b\"\ndate = \"2024-05-06T07:08:29Z\"\n---\n",
        )],
    );
    assert_eq!(dependencies(&folder, &request("/none")).lifetime, after(60));
    assert_eq!(dependencies(&folder, &request("/b")).lifetime, after(20));
}

#[test]
fn a_redirect_lives_as_long_as_the_release() {
    let folder = site(
        "",
        &[("content/b.md", "title = \"b\"\nredirect = \"/a\"\n---\n")],
    );
    let got = dependencies(&folder, &request("/b"));
    assert_eq!((got.lifetime, got.key), (Lifetime::Release, Key::Path));
}

#[test]
fn nothing_is_kept_for_authors_and_behind_a_password() {
    let folder = site(
        "{{page.head.title}}",
        &[("content/b.md", "title = \"b\"\nredirect = \"/a\"\n---\n")],
    );
    let protected = |path| {
        let request = with_variable(request(path), "BASIC_AUTH_USERNAME", "keeper");
        with_variable(request, "BASIC_AUTH_PASSWORD", "lamp")
    };
    for path in ["/a", "/b", "/none"] {
        assert_eq!(
            dependencies(&folder, &preview(path)).lifetime,
            Lifetime::Once,
            "{path}"
        );
        assert_eq!(
            dependencies(&folder, &protected(path)).lifetime,
            Lifetime::Once,
            "{path}"
        );
    }
    let half = with_variable(request("/a"), "BASIC_AUTH_USERNAME", "keeper");
    assert_eq!(dependencies(&folder, &half).lifetime, Lifetime::Release);
}

#[test]
fn a_site_that_wants_the_query_in_its_environment_is_keyed_by_it() {
    let folder = SiteFolder::new(&[
        (
            "config/site.toml",
            "title = \"a\"\nrequest_environment = true",
        ),
        ("templates/main.hbs", "{{env.QUERY_STRING}}"),
        ("content/a.md", ""),
    ]);
    assert_eq!(dependencies(&folder, &request("/a")).key, Key::Address);
}
