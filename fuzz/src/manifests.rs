//! `spin.toml`, of either version.

use std::path::Path;

use engine::app::{App, Route, Target};
use engine::manifest::{self, ManifestError};
use engine::routes::Routes;

/// The text is an application, whose routes all lead somewhere, or has a mistake on one of its lines.
pub fn check(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    match manifest::parse(Path::new("spin.toml"), text) {
        Ok(app) => assert_app(&app),
        Err(ManifestError::Invalid { line, message, .. }) => {
            let lines = text.matches('\n').count() + 1;
            assert!(
                (1..=lines).contains(&line),
                "line {line} of {lines}: {message}"
            );
            assert!(!message.is_empty(), "line {line} has a mistake, but which");
        }
        Err(error) => panic!("no file is read: {error}"),
    }
}

fn assert_app(app: &App) {
    for trigger in &app.triggers {
        if let Target::Component(id) = &trigger.target {
            assert!(app.component(id).is_some(), "`{id}` is no component");
        }
    }
    let routes = Routes::build(&app.base_path, &app.triggers).expect("routes were checked");
    for path in [
        "",
        "/",
        "/a",
        "/a/",
        "//",
        "/a/b/../c",
        "/%2e",
        "/.well-known/spin/health",
    ] {
        assert_found(app, &routes, path);
    }
    for trigger in &app.triggers {
        if let Route::Path(route) = &trigger.route {
            assert_found(app, &routes, route);
        }
    }
}

fn assert_found(app: &App, routes: &Routes, path: &str) {
    let Some(found) = routes.find(path) else {
        return;
    };
    let trigger = app.triggers.get(found.trigger).expect("the trigger exists");
    let Route::Path(route) = &trigger.route else {
        panic!("`{path}` led to a private trigger");
    };
    assert_eq!(found.matched.raw_component_route(), route);
    assert!(
        path.ends_with(found.matched.path_info()),
        "`{path}` on `{route}`"
    );
}
