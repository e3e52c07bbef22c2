//! Where a component may send requests.

use std::collections::BTreeMap;

use engine::app::Variable;
use engine::outbound_hosts::{self, AllowedHosts, Decision, EntryProblem};
use engine::variables::{Template, Variables};
use http::Uri;

fn allowed(entries: &[&str], variables: &Variables) -> AllowedHosts {
    let templates: Vec<_> = entries
        .iter()
        .map(|entry| Template::parse(entry).expect("a template"))
        .collect();
    AllowedHosts::resolve(&templates, variables).expect("good entries")
}

#[track_caller]
fn check(entries: &[&str], uri: &str, expected: Decision<'_>) {
    let uri: Uri = uri.parse().expect("a URI");
    assert_eq!(
        allowed(entries, &Variables::default()).decide(&uri),
        expected,
        "{uri} with {entries:?}"
    );
}

#[test]
fn only_what_an_entry_names_is_allowed() {
    let cases = [
        ("https://example.com", "https://example.com/a?b", true),
        ("https://example.com", "https://EXAMPLE.com:443/", true),
        ("https://example.com/", "https://example.com/", true),
        ("https://example.com", "http://example.com/", false),
        ("https://example.com", "https://example.com:8443/", false),
        ("https://example.com", "https://a.example.com/", false),
        (
            "https://example.com",
            "https://example.com.evil.test/",
            false,
        ),
        (
            "https://example.com",
            "https://user:example.com@evil.test/",
            false,
        ),
        ("http://example.com:8080", "http://example.com:8080/", true),
        ("http://example.com:8080/", "http://example.com/", false),
        (
            "http://example.com:8000..9000",
            "http://example.com:8000/",
            true,
        ),
        (
            "http://example.com:8000..9000",
            "http://example.com:9000/",
            false,
        ),
        ("http://*.example.com", "http://a.b.example.com/", true),
        ("http://*.example.com", "http://example.com/", false),
        ("http://*.example.com", "http://badexample.com/", false),
        ("http://*", "http://anything.test/", true),
        ("http://*", "http://anything.test:81/", false),
        ("*://*:*", "https://anything.test:81/", true),
        ("*://example.com:443", "https://example.com/", true),
        ("http://192.168.1.1", "http://192.168.1.1/", true),
        ("http://10.0.0.0/8", "http://10.20.30.40/", true),
        ("*://127.0.0.1/24:8080", "http://127.0.0.77:8080/", true),
        ("*://127.0.0.1/24:8080", "http://127.0.1.1:8080/", false),
        ("*://10.0.0.0/8:*", "http://10.example.com/", false),
        ("http://[::1]", "http://[::1]/", true),
        ("http://[::1]:8001", "http://[::1]:8001/", true),
        ("*://fd00::/8:80", "http://[fd12::1]/", true),
        ("redis://example.com", "http://example.com:6379/", false),
        ("http://self", "http://example.com/", false),
    ];
    for (entry, uri, expected) in cases {
        check(
            &[entry],
            uri,
            if expected {
                Decision::Host
            } else {
                Decision::Refused
            },
        );
    }
}

#[test]
fn without_entries_everything_is_refused() {
    for uri in [
        "https://example.com/",
        "http://self/",
        "/relative",
        "http://site.spin.internal/",
    ] {
        check(&[], uri, Decision::Refused);
    }
}

#[test]
fn requests_to_the_application_need_an_entry_for_it() {
    for entry in ["self", "http://self", "https://self", "*://*:*", "http://*"] {
        check(&[entry], "http://self/a", Decision::Application);
        check(&[entry], "http://self.alt/a", Decision::Application);
        check(&[entry], "/a", Decision::Application);
    }
    check(&["http://example.com"], "http://self/", Decision::Refused);
    check(&["redis://self"], "http://self/", Decision::Refused);
}

#[test]
fn requests_to_a_component_need_an_entry_for_its_name() {
    check(
        &["http://*.spin.internal"],
        "http://site.spin.internal/a",
        Decision::Component("site"),
    );
    check(
        &["http://site.spin.internal"],
        "http://site.spin.internal:80/a",
        Decision::Component("site"),
    );
    check(
        &["http://other.spin.internal"],
        "http://site.spin.internal/",
        Decision::Refused,
    );
    check(
        &["http://self"],
        "http://site.spin.internal/",
        Decision::Refused,
    );
    check(
        &["http://*.spin.internal"],
        "http://a.b.spin.internal/",
        Decision::Host,
    );
}

#[test]
fn entries_may_use_variables() {
    let variable = Variable {
        description: None,
        default: Some("api.test".to_owned()),
        secret: true,
    };
    let declared = BTreeMap::from([("host".to_owned(), variable)]);
    let variables = Variables::resolve(&declared, &BTreeMap::new()).expect("a value");
    let hosts = allowed(&["https://{{ host }}:8443"], &variables);
    assert_eq!(
        hosts.decide(&"https://api.test:8443/".parse().expect("a URI")),
        Decision::Host
    );
    let broken = Template::parse("{{ host }}").expect("a template");
    let error = AllowedHosts::resolve(&[broken], &variables)
        .expect_err("no scheme")
        .to_string();
    assert_eq!(
        error,
        "`{{ host }}` is not an outbound host: it has no scheme"
    );
}

#[test]
fn bad_entries_are_refused_with_a_reason() {
    let cases = [
        ("", EntryProblem::NoScheme),
        ("example.com:80", EntryProblem::NoScheme),
        ("insecure:allow-all", EntryProblem::AllowAll),
        ("h2c://example.com", EntryProblem::Scheme),
        ("{http,https}://example.com", EntryProblem::List),
        ("http://{a,b}.com", EntryProblem::List),
        ("http://", EntryProblem::Host),
        ("http://a b", EntryProblem::Host),
        ("http://user@example.com", EntryProblem::Host),
        ("http://a.*.com", EntryProblem::Wildcard),
        ("http://*.*.com", EntryProblem::Wildcard),
        ("http://example.com/a", EntryProblem::Path),
        ("http://example.com:80/a", EntryProblem::Path),
        ("*://example.com", EntryProblem::NoPort),
        ("http://example.com:http", EntryProblem::Port),
        ("http://example.com:1..x", EntryProblem::Port),
        ("http://example.com:70000", EntryProblem::Port),
    ];
    for (entry, expected) in cases {
        assert_eq!(outbound_hosts::check(entry), Err(expected), "{entry}");
    }
}

#[test]
fn old_entries_are_rewritten() {
    let cases: [(&str, &[&str]); 6] = [
        (
            "example.com",
            &["http://example.com", "https://example.com"],
        ),
        (
            "example.com:8080",
            &["http://example.com:8080", "https://example.com:8080"],
        ),
        (
            "https://example.com/",
            &["http://example.com", "https://example.com"],
        ),
        ("self", &["http://self"]),
        ("http://self", &["http://self"]),
        (
            "insecure:allow-all",
            &["http://*:*", "https://*:*", "http://self"],
        ),
    ];
    for (old, expected) in cases {
        assert_eq!(
            outbound_hosts::from_allowed_http_host(old).expect(old),
            expected
        );
    }
    assert_eq!(
        outbound_hosts::from_allowed_http_host("example.com/a"),
        Err(EntryProblem::Path)
    );
}
