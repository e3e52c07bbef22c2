//! From a request to a page.

use site::{Answer, PageRequest};

use crate::requests::{
    BODY, SETTINGS, answer, outcome, preview, request, with_headers, with_variable,
};
use crate::site_folder::SiteFolder;

const NOT_FOUND: &str = "The requested page was not found.";

#[test]
fn a_path_names_a_content_file() {
    let folder = SiteFolder::new(&[
        SETTINGS,
        BODY,
        ("content/index.md", "root"),
        ("content/a.md", "a"),
        ("content/a/index.md", "never"),
        ("content/v1.2.md", "dotted"),
        ("content/caf\u{e9}.md", "coffee"),
        ("content/50%25.md", "escape in the name"),
        ("content/50%.md", "per cent"),
        ("content/docs/index.md", "docs"),
        ("content/docs/b.md", "b"),
        ("content/.hidden.md", "hidden"),
        ("content/.folder/c.md", "c"),
        ("outside.md", "outside"),
    ]);
    for (path, want) in [
        ("/", "root"),
        ("/index", "root"),
        ("", "root"),
        ("/a", "a"),
        ("/a/", "a"),
        ("/a.html", "a"),
        ("/a.x.md", NOT_FOUND),
        ("/v1.2", "dotted"),
        ("/v1.2.html", "dotted"),
        ("/v1", NOT_FOUND),
        ("/caf%C3%A9", "coffee"),
        ("/caf\u{e9}", "coffee"),
        ("/caf%E9", NOT_FOUND),
        ("/50%25", "escape in the name"),
        ("/%350%25", "per cent"),
        ("/docs", "docs"),
        ("/docs/", "docs"),
        ("/docs/b.txt", "b"),
        ("/docs//b", "b"),
        ("/docs%2Fb", NOT_FOUND),
        ("/docs%5Cb", NOT_FOUND),
        ("/docs/../a", "a"),
        ("/docs/%2e%2e/a", "a"),
        ("/../outside", NOT_FOUND),
        ("/%2e%2e/outside", NOT_FOUND),
        ("/a%00", NOT_FOUND),
        ("/.hidden", NOT_FOUND),
        ("/%2ehidden", NOT_FOUND),
        ("/.folder/c", "c"),
        ("/A", NOT_FOUND),
    ] {
        let (_, body) = outcome(&folder, &request(path));
        let want = if want == NOT_FOUND {
            want.to_owned()
        } else {
            format!("<p>{want}</p>")
        };
        assert_eq!(body, want, "{path}");
    }
}

#[test]
fn the_route_can_be_the_first_part_of_the_path() {
    let folder = SiteFolder::new(&[
        (
            "config/site.toml",
            "title = \"a\"\nprepend_route_info = true",
        ),
        (
            "templates/main.hbs",
            "{{{page.body}}}{{page.head.path_info}}",
        ),
        ("content/docs.md", "[bare](b.md)"),
        ("content/docs/index.md", "[folder](b.md)"),
    ]);
    for (path_info, want) in [
        ("", "<p><a href=\"/b\">bare</a></p>\n/docs"),
        ("/", "<p><a href=\"/docs/b\">folder</a></p>\n/docs/index"),
    ] {
        let request = PageRequest {
            component_route: "/docs".to_owned(),
            ..request(path_info)
        };
        assert_eq!(outcome(&folder, &request), (200, want.to_owned()));
    }
}

#[test]
fn links_of_a_folder_index_start_in_its_folder() {
    let folder = SiteFolder::new(&[SETTINGS, BODY, ("content/docs/index.md", "[b](b.md)")]);
    for path in ["/docs", "/docs/", "/docs/index"] {
        let want = "<p><a href=\"/docs/b\">b</a></p>".to_owned();
        assert_eq!(outcome(&folder, &request(path)), (200, want), "{path}");
    }
}

#[test]
fn a_page_can_show_the_body_of_another() {
    let page = |source: &str| format!("title = \"a\"\nbody_source = \"{source}\"\n---\nown");
    let folder = SiteFolder::new(&[
        SETTINGS,
        ("templates/main.hbs", "{{page.head.title}}: {{{page.body}}}"),
        ("content/a.md", &page("shared/b.html")),
        ("content/c.md", &page(".part")),
        ("content/d.md", &page("none")),
        ("content/e.md", &page("bad")),
        (
            "content/shared/b.md",
            "title = \"b\"\npublished = false\nbody_source = \"c\"\n---\n[x](y.md)",
        ),
        ("content/.part.md", "part"),
        ("content/bad.md", "x = \n---\n"),
    ]);
    for (path, status, body) in [
        ("/a", 200, "a: <p><a href=\"/y\">x</a></p>"),
        ("/c", 200, "a: <p>part</p>"),
        ("/d", 404, "Not Found: The requested page was not found."),
    ] {
        assert_eq!(
            outcome(&folder, &request(path)),
            (status, body.to_owned()),
            "{path}"
        );
    }
    let (status, report) = outcome(&folder, &request("/e"));
    assert_eq!(status, 500);
    assert!(report.starts_with("content/bad.md:1: "), "{report}");
}

