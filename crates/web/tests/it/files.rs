//! The rules of the file server, against the answers recorded for the reference sites.

use web::files::{Candidate, Icon, Settings, candidates};
use web::path::RequestPath;
use web::route::{Route, RouteKind};

use crate::variables;

/// `site/static` of the reference sites.
const MAIN: [&str; 16] = [
    "data.json",
    "odd.zzz",
    "app.js",
    "style.css",
    "two words.txt",
    "empty.txt",
    "index.html",
    "phare-été.txt",
    "dot.png",
    "sub/index.html",
    "sub/page.html",
    ".note.txt",
    "nodir/leaf.txt",
    "long.txt",
    "noext",
    "[id].js",
];

/// `site2/static` of the reference sites.
const DOCS: [&str; 8] = [
    "data.json",
    "app.js",
    "style.css",
    "index.html",
    "dot.png",
    "lost.html",
    "sub/index.html",
    "sub/page.html",
];

/// Who answers, of those `files`: a status and a file, or an icon.
fn answer(files: &[&str], settings: &Settings, route: Route<'_>) -> String {
    let exists = |path: &str| files.contains(&path);
    candidates(route, settings)
        .find_map(|candidate| match candidate {
            Candidate::Found(path) if exists(&path) => Some(format!("200 {path}")),
            Candidate::NotFoundPage(path) if exists(&path) => Some(format!("404 {path}")),
            Candidate::Icon(icon) => Some(format!("200 {icon:?}")),
            Candidate::Found(_) | Candidate::NotFoundPage(_) => None,
        })
        .unwrap_or_else(|| "404".to_owned())
}

fn below(path_info: &str) -> Route<'_> {
    Route {
        uri_path: path_info,
        path_info,
        kind: RouteKind::Below,
    }
}

fn settings(table: &[(&str, &str)]) -> Settings {
    Settings::from_variables(variables(table))
}

#[test]
fn the_files_of_the_main_reference_site_are_found() {
    for (path_info, expected) in [
        ("/", "200 index.html"),
        ("/index.html", "200 index.html"),
        ("/style.css", "200 style.css"),
        ("/empty.txt", "200 empty.txt"),
        ("/noext", "200 noext"),
        ("/odd.zzz", "200 odd.zzz"),
        ("/sub", "200 sub/index.html"),
        ("/sub/", "200 sub/index.html"),
        ("/sub/page", "200 sub/page.html"),
        ("/sub/page/", "404"),
        ("/sub/page.html", "200 sub/page.html"),
        ("/index", "200 index.html"),
        ("/nodir", "404"),
        ("/nodir/", "404"),
        ("/missing.txt", "404"),
        ("/missing/", "404"),
        ("/favicon.ico", "200 Ico"),
        ("/favicon.png", "200 Png"),
        ("/sub/favicon.ico", "200 Ico"),
        ("/favicon.ico/", "404"),
        ("/two%20words.txt", "200 two words.txt"),
        ("/phare-%C3%A9t%C3%A9.txt", "200 phare-été.txt"),
        ("/%5Bid%5D.js", "200 [id].js"),
        ("/[id].js", "200 [id].js"),
        ("/.note.txt", "404"),
        ("/sub/../long.txt", "200 long.txt"),
        ("/../config/site.toml", "404"),
        ("//long.txt", "200 long.txt"),
        ("/long.txt/", "404"),
        ("/long.txt%2f", "404"),
        ("/long.txt%00", "404"),
    ] {
        assert_eq!(
            answer(&MAIN, &settings(&[]), below(path_info)),
            expected,
            "{path_info}"
        );
    }
}

#[test]
fn a_route_without_its_slash_is_the_root() {
    let route = Route {
        uri_path: "/static",
        path_info: "",
        kind: RouteKind::Prefix,
    };
    assert_eq!(answer(&MAIN, &settings(&[]), route), "200 index.html");
    // A file of that name was found before, and is still.
    assert_eq!(
        answer(&["static", "index.html"], &settings(&[]), route),
        "200 static"
    );
}

#[test]
fn an_exact_route_is_about_the_file_of_its_path() {
    for (uri_path, expected) in [
        ("/favicon.ico", "200 Ico"),
        ("/style.css", "200 style.css"),
        ("/missing", "404"),
    ] {
        let route = Route {
            uri_path,
            path_info: "",
            kind: RouteKind::Exact,
        };
        assert_eq!(answer(&DOCS, &settings(&[]), route), expected, "{uri_path}");
    }
    let route = Route {
        uri_path: "/user/7",
        path_info: "",
        kind: RouteKind::Parameter,
    };
    assert_eq!(answer(&DOCS, &settings(&[]), route), "200 index.html");
}

#[test]
fn the_fallback_answers_with_200_for_whatever_does_not_exist() {
    for fallback in ["index.html", "./index.html", "/index.html"] {
        let settings = settings(&[
            ("FALLBACK_PATH", fallback),
            ("CUSTOM_404_PATH", "lost.html"),
        ]);
        for (path_info, expected) in [
            ("/style.css", "200 style.css"),
            ("/missing", "200 index.html"),
            ("/missing.js", "200 index.html"),
            ("/deep/missing.html", "200 index.html"),
            ("/favicon.ico", "200 Ico"),
            ("/sub/", "200 sub/index.html"),
            ("/a%2Fb", "200 index.html"),
            ("/../../x", "200 index.html"),
            ("/.hidden", "200 index.html"),
        ] {
            assert_eq!(
                answer(&DOCS, &settings, below(path_info)),
                expected,
                "{path_info}"
            );
        }
    }
}

