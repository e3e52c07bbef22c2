//! Which trigger answers a path.

use engine::app::{Route, Target, Trigger};
use engine::routes::{self, Duplicate, RouteProblem, Routes};

use crate::sites::{docs_site, read, versioned_site};

fn triggers(routes: &[&str]) -> Vec<Trigger> {
    let trigger = |(index, route): (usize, &&str)| Trigger {
        id: format!("t{index}"),
        route: Route::Path((*route).to_owned()),
        target: Target::Component("c".to_owned()),
    };
    routes.iter().enumerate().map(trigger).collect()
}

fn table(routes: &[&str]) -> Routes {
    Routes::build("/", &triggers(routes)).expect("good routes")
}

/// The route, as written, that answers.
fn answers(routes: &[&str], path: &str) -> Option<String> {
    let table = table(routes);
    table
        .find(path)
        .map(|found| routes[found.trigger].to_owned())
}

#[test]
fn exact_comes_before_parameter_before_wildcard() {
    let cases: [(&[&str], &str, Option<&str>); 24] = [
        (&["/foo", "/foo/bar"], "/foo/bar", Some("/foo/bar")),
        (&["/foo"], "/foo/", Some("/foo")),
        (&["/foo/"], "/foo", Some("/foo/")),
        (&["/foo"], "/foobar", None),
        (&["/foo"], "/", None),
        (&["/"], "/", Some("/")),
        (&["/"], "/a", None),
        (&["foo"], "/foo", Some("foo")),
        (&["/...", "/a"], "/a", Some("/a")),
        (&["/...", "/a"], "/a/b", Some("/...")),
        (&["/..."], "/", Some("/...")),
        (&["/a/...", "/a/b/...", "/..."], "/a/b/c", Some("/a/b/...")),
        (&["/a/b/...", "/a/...", "/..."], "/a/c", Some("/a/...")),
        (&["/a/..."], "/a", Some("/a/...")),
        (&["/a/..."], "/ab", None),
        (&["/a/*"], "/a/b", Some("/a/*")),
        (&["/:x", "/..."], "/a", Some("/:x")),
        (&["/:x", "/a"], "/a", Some("/a")),
        (&["/:x/b", "/a/..."], "/a/b", Some("/a/...")),
        (&["/:name.json", "/:name"], "/a.json", Some("/:name.json")),
        // routefinder's own parser would get these wrong.
        (
            &["/...", "/.well-known/..."],
            "/.well-known/a",
            Some("/.well-known/..."),
        ),
        (
            &["/a/.well-known/x", "/..."],
            "/a/.well-known/x",
            Some("/a/.well-known/x"),
        ),
        (&["/café/..."], "/caf%C3%A9/a", Some("/café/...")),
        (&["/a b"], "/a%20b", Some("/a b")),
    ];
    for (routes, path, expected) in cases {
        assert_eq!(
            answers(routes, path).as_deref(),
            expected,
            "{path} in {routes:?}"
        );
    }
}

#[test]
fn path_info_is_what_the_wildcard_matched_with_its_slashes() {
    let cases = [
        ("/foo/...", "/foo", ""),
        ("/foo/...", "/foo/", "/"),
        ("/foo/...", "/foo/bar", "/bar"),
        ("/foo/...", "/foo/bar/", "/bar/"),
        ("/foo/...", "/foo//bar", "//bar"),
        ("/foo/...", "/foo/bar//", "/bar/"),
        ("/foo/...", "/foo/caf%C3%A9%2Fx", "/caf%C3%A9%2Fx"),
        ("/foo/...", "/foo/café", "/café"),
        ("/foo/*", "/foo/bar", "/bar"),
        ("/...", "/", "/"),
        ("/...", "/a/b.html", "/a/b.html"),
        ("/...", "*", "*"),
        ("/...", "", ""),
        ("/foo", "/foo", ""),
        ("/foo", "/foo/", ""),
        ("/:a/...", "/x/y/z", "/y/z"),
    ];
    for (route, path, expected) in cases {
        let table = table(&[route]);
        let found = table
            .find(path)
            .unwrap_or_else(|| panic!("{path} matches {route}"));
        assert_eq!(found.matched.path_info(), expected, "{path} on {route}");
    }
}

#[test]
fn the_routes_that_a_component_learns_are_as_written() {
    let cases = [
        ("/", "/...", "/...", "/...", ""),
        ("/", "/foo/...", "/foo/...", "/foo/...", "/foo"),
        ("/", "/foo", "/foo", "/foo", "/foo"),
        ("/", "/foo/", "/foo", "/foo/", "/foo/"),
        ("/", "/", "", "/", "/"),
        ("/", "/foo/*", "/foo/*", "/foo/*", "/foo/*"),
        ("/base", "/foo/...", "/base/foo/...", "/foo/...", "/foo"),
        ("/base/", "foo", "/base/foo", "foo", "foo"),
    ];
    for (base, route, matched, raw, component) in cases {
        let table = Routes::build(base, &triggers(&[route])).expect("a good route");
        let path = format!(
            "{}{}",
            base.trim_end_matches('/'),
            if route == "/" { "/" } else { "/foo" }
        );
        let found = table
            .find(&path)
            .unwrap_or_else(|| panic!("{path} matches {route}"))
            .matched;
        let learnt = (
            found.matched_route(),
            found.raw_component_route(),
            found.component_route(),
        );
        assert_eq!(learnt, (matched, raw, component), "{route} below {base}");
    }
}

