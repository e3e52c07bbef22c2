//! What is read from a manifest.

use engine::app::{FileEntry, Route, Source, Target};
use engine::manifest;

use crate::sites::{OLD_SITE, docs_site, read, versioned_site, with_component};

#[test]
fn a_docs_site_with_thirty_redirects_has_thirty_three_triggers() {
    let app = read(&docs_site()).expect("a good manifest");
    assert_eq!(app.triggers.len(), 33);
    assert_eq!(app.components.len(), 33);
    assert_eq!(app.version.as_deref(), Some("0.1.0"));
    assert_eq!(app.triggers[0].id, "trigger-pages");
    assert_eq!(app.triggers[32].id, "redirect-29-http-trigger");
    assert_eq!(app.triggers[32].route, Route::Path("/old/29/".to_owned()));
    let last = app.component("redirect-29").expect("the last redirect");
    assert_eq!(last.environment["DESTINATION"], "/new/29");
    let pages = app.component("pages").expect("the renderer");
    assert_eq!(
        pages.build.as_ref().expect("a build").commands,
        ["npm run build-index && npm run build-hub"]
    );
    assert!(app.unsupported.is_empty());
}

#[test]
fn one_component_may_have_several_triggers() {
    let app = read(&versioned_site()).expect("a good manifest");
    let of_pages = app
        .triggers
        .iter()
        .filter(|trigger| trigger.target == Target::Component("pages".to_owned()));
    let ids: Vec<_> = of_pages.map(|trigger| trigger.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "pages-http-trigger",
            "http-trigger2",
            "http-trigger3",
            "http-trigger4"
        ]
    );
    assert_eq!(app.triggers[2].route, Route::Private);
    let Target::StaticResponse(response) = &app.triggers[3].target else {
        panic!("a static response")
    };
    assert_eq!(
        (response.status.as_u16(), response.body.as_str()),
        (204, "")
    );
}

#[test]
fn a_manifest_of_version_1_is_read_as_spin_converts_it() {
    let app = read(OLD_SITE).expect("a good manifest");
    assert_eq!(app.base_path, "/archive");
    let ids: Vec<_> = app
        .triggers
        .iter()
        .map(|trigger| trigger.id.as_str())
        .collect();
    assert_eq!(
        ids,
        [
            "trigger-bartholomew",
            "trigger-file-server",
            "trigger-moved"
        ]
    );
    let files = app.component("file-server").expect("its id is rewritten");
    assert_eq!(
        files.files,
        [FileEntry::Placement {
            source: "static/".to_owned(),
            destination: "/".to_owned()
        }]
    );
    let hosts: Vec<_> = files
        .allowed_outbound_hosts
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        hosts,
        [
            "http://api.example.test",
            "https://api.example.test",
            "http://self"
        ]
    );
    let moved = app.component("moved").expect("the redirect");
    assert_eq!(moved.variables["destination"].to_string(), "{{ where_to }}");
    let obstacles: Vec<_> = app.unsupported_in_component("moved").collect();
    assert_eq!(
        obstacles,
        ["needs the Wagi executor, which bart does not have"]
    );
}

#[test]
fn a_path_is_relative_to_the_folder_of_the_manifest() {
    let app = read(&with_component("")).expect("a good manifest");
    let Source::File(path) = &app.components[0].source else {
        panic!("a file")
    };
    assert!(
        path.is_absolute() && path.ends_with("site.wasm"),
        "{}",
        path.display()
    );
    assert_eq!(
        manifest::folder("spin.toml".as_ref()),
        std::path::Path::new(".")
    );
    assert_eq!(
        manifest::folder("a/spin.toml".as_ref()),
        std::path::Path::new("a")
    );
}

