//! Routes.

use web::route::{PATH_INFO, Route, RouteKind, last};

use crate::headers;

#[test]
fn spin_headers_tell_how_the_route_matched() {
    use RouteKind::{Below, Exact, Parameter, Prefix};
    for (uri_path, path_info, route, raw_route, kind) in [
        ("/static/a.css", "/a.css", "/static", "/static/...", Below),
        ("/static/", "/", "/static", "/static/...", Below),
        ("/static/été", "/été", "/static", "/static/...", Below),
        ("/static", "", "/static", "/static/...", Prefix),
        ("/favicon.ico", "", "/favicon.ico", "/favicon.ico", Exact),
        ("/user/7", "", "/user/:id", "/user/:id", Parameter),
    ] {
        let fields = headers(&[
            ("spin-path-info", path_info),
            ("spin-component-route", route),
            ("spin-raw-component-route", raw_route),
        ]);
        assert_eq!(
            Route::from_headers(&fields, uri_path),
            Route {
                uri_path,
                path_info,
                kind
            }
        );
    }
}

#[test]
fn without_spin_the_whole_path_counts() {
    let route = Route {
        uri_path: "/a",
        path_info: "/a",
        kind: RouteKind::Below,
    };
    assert_eq!(Route::from_headers(&headers(&[]), "/a"), route);
}

#[test]
fn the_last_line_is_the_one_of_the_host() {
    let fields = headers(&[("spin-path-info", "/forged"), ("spin-path-info", "/real")]);
    assert_eq!(last(&fields, &PATH_INFO), Some("/real"));
    assert_eq!(
        Route::from_headers(&fields, "/static/real").path_info,
        "/real"
    );
}