#[test]
fn unpublished_pages_are_for_authors_only() {
    let folder = SiteFolder::new(&[
        SETTINGS,
        (
            "templates/main.hbs",
            "{{page.head.title}} {{page.published}}",
        ),
        ("content/a.md", "title = \"a\"\npublished = false\n---\n"),
        (
            "content/b.md",
            "title = \"b\"\ndate = \"2999-01-01T00:00:00Z\"\n---\n",
        ),
        (
            "content/c.md",
            "title = \"c\"\npublished = false\nredirect = \"/d\"\n---\n",
        ),
    ]);
    for (path, shown) in [
        ("/a", (200, "a false")),
        ("/b", (200, "b false")),
        ("/c", (301, "/d")),
    ] {
        assert_eq!(
            outcome(&folder, &request(path)),
            (404, "Not Found true".to_owned()),
            "{path}"
        );
        assert_eq!(
            outcome(&folder, &preview(path)),
            (shown.0, shown.1.to_owned()),
            "{path}"
        );
        let other = with_variable(request(path), "PREVIEW_MODE", "true");
        assert_eq!(outcome(&folder, &other).0, 404, "{path}");
    }
}

#[test]
fn the_head_decides_status_type_and_caching() {
    let folder = SiteFolder::new(&[
        SETTINGS,
        BODY,
        ("content/a.md", "title = \"a\"\n---\n"),
        (
            "content/b.md",
            "title = \"b\"\nstatus = 410\ncontent_type = \"text/plain\"\ncache_control = \"max-age=9\"\n---\n",
        ),
        ("content/c.md", "title = \"c\"\nstatus = 204\n---\n"),
        ("content/d.md", "title = \"d\"\nstatus = 7\n---\n"),
    ]);
    for (path, want) in [
        ("/a", (200, "text/html; charset=utf-8", None)),
        ("/b", (410, "text/plain", Some("max-age=9"))),
        ("/c", (200, "text/html; charset=utf-8", None)),
        ("/d", (200, "text/html; charset=utf-8", None)),
    ] {
        let Answer::Page {
            status,
            content_type,
            cache_control,
            ..
        } = answer(&folder, &request(path))
        else {
            panic!("{path} is a page");
        };
        assert_eq!(
            (status, &*content_type, cache_control.as_deref()),
            want,
            "{path}"
        );
    }
}

#[test]
fn redirects_say_where_to_as_written_and_need_no_template() {
    let folder = SiteFolder::new(&[
        SETTINGS,
        (
            "content/a.md",
            "title = \"a\"\nredirect = \"../b?c#d\"\ntemplate = \"none\"\n---\n",
        ),
        (
            "content/b.md",
            "title = \"b\"\nredirect = \"/c\"\nstatus = \"302 Found\"\n---\n",
        ),
        (
            "content/c.md",
            "title = \"c\"\nredirect = \"/d\"\nstatus = 1\n---\n",
        ),
    ]);
    for (path, status, location) in [
        ("/a", 301, "../b?c#d"),
        ("/b", 302, "/c"),
        ("/c", 301, "/d"),
    ] {
        assert_eq!(
            outcome(&folder, &request(path)),
            (status, location.to_owned()),
            "{path}"
        );
    }
}

#[test]
fn a_site_can_have_a_page_of_its_own_for_what_is_not_found() {
    let with = |settings: &str| {
        SiteFolder::new(&[
            ("config/site.toml", settings),
            ("templates/main.hbs", "{{page.head.title}}: {{{page.body}}}"),
            ("templates/404.hbs", "a partial"),
            ("content/404.md", "title = \"Lost\"\n---\n[home](/index.md)"),
        ])
    };
    let usual = with("title = \"a\"");
    let own = with("title = \"a\"\nnot_found_page = \"404\"");
    let gone = with("title = \"a\"\nnot_found_page = \"none\"");
    let built_in = (
        404,
        "Not Found: The requested page was not found.".to_owned(),
    );
    assert_eq!(outcome(&usual, &request("/x")), built_in);
    assert_eq!(outcome(&gone, &request("/x")), built_in);
    let want = (404, "Lost: <p><a href=\"/index\">home</a></p>".to_owned());
    assert_eq!(outcome(&own, &request("/x")), want);
}

#[test]
fn templates_see_the_request_and_the_environment_without_its_secrets() {
    let template = "{{request.x-a}} {{env.COLOUR}} [{{env.BASIC_AUTH_USERNAME}}{{env.BASIC_AUTH_REALM}}] \
                    [{{env.PATH_INFO}}|{{env.QUERY_STRING}}]";
    let page = |settings: &str| {
        SiteFolder::new(&[
            ("config/site.toml", settings),
            ("templates/main.hbs", template),
            ("content/a.md", ""),
        ])
    };
    let request = PageRequest {
        query: "q=1".to_owned(),
        ..with_headers(request("/a"), &[("x-a", "1")])
    };
    let request = with_variable(request, "COLOUR", "red");
    let request = with_variable(request, "BASIC_AUTH_USERNAME", "keeper");
    let request = with_variable(request, "BASIC_AUTH_REALM", "tower");
    let plain = page("title = \"a\"");
    assert_eq!(outcome(&plain, &request).1, "1 red [] [|]");
    let wagi = page("title = \"a\"\nrequest_environment = true");
    assert_eq!(outcome(&wagi, &request).1, "1 red [] [/a|q&#x3D;1]");
    let set = with_variable(request, "PATH_INFO", "set");
    assert_eq!(outcome(&wagi, &set).1, "1 red [] [set|q&#x3D;1]");
}