#[test]
fn a_source_is_a_download_or_a_package_too() {
    let digest = "A".repeat(64);
    let cases = [
        (
            format!(r#"{{ url = "https://example.test/a.wasm", digest = "sha256:{digest}" }}"#),
            Source::Url {
                url: "https://example.test/a.wasm".to_owned(),
                digest: format!("sha256:{}", "a".repeat(64)),
            },
        ),
        (
            r#"{ registry = "ttl.example", package = "a:b", version = "1.0.0" }"#.to_owned(),
            Source::Registry {
                registry: Some("ttl.example".to_owned()),
                package: "a:b".to_owned(),
                version: "1.0.0".to_owned(),
            },
        ),
    ];
    for (written, expected) in cases {
        let text = with_component("").replace("\"site.wasm\"", &written);
        assert_eq!(
            read(&text).expect("a good manifest").components[0].source,
            expected
        );
    }
}

#[test]
fn a_component_can_be_written_inside_its_trigger() {
    let text = r#"
spin_manifest_version = 2
application.name = "inline"
[[trigger.http]]
route = "/a"
component = { source = "a.wasm" }
[[trigger.http]]
id = "second"
route = "/b"
component = { source = "b.wasm", files = ["b/*"] }
"#;
    let app = read(text).expect("a good manifest");
    let ids: Vec<_> = app
        .components
        .iter()
        .map(|component| component.id.as_str())
        .collect();
    assert_eq!(ids, ["http-trigger1-component", "second-component"]);
    assert_eq!(
        app.triggers[1].target,
        Target::Component("second-component".to_owned())
    );
    assert_eq!(
        app.components[1].files,
        [FileEntry::Pattern("b/*".to_owned())]
    );
}

#[test]
fn all_that_spin_allows_in_a_component_is_allowed() {
    let app = read(&with_component(
        r#"
description = "everything"
exclude_files = ["**/secret"]
allowed_outbound_hosts = ["https://example.com:443"]
allowed_http_hosts = ["other.example"]
key_value_stores = ["default", "snake_case", "kebab-case"]
sqlite_databases = ["default"]
ai_models = ["llama2-chat"]
dependencies_inherit_configuration = true
targets = ["spin-up:3.3"]
tool.clean.command = "cargo clean"
[component.site.build]
command = ["one", "two"]
workdir = "there"
[component.site.profile.debug]
source = "debug.wasm"
"#,
    ))
    .expect("a good manifest");
    let component = &app.components[0];
    assert_eq!(component.description, "everything");
    assert_eq!(component.allowed_outbound_hosts.len(), 3);
    assert_eq!(
        component.key_value_stores,
        ["default", "snake_case", "kebab-case"]
    );
    assert_eq!(
        component.build.as_ref().expect("a build").commands,
        ["one", "two"]
    );
    assert!(app.unsupported.is_empty());
}

#[test]
fn what_bart_does_not_do_is_listed_and_the_rest_stays() {
    let mut text =
        with_component("[component.site.dependencies]\n\"a:b/c\" = { path = \"c.wasm\" }");
    text.push_str("[[trigger.redis]]\nchannel = \"news\"\ncomponent = \"site\"\n");
    text.push_str("[[trigger.http]]\nroute = \"/w\"\nexecutor = { type = \"wagi\" }\ncomponent = { source = \"w.wasm\" }\n");
    text.push_str("[[trigger.http]]\nroute = \"/m\"\ncomponent = { source = \"m.wasm\" }\ndependencies.middleware = []\n");
    let app = read(&text).expect("a good manifest");
    let unsupported: Vec<_> = app.unsupported.iter().map(ToString::to_string).collect();
    assert_eq!(
        unsupported,
        [
            "redis trigger `redis-trigger1` is not of kind `http`, the only one that bart serves",
            "component `site` is composed with dependencies, which bart does not do",
            "component `http-trigger1-component` needs the Wagi executor, which bart does not have",
            "component `http-trigger2-component` is behind middleware, which bart does not run",
        ]
    );
    assert_eq!(app.triggers.len(), 3);
}

#[test]
fn an_old_application_of_another_kind_has_no_triggers() {
    let text = OLD_SITE.replace(
        "type = \"http\", base = \"/archive\"",
        "type = \"redis\", address = \"redis://x\"",
    );
    let app = read(&text).expect("a good manifest");
    assert!(app.triggers.is_empty());
    assert_eq!(
        app.unsupported[0].to_string(),
        "redis trigger `trigger-bartholomew` is not of kind `http`, the only one that bart serves"
    );
}

#[test]
fn debugging_a_secret_variable_does_not_print_it() {
    let text = format!(
        "{}\n[variables]\ntoken = {{ default = \"hunter2\", secret = true }}\n",
        with_component("")
    );
    let app = read(&text).expect("a good manifest");
    assert_eq!(app.variables["token"].default.as_deref(), Some("hunter2"));
    assert!(!format!("{app:?}").contains("hunter2"));
}
