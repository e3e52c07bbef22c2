//! The redirect, through Wasm and HTTP.

use crate::scratch::Scratch;
use crate::served::serve;

const HEAD: &str = r#"spin_manifest_version = 2

[application]
name = "redirects"
version = "0.1.0"

[variables]
host = { default = "https://new.example" }

[[trigger.http]]
route = "/..."
component = "old"

[component.old]
source = "modules/redirect.wasm"
"#;

/// The status and `Location` of a response, to a request of that method for that path.
type Answer<'a> = (&'a str, &'a str, u16, &'a str);

#[track_caller]
fn check(component: &str, settings: &[&str], answers: &[Answer<'_>]) {
    let site = Scratch::site(&format!("{HEAD}{component}"), &[]);
    let served = serve(&site.manifest(), settings);
    for (method, path, status, location) in answers {
        let response = served.send(method, path, &[("Content-Length", "0")]);
        assert_eq!(
            (response.status, response.header("location")),
            (*status, Some(*location)),
            "{method} {path} with {component} {settings:?}"
        );
        assert!(response.body.is_empty(), "{method} {path}");
        assert_eq!(
            response.header("bart-cache-control"),
            None,
            "{method} {path}"
        );
    }
}

#[test]
fn without_configuration_it_leads_to_the_root_with_302() {
    check(
        "",
        &[],
        &[
            ("GET", "/a/b?c", 302, "/"),
            ("HEAD", "/", 302, "/"),
            ("POST", "/", 302, "/"),
        ],
    );
}

#[test]
fn the_environment_configures_it() {
    check(
        r#"environment = { DESTINATION = "https://new.example/x?y#z", STATUSCODE = "301" }"#,
        &[],
        &[("GET", "/a", 301, "https://new.example/x?y#z")],
    );
    check(
        "",
        &["DESTINATION=/y", "old.STATUSCODE=307"],
        &[("GET", "/a", 307, "/y")],
    );
}

#[test]
fn only_statuses_of_redirects_are_sent() {
    for (configured, get, post) in [
        ("301", 301, 301),
        ("302", 302, 302),
        ("303", 302, 303),
        ("307", 307, 307),
        ("308", 308, 308),
        ("200", 302, 302),
        ("304", 302, 302),
        ("nonsense", 302, 302),
    ] {
        let component = format!("environment = {{ STATUSCODE = \"{configured}\" }}");
        check(
            &component,
            &[],
            &[("GET", "/", get, "/"), ("POST", "/", post, "/")],
        );
    }
}

#[test]
fn variables_configure_it_and_win_over_the_environment() {
    check(
        r#"environment = { DESTINATION = "/from-environment", STATUSCODE = "308" }
variables = { destination = "{{ host }}/from-variable" }"#,
        &[],
        &[("GET", "/a", 308, "https://new.example/from-variable")],
    );
}

#[test]
fn the_path_is_appended_without_its_prefix_its_query_and_its_dots() {
    check(
        r#"environment = { DESTINATION = "https://new.example/docs/", INCLUDE_PATH = "true", TRIM_PREFIX = "/old" }"#,
        &[],
        &[
            ("GET", "/old/a/b?c=d", 302, "https://new.example/docs/a/b"),
            ("GET", "/other//a/", 302, "https://new.example/docs/other/a"),
            ("GET", "/old/../../etc", 302, "https://new.example/etc"),
            ("GET", "/old", 302, "https://new.example/docs"),
        ],
    );
    check(
        r#"environment = { DESTINATION = "/docs", INCLUDE_PATH = "yes" }"#,
        &[],
        &[("GET", "/a", 302, "/docs")],
    );
}