#[test]
fn the_custom_page_answers_with_404_when_the_fallback_is_missing_too() {
    for table in [
        &[
            ("FALLBACK_PATH", "./missing.html"),
            ("CUSTOM_404_PATH", "./lost.html"),
        ][..],
        &[("CUSTOM_404_PATH", "/lost.html")],
    ] {
        for (path_info, expected) in [
            ("/missing", "404 lost.html"),
            ("/missing.css", "404 lost.html"),
            ("/lost", "200 lost.html"),
            ("/favicon.ico", "200 Ico"),
            ("/", "200 index.html"),
        ] {
            assert_eq!(
                answer(&DOCS, &settings(table), below(path_info)),
                expected,
                "{path_info}"
            );
        }
    }
}

#[test]
fn the_built_in_icon_stands_in_only_if_it_may_and_must() {
    let off = settings(&[("DEFAULT_FAVICON", "0")]);
    assert_eq!(answer(&MAIN, &off, below("/favicon.ico")), "404");
    assert_eq!(
        answer(&["favicon.ico"], &settings(&[]), below("/favicon.ico")),
        "200 favicon.ico"
    );
}

#[test]
fn names_with_a_leading_dot_are_shown_on_request_only() {
    let files = [
        ".note.txt",
        ".well-known.html",
        ".well-known/security.txt",
        "a/.b",
    ];
    let shown = settings(&[("SHOW_DOTFILES", "1")]);
    for (path_info, default, on_request) in [
        ("/.note.txt", "404", "200 .note.txt"),
        ("/a/%2eb", "404", "200 a/.b"),
        ("/.well-known", "404", "200 .well-known.html"),
        (
            "/.well-known/security.txt",
            "200 .well-known/security.txt",
            "200 .well-known/security.txt",
        ),
    ] {
        assert_eq!(
            answer(&files, &settings(&[]), below(path_info)),
            default,
            "{path_info}"
        );
        assert_eq!(
            answer(&files, &shown, below(path_info)),
            on_request,
            "{path_info}"
        );
    }
}

#[test]
fn a_file_with_an_escape_in_its_name_is_preferred() {
    let files = ["a%20b.txt", "a b.txt"];
    assert_eq!(
        answer(&files, &settings(&[]), below("/a%20b.txt")),
        "200 a%20b.txt"
    );
    assert_eq!(
        answer(&files[1..], &settings(&[]), below("/a%20b.txt")),
        "200 a b.txt"
    );
    assert_eq!(
        answer(&files, &settings(&[]), below("/a%2520b.txt")),
        "200 a%20b.txt"
    );
}

#[test]
fn a_page_beside_a_folder_without_index_is_found() {
    assert_eq!(
        answer(&["about.html", "about/x"], &settings(&[]), below("/about")),
        "200 about.html"
    );
    assert_eq!(
        answer(
            &["about.html", "about/index.html"],
            &settings(&[]),
            below("/about")
        ),
        "200 about/index.html"
    );
}

#[test]
fn candidates_come_in_order() {
    let settings = settings(&[("FALLBACK_PATH", "f"), ("CUSTOM_404_PATH", "n")]);
    let found = |path: &str| Candidate::Found(path.to_owned());
    assert_eq!(
        candidates(below("/favicon.png"), &settings).collect::<Vec<_>>(),
        [
            found("favicon.png"),
            found("favicon.png/index.html"),
            found("favicon.png.html"),
            Candidate::Icon(Icon::Png),
            found("f"),
            Candidate::NotFoundPage("n".to_owned()),
        ]
    );
}

#[test]
fn settings_that_make_no_sense_count_as_unset() {
    let path = |path: &str| RequestPath::literal(path).ok();
    for (table, cache_control, fallback) in [
        (&[][..], "max-age=60", None),
        (
            &[
                ("CACHE_CONTROL", "public, max-age=31"),
                ("FALLBACK_PATH", "./a/index.html"),
            ],
            "public, max-age=31",
            path("a/index.html"),
        ),
        (
            &[("CACHE_CONTROL", ""), ("FALLBACK_PATH", "")],
            "max-age=60",
            None,
        ),
        (
            &[("CACHE_CONTROL", "a\nb"), ("FALLBACK_PATH", "../secret")],
            "max-age=60",
            None,
        ),
    ] {
        let settings = settings(table);
        assert_eq!(settings.cache_control, cache_control);
        assert_eq!(
            settings.fallback.map(|path| path.as_str().to_owned()),
            fallback.map(|path| path.as_str().to_owned())
        );
        assert!(settings.auth.is_none());
    }
    let protected = settings(&[
        ("BASIC_AUTH_USERNAME", "keeper"),
        ("BASIC_AUTH_PASSWORD", "lamp9"),
    ]);
    assert!(protected.auth.is_some());
}

#[test]
fn what_is_barts_own_cannot_be_named() {
    let files = [
        ".bart/files",
        ".bart/index.html",
        ".bart.html",
        ".bartender",
    ];
    for (path_info, expected) in [
        ("/.bart/files", "404"),
        ("/.bart", "404"),
        ("/.bart/", "404"),
        ("/%2Ebart/files", "404"),
        ("/x/../.bart/files", "404"),
        ("/.bartender", "200 .bartender"),
    ] {
        let settings = settings(&[("SHOW_DOTFILES", "1")]);
        let found = answer(&files, &settings, below(path_info));
        assert_eq!(found, expected, "{path_info}");
    }
    for variable in ["FALLBACK_PATH", "CUSTOM_404_PATH"] {
        let settings = settings(&[("SHOW_DOTFILES", "1"), (variable, "/.bart/files")]);
        assert_eq!(answer(&files, &settings, below("/x")), "404", "{variable}");
    }
    // Some file systems do not tell the cases apart.
    let settings = settings(&[("SHOW_DOTFILES", "1")]);
    let upper = answer(&[".BART/files"], &settings, below("/.BART/files"));
    assert_eq!(upper, "404");
}
