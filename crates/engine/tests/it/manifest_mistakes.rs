//! What is said of a manifest with a mistake, and of which line.

use std::path::Path;

use engine::manifest::{self, ManifestError};

use crate::sites::{OLD_SITE, docs_site, read, versioned_site, with_component};

/// The line, the message and the hint.
type Expected<'a> = (usize, &'a str, Option<&'a str>);

#[track_caller]
fn check(text: &str, (line, message, hint): Expected<'_>) {
    let error = read(text).expect_err(message);
    assert_eq!(error.hint(), hint, "{error}");
    let ManifestError::Invalid {
        line: at,
        message: said,
        ..
    } = error
    else {
        panic!("{error}")
    };
    assert_eq!((at, said.as_str()), (line, message), "in\n{text}");
}

#[test]
fn a_mistake_in_a_component_has_its_line() {
    let cases: [(&str, Expected<'_>); 21] = [
        ("files = [\"a\",", (9, "unclosed array, expected `]`", None)),
        (
            "file = []",
            (9, "unknown key `file`", Some("did you mean `files`?")),
        ),
        ("zzzzzzzz = []", (9, "unknown key `zzzzzzzz`", None)),
        (
            "environment = { A = 1 }",
            (9, "invalid type: integer `1`, expected a string", None),
        ),
        (
            "files = [\n\"a\",\n7]",
            (
                11,
                "invalid type: integer `7`, expected a string or a table",
                None,
            ),
        ),
        (
            "files = [\n{ source = \"a\", destinaton = \"/\" }]",
            (
                10,
                "unknown key `destinaton`",
                Some("did you mean `destination`?"),
            ),
        ),
        (
            "files = [{ source = \"a\" }]",
            (9, "missing key `destination`", None),
        ),
        (
            "files = [\n\"/etc/*\"]",
            (
                10,
                "`/etc/*` cannot be mounted: it is outside of the manifest's folder",
                None,
            ),
        ),
        (
            "files = [\"a/../../b\"]",
            (
                9,
                "`a/../../b` cannot be mounted: it is outside of the manifest's folder",
                None,
            ),
        ),
        (
            "files = [\"a/..\"]",
            (
                9,
                "`a/..` cannot be mounted: a pattern cannot end in `.` or `..`; place the folder with `source` and `destination`",
                None,
            ),
        ),
        (
            "files = [{ source = \"a\", destination = \"/../b\" }]",
            (
                9,
                "`a -> /../b` cannot be mounted: its destination has `..`",
                None,
            ),
        ),
        (
            "files = [\"a/***\"]",
            (
                9,
                "`a/***` cannot be mounted: it is not a pattern: wildcards are either regular `*` or recursive `**`",
                None,
            ),
        ),
        (
            "exclude_files = [\"[\"]",
            (9, "`[` is not a pattern: invalid range pattern", None),
        ),
        (
            "allowed_outbound_hosts = [\"example.com\"]",
            (
                9,
                "`example.com` is not an outbound host: it has no scheme",
                Some(
                    "write it as `https://example.com`, or `http://self` for the application itself",
                ),
            ),
        ),
        (
            "allowed_outbound_hosts = [\"insecure:allow-all\"]",
            (
                9,
                "`insecure:allow-all` is not an outbound host: it is not allowed here",
                Some("use `*://*:*` to allow all hosts"),
            ),
        ),
        (
            "allowed_http_hosts = [\"ftp://a\"]",
            (
                9,
                "`ftp://a` is not an outbound host: its scheme has characters other than letters",
                Some("the form is `<scheme>://<host>[:<port>]`, where each may be `*`"),
            ),
        ),
        (
            "[component.site.variables]\na = \"{{ b }}\"",
            (10, "there is no variable `b`", None),
        ),
        (
            "[component.site.variables]\na = \"{{ b\"",
            (10, "`{{` without `}}` in `{{ b`", None),
        ),
        (
            "[component.site.variables]\nA-b = \"\"",
            (
                10,
                "`A-b` cannot be a variable's name: its words must be separated with `_`, not `-`",
                None,
            ),
        ),
        (
            "key_value_stores = [\"b@d\"]",
            (
                9,
                "`b@d` cannot be the label of a store: it cannot contain `@`",
                None,
            ),
        ),
        (
            "[component.site.build]\ncommad = \"x\"",
            (10, "unknown key `commad`", Some("did you mean `command`?")),
        ),
    ];
    for (more, expected) in cases {
        check(&with_component(more), expected);
    }
}

#[test]
fn a_mistake_in_a_source_has_its_line() {
    let message = "`source` is a path, `{ url, digest }` or `{ registry, package, version }`";
    let cases: [(&str, Expected<'_>); 6] = [
        ("source = \"\"", (8, "the path of `source` is empty", None)),
        ("", (7, "component `site` has no `source`", None)),
        (
            "source = { url = \"https://a\" }",
            (
                8,
                "`source` has a `url` but no `digest`",
                Some("add `digest = \"sha256:...\"`, so that nothing else is ever run"),
            ),
        ),
        (
            "source = { url = \"https://a\", digest = \"sha256:12\" }",
            (
                8,
                "`sha256:12` is not a digest",
                Some("it is `sha256:` and 64 hexadecimal digits"),
            ),
        ),
        ("source = { package = \"a:b\" }", (8, message, None)),
        ("source = { path = \"a\" }", (8, "unknown key `path`", None)),
    ];
    for (source, expected) in cases {
        check(
            &with_component("").replace("source = \"site.wasm\"", source),
            expected,
        );
    }
}

#[test]
fn a_mistake_in_a_trigger_has_its_line() {
    let hint = "add `route = \"/...\"` to answer all paths";
    let cases: [(&str, Expected<'_>); 12] = [
        (
            "component = \"site\"",
            (11, "trigger has no `route`", Some(hint)),
        ),
        (
            "route = \"/a\"",
            (
                11,
                "trigger has neither a `component` nor a `static_response`",
                None,
            ),
        ),
        (
            "route = \"/a\"\ncomponent = \"sit\"",
            (
                13,
                "there is no component `sit`",
                Some("did you mean `site`?"),
            ),
        ),
        (
            "route = \"/a\"\nstatic_response = { body = \"\" }\ncomponent = \"site\"",
            (
                14,
                "trigger has both a `component` and a `static_response`",
                None,
            ),
        ),
        (
            "route = \"/a/*/b\"\ncomponent = \"site\"",
            (
                12,
                "`/a/*/b` is not a route: `*` can only be its last segment, as `/*` or `/...`",
                None,
            ),
        ),
        (
            "route = \"/:\"\ncomponent = \"site\"",
            (12, "`/:` is not a route: a parameter has no name", None),
        ),
        (
            "route = \"/:ä\"\ncomponent = \"site\"",
            (
                12,
                "`/:ä` is not a route: `ä` cannot be a parameter's name",
                None,
            ),
        ),
        (
            "route = { private = false }\ncomponent = \"site\"",
            (12, "a route is a text or `{ private = true }`", None),
        ),
        (
            "component = \"site\"\nroute = \"/...\"",
            (
                11,
                "route `/...` is already that of trigger `site-http-trigger`",
                Some("remove one of the two triggers"),
            ),
        ),
        (
            "route = \"/a\"\nstatic_response.status_code = 1000",
            (13, "1000 is not a status", None),
        ),
        (
            "route = \"/a\"\nstatic_response.headers = { \"a b\" = \"\" }",
            (13, "`a b` is not the name of a header field", None),
        ),
        (
            "route = \"/a\"\ncomponent = \"site\"\nexecutor = { type = \"cgi\" }",
            (
                14,
                "there is no executor `cgi`",
                Some("it is `http` or `wagi`"),
            ),
        ),
    ];
    for (trigger, expected) in cases {
        check(
            &format!(
                "{}\n[[trigger.http]]\n{trigger}\n",
                with_component("").trim_end()
            )
            .replacen("site.wasm\"\n", "site.wasm\"\n\n\n", 1),
            expected,
        );
    }
}

#[test]
fn a_mistake_in_the_head_has_its_line() {
    let cases: [(&str, &str, Expected<'_>); 8] = [
        (
            "spin_manifest_version = 2\n",
            "\n",
            (
                1,
                "missing key `spin_manifest_version`",
                Some("add `spin_manifest_version = 2`"),
            ),
        ),
        (
            "= 2\n",
            "= 3\n",
            (
                1,
                "unknown manifest version `3`",
                Some("it is `2`, or `\"1\"` for old manifests"),
            ),
        ),
        ("name = \"test\"\n", "", (2, "missing key `name`", None)),
        (
            "name = \"test\"",
            "name = \"test",
            (3, "invalid basic string, expected `\"`", None),
        ),
        (
            "[application]",
            "[aplication]",
            (
                2,
                "unknown key `aplication`",
                Some("did you mean `application`?"),
            ),
        ),
        (
            "component = \"site\"\n",
            "component = \"site\"\nrout = 1\n",
            (7, "unknown key `rout`", Some("did you mean `route`?")),
        ),
        (
            "[application]\n",
            "[variables]\n\na = {}\n[application]\n",
            (
                4,
                "variable `a` must be `required` or have a `default`, not both",
                None,
            ),
        ),
        (
            "[component.site]",
            "[component.Site_1]",
            (
                7,
                "`Site_1` cannot be a component's id: its words must be separated with `-`, not `_`",
                None,
            ),
        ),
    ];
    for (old, new, expected) in cases {
        check(&with_component("").replacen(old, new, 1), expected);
    }
}

#[test]
fn a_mistake_in_an_old_manifest_has_its_line() {
    let cases: [(&str, &str, Expected<'_>); 5] = [
        (
            "route = \"/moved\"\n",
            "",
            (
                32,
                "trigger has no `route`",
                Some("add `route = \"/...\"` to answer all paths"),
            ),
        ),
        (
            "id = \"moved\"\n",
            "id = \"bartholomew\"\n",
            (29, "there is a component `bartholomew` already", None),
        ),
        (
            "\"{{ where_to }}\"",
            "\"{{ where_too }}\"",
            (
                31,
                "there is no variable `where_too`",
                Some("did you mean `where_to`?"),
            ),
        ),
        (
            "trigger = {",
            "triger = {",
            (6, "unknown key `triger`", Some("did you mean `trigger`?")),
        ),
        (
            "[[component]]\nid = \"moved\"",
            "[[component]]\nwhy = 1\nid = \"moved\"",
            (29, "unknown key `why`", None),
        ),
    ];
    for (old, new, expected) in cases {
        check(&OLD_SITE.replacen(old, new, 1), expected);
    }
}

#[test]
fn a_message_begins_with_the_file_and_the_line() {
    let text = docs_site().replace("component = \"redirect-29\"", "component = \"redirect-30\"");
    let before = &text[..text.find("redirect-30").expect("it is there")];
    let expected = format!(
        "spin.toml:{}: there is no component `redirect-30`",
        before.lines().count()
    );
    let error = read(&text).expect_err("no such component").to_string();
    assert!(error.ends_with(&expected), "{error}");
}

#[test]
fn a_manifest_that_is_not_there_is_named() {
    let error = manifest::read(Path::new("no/such/spin.toml")).expect_err("no file");
    assert_eq!(error.to_string(), "failed to read `no/such/spin.toml`");
    assert!(error.hint().is_some());
}

#[test]
fn a_torn_manifest_is_a_mistake_or_a_smaller_one() {
    for text in [versioned_site(), OLD_SITE.to_owned()] {
        for end in (0..text.len())
            .step_by(5)
            .filter(|end| text.is_char_boundary(*end))
        {
            match read(&text[..end]) {
                Ok(app) => assert!(app.triggers.len() <= 7, "{end}"),
                Err(ManifestError::Invalid { line, .. }) => {
                    assert!(line <= 1 + text[..end].matches('\n').count(), "{end}");
                }
                Err(error) => panic!("{error}"),
            }
        }
    }
}
