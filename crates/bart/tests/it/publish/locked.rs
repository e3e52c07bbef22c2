//! The locked app that is pushed, against what Spin 4.0.2 pushed of the same application and what its sources say.

use std::collections::BTreeSet;
use std::path::PathBuf;

use artifact::layout::Layout;
use artifact::unpack::Contents;
use artifact::{Descriptor, annotation};
use bart::publish::locked_app;
use bart::up::Site;
use serde_json::{Value, json};

use super::{Machine, blob, read};
use crate::scratch::Scratch;

/// The application that the layout `simple` of the artifact crate's fixtures was made of.
const SIMPLE: &str = r#"spin_manifest_version = 2

[application]
name = "fixture-site"
version = "1.2.3"
description = "A site made for OCI fixtures"
authors = ["Fixture Author <fixture@registry.test>"]

[variables]
greeting = { default = "hi" }
token = { default = "not-a-secret", secret = true }

[[trigger.http]]
route = "/..."
component = "first"

[[trigger.http]]
route = "/second/..."
component = "second"

[[trigger.http]]
route = "/teapot"
static_response = { status_code = 418, headers = { "x-fixture" = "static" }, body = "short and stout\n" }

[component.first]
source = "hello.wasm"
files = [{ source = "files", destination = "/" }]
environment = { FIXTURE_NAME = "first", FIXTURE_MODE = "test" }
variables = { greeting = "{{ greeting }}, reader" }

[component.second]
source = "hello.wasm"
files = [{ source = "files", destination = "/shared" }, { source = "second", destination = "/" }]
exclude_files = ["files/short.txt"]
environment = { FIXTURE_NAME = "second" }
variables = { token = "{{ token }}" }
allowed_outbound_hosts = ["https://registry.test"]
key_value_stores = ["default"]
"#;

fn fixtures() -> PathBuf {
    // At run time, since two checkouts may share one target folder.
    let crate_folder = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap());
    crate_folder.join("../artifact/tests/fixtures/spin-oci")
}

/// The folder of that application, with its files and component as Spin pushed them.
fn simple() -> Scratch {
    let layout = Layout::open(&fixtures()).unwrap();
    let (manifest, app) = read(&fixtures(), "simple");
    let contents = Contents::new(&manifest, &app).unwrap();
    let needed = contents.needed(|_| false);
    let scratch = Scratch::site(SIMPLE, &[]);
    let bytes = |digest| match needed.inline.get(digest) {
        Some(bytes) => bytes.clone(),
        None => {
            let of_digest = |layer: &&Descriptor| layer.digest == *digest;
            blob(&layout, manifest.layers.iter().find(of_digest).unwrap())
        }
    };
    let [first, second] = &contents.components[..] else {
        panic!("it has two components");
    };
    scratch.write("hello.wasm", bytes(&first.module));
    for (path, digest) in &first.files {
        scratch.write(&format!("files/{path}"), bytes(digest));
    }
    let only_second = second
        .files
        .iter()
        .find(|(path, _)| path.as_str() == "only-second.txt");
    scratch.write("second/only-second.txt", bytes(only_second.unwrap().1));
    scratch
}

#[test]
fn a_layout_of_bart_differs_from_one_of_spin_only_in_order_and_time() {
    let site = simple();
    let machine = Machine::new();
    machine.text(site.path(), &["push", "simple", "--output", "layout"]);
    let (ours, our_app) = read(&site.path().join("layout"), "simple");
    let (theirs, mut their_app) = read(&fixtures(), "simple");

    // Difference 1: Spin lists files as the file system does, bart by path, so that the bytes are the same everywhere.
    for component in &mut their_app.components {
        component
            .files
            .sort_by(|one, other| one.path.cmp(&other.path));
    }
    assert_eq!(our_app.to_bytes(), their_app.to_bytes());
    // So layers have another order too, and the locked app, which is the last of both, and the configuration, which names it, another digest.
    let content = |layers: &[Descriptor]| -> BTreeSet<String> {
        let (_, content) = layers.split_last().unwrap();
        content.iter().map(|layer| format!("{layer:?}")).collect()
    };
    assert_eq!(content(&ours.layers), content(&theirs.layers));
    assert_eq!(
        ours.layers.last().unwrap().size,
        theirs.layers.last().unwrap().size
    );
    assert_eq!(ours.config.size, theirs.config.size);
    // Difference 2: Spin writes the time of the push, bart that of the commit, and there is none here.
    let mut their_annotations = theirs.annotations;
    assert!(their_annotations.remove(annotation::CREATED).is_some());
    assert_eq!(ours.annotations, their_annotations);
}

/// What a manifest with these lines and a component `c` is locked as.
fn locked(head: &str) -> Value {
    let site = Scratch::site(head, &[]);
    let app = locked_app(&Site::read(&site.manifest()).unwrap()).unwrap();
    serde_json::to_value(app).unwrap()
}

