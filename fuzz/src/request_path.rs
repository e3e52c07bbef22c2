//! Request paths: none leads out of its root, and none shows what is hidden.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use web::files::{Candidate, Settings, candidates};
use web::path::RequestPath;
use web::route::{Route, RouteKind};

/// A path is read to a safe one, which stays the same when it is read again, and so are the files that it may mean.
pub fn check(input: &[u8]) {
    let Ok(raw) = std::str::from_utf8(input) else {
        return;
    };
    for path in [RequestPath::decode(raw), RequestPath::literal(raw)]
        .into_iter()
        .flatten()
    {
        assert_safe(path.as_str());
        let segments: Vec<_> = path
            .segments()
            .map(|segment| utf8_percent_encode(segment, NON_ALPHANUMERIC).to_string())
            .collect();
        for (again, form) in [
            (RequestPath::literal(path.as_str()), "literally"),
            (RequestPath::literal(&path.to_string()), "with its slashes"),
            (RequestPath::decode(&segments.join("/")), "encoded"),
        ] {
            let again = again.expect("it is safe");
            assert_eq!(again.as_str(), path.as_str(), "read again {form}");
        }
    }
    for kind in [
        RouteKind::Below,
        RouteKind::Prefix,
        RouteKind::Exact,
        RouteKind::Parameter,
    ] {
        let route = Route {
            uri_path: raw,
            path_info: raw,
            kind,
        };
        for show in ["0", "1"] {
            let settings =
                Settings::from_variables(|name| (name == "SHOW_DOTFILES").then(|| show.to_owned()));
            candidates(route, &settings).for_each(|candidate| assert_public(&candidate, show));
        }
    }
}

fn assert_public(candidate: &Candidate, show_dotfiles: &str) {
    let Candidate::Found(name) = candidate else {
        return;
    };
    assert_safe(name);
    let mut segments = name.split('/');
    let hidden = |segment: &str| segment.starts_with('.');
    let first = segments.next().unwrap_or("");
    assert!(
        show_dotfiles == "1"
            || !((hidden(first) && first != ".well-known") || segments.any(hidden)),
        "`{name}` is hidden"
    );
}

fn assert_safe(relative: &str) {
    let is_name = |segment: &str| !matches!(segment, "" | "." | "..");
    assert!(
        relative.is_empty() || relative.split('/').all(is_name),
        "`{relative}` is no path below a folder"
    );
    assert!(
        !relative.contains(['\0', '\\']),
        "{relative:?} holds what no safe name does"
    );
}