#[test]
fn parameters_are_captured_undecoded() {
    type Captures<'a> = &'a [(&'a str, &'a str)];
    let cases: [(&str, &str, Captures<'_>); 4] = [
        ("/1/:two/3", "/1/2/3", &[("two", "2")]),
        ("/:a/:b/...", "/x/y%2Fz/w", &[("a", "x"), ("b", "y%2Fz")]),
        (
            "/:file.:kind",
            "/a.json",
            &[("file", "a"), ("kind", "json")],
        ),
        ("/plain", "/plain", &[]),
    ];
    for (route, path, expected) in cases {
        let table = table(&[route]);
        let found = table
            .find(path)
            .unwrap_or_else(|| panic!("{path} matches {route}"));
        let captures: Vec<_> = found.matched.captures().collect();
        assert_eq!(captures, expected, "{path} on {route}");
    }
}

#[test]
fn of_equal_routes_the_last_wins_and_the_others_are_reported() {
    let table = table(&["/", "/foo", "/foo", "/bar/...", "/bar/..."]);
    assert_eq!(table.find("/foo").expect("a match").trigger, 2);
    let duplicates = [
        Duplicate {
            answers: 2,
            unreachable: 1,
        },
        Duplicate {
            answers: 4,
            unreachable: 3,
        },
    ];
    assert_eq!(table.duplicates(), duplicates);
    let listed: Vec<_> = table.iter().collect();
    assert_eq!(listed, [("/", 0), ("/foo", 2), ("/bar/...", 4)]);
}

#[test]
fn of_routes_that_only_look_different_the_first_wins() {
    let table = table(&["/foo", "/foo/", "/:a", "/:b"]);
    assert_eq!(table.find("/foo").expect("a match").trigger, 0);
    assert_eq!(table.find("/x").expect("a match").trigger, 2);
    let duplicates = [
        Duplicate {
            answers: 0,
            unreachable: 1,
        },
        Duplicate {
            answers: 2,
            unreachable: 3,
        },
    ];
    assert_eq!(table.duplicates(), duplicates);
}

#[test]
fn what_is_not_a_route_is_refused() {
    let cases = [
        ("/*/a", RouteProblem::Wildcard),
        ("/*name", RouteProblem::Wildcard),
        ("/a/:", RouteProblem::Unnamed),
        ("/a/:x.:", RouteProblem::Unnamed),
        ("/:a b", RouteProblem::Name("a b".to_owned())),
        ("/a\nb", RouteProblem::Control),
    ];
    for (route, problem) in cases {
        assert_eq!(routes::check(route), Err(problem.clone()), "{route}");
        let error = Routes::build("/", &triggers(&["/", route])).expect_err(route);
        assert_eq!((error.trigger, error.problem), (1, problem));
    }
}

#[test]
fn a_docs_site_answers_its_redirects_before_its_pages() {
    let app = read(&docs_site()).expect("a good manifest");
    let routes = Routes::build(&app.base_path, &app.triggers).expect("good routes");
    let cases = [
        ("/", 0),
        ("/old/7", 10),
        ("/old/7/", 10),
        ("/old/70", 0),
        ("/static/a.css", 1),
        ("/hub", 2),
    ];
    for (path, trigger) in cases {
        assert_eq!(
            routes.find(path).expect("all paths are answered").trigger,
            trigger,
            "{path}"
        );
    }
}

#[test]
fn one_renderer_learns_which_of_its_four_routes_matched() {
    let app = read(&versioned_site()).expect("a good manifest");
    let routes = Routes::build(&app.base_path, &app.triggers).expect("good routes");
    let cases = [
        ("/spin/v1/install", "/spin/v1", "/install"),
        ("/spin/v2", "/spin/v2", ""),
        ("/spin/v3/", "/spin/v3", "/"),
        ("/spin/v4/x", "", "/spin/v4/x"),
    ];
    for (path, component_route, path_info) in cases {
        let found = routes.find(path).expect("all paths are answered");
        assert_eq!(
            app.triggers[found.trigger].target,
            Target::Component("pages".to_owned()),
            "{path}"
        );
        assert_eq!(
            (found.matched.component_route(), found.matched.path_info()),
            (component_route, path_info)
        );
    }
    assert_eq!(
        routes.iter().filter(|(_, trigger)| *trigger == 2).count(),
        0,
        "a private route is not public"
    );
}

#[test]
fn no_path_makes_any_route_fail() {
    let pieces = ["/", "//", "a", ".", ":x", "é", "%C3", "..."];
    let mut texts = vec![String::new()];
    for start in 0..1 + pieces.len() + pieces.len().pow(2) {
        texts.extend(pieces.map(|piece| format!("{}{piece}", texts[start])));
    }
    for route in texts.iter().filter(|route| routes::check(route).is_ok()) {
        let table = table(&[route]);
        for path in &texts {
            if let Some(found) = table.find(path) {
                assert!(
                    path.ends_with(found.matched.path_info()) || path.ends_with("//"),
                    "{path} on {route}"
                );
            }
        }
    }
}