#[test]
fn a_manifest_of_version_1_is_locked_as_spin_does() {
    let app = locked(
        r#"spin_manifest_version = "1"
name = "old"
version = "1.0.0"
trigger = { type = "http", base = "/base" }
variables = { host = { required = true } }

[[component]]
id = "under_Score"
source = "c.wasm"
allowed_http_hosts = ["api.test", "self"]
config = { url = "https://{{host}}/" }
[component.trigger]
route = "/..."
executor = { type = "spin" }
[component.build]
command = "make"
workdir = "src"

[[component]]
id = "listed"
source = "c.wasm"
allowed_outbound_hosts = []
[component.trigger]
route = "/listed"
"#,
    );
    let source = json!({ "content_type": "application/wasm" });
    let expected = json!({
        "spin_lock_version": 0,
        "metadata": {
            "name": "old",
            "version": "1.0.0",
            "trigger": { "type": "http", "base": "/base" },
            "triggers": { "http": { "base": "/base" } },
        },
        "variables": { "host": {} },
        "triggers": [
            {
                "id": "trigger-under-score",
                "trigger_type": "http",
                "trigger_config": {
                    "component": "under-score", "route": "/...", "executor": { "type": "spin" },
                },
            },
            {
                "id": "trigger-listed",
                "trigger_type": "http",
                "trigger_config": { "component": "listed", "route": "/listed" },
            },
        ],
        "components": [
            {
                "id": "under-score",
                "metadata": {
                    "allowed_outbound_hosts": [
                        "redis://*:*", "mysql://*:*", "postgres://*:*",
                        "http://api.test", "https://api.test", "http://self",
                    ],
                    "build": { "command": "make", "workdir": "src" },
                },
                "source": source,
                "config": { "url": "https://{{host}}/" },
            },
            { "id": "listed", "source": source },
        ],
    });
    assert_eq!(app, expected);
}

#[test]
fn a_manifest_of_version_2_is_locked_as_spin_does() {
    let app = locked(
        r#"spin_manifest_version = 2
[application]
name = "new"
[application.trigger.http]
base = "/base"

[[trigger.http]]
id = "given"
route = { private = true }
component = { source = "c.wasm", allowed_outbound_hosts = ["http://*.spin.internal"] }

[[trigger.http]]
route = "/wagi"
component = "c"
executor = { type = "wagi", argv = "a b" }

[[trigger.redis]]
channel = "news"
component = "c"

[component.c]
description = "what it does"
source = "c.wasm"
sqlite_databases = ["default"]
ai_models = ["llama2-chat"]
[component.c.build]
command = ["make", "make install"]
watch = ["src/**"]
"#,
    );
    let source = json!({ "content_type": "application/wasm" });
    let expected = json!({
        "spin_lock_version": 1,
        "must_understand": ["component_host_requirements"],
        "metadata": { "name": "new", "triggers": { "http": { "base": "/base" } } },
        "triggers": [
            {
                "id": "given",
                "trigger_type": "http",
                "trigger_config": { "component": "given-component", "route": { "private": true } },
            },
            {
                "id": "c-http-trigger",
                "trigger_type": "http",
                "trigger_config": {
                    "component": "c", "route": "/wagi",
                    "executor": { "type": "wagi", "argv": "a b" },
                },
            },
            {
                "id": "redis-trigger1",
                "trigger_type": "redis",
                "trigger_config": { "component": "c", "channel": "news" },
            },
        ],
        "components": [
            {
                "id": "c",
                "metadata": {
                    "description": "what it does",
                    "databases": ["default"],
                    "ai_models": ["llama2-chat"],
                    "build": { "command": ["make", "make install"], "watch": ["src/**"] },
                },
                "source": source,
            },
            {
                "id": "given-component",
                "metadata": { "allowed_outbound_hosts": ["http://*.spin.internal"] },
                "source": source,
                "host_requirements": { "local_service_chaining": "required" },
            },
        ],
    });
    assert_eq!(app, expected);
}

#[test]
fn triggers_of_other_kinds_keep_their_components_and_settings() {
    let app = locked(
        r#"spin_manifest_version = "1"
name = "old"
version = "1.0.0"
trigger = { type = "redis", address = "redis://redis.test" }

[[component]]
id = "listener"
source = "c.wasm"
[component.trigger]
channel = "news"
"#,
    );
    assert_eq!(
        app["triggers"],
        json!([{
            "id": "trigger-listener",
            "trigger_type": "redis",
            "trigger_config": { "component": "listener", "channel": "news" },
        }])
    );
    let settings = json!({ "type": "redis", "address": "redis://redis.test" });
    assert_eq!(app["metadata"]["trigger"], settings);
}
