//! Manifests in the manner of real sites, and how tests read one.

use std::fs;

use engine::app::App;
use engine::manifest::{self, ManifestError};

/// Reads a manifest from a file of its own.
pub(crate) fn read(text: &str) -> Result<App, ManifestError> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("spin.toml");
    fs::write(&path, text).expect("the manifest is written");
    manifest::read(&path)
}

/// The head of a manifest and one component, `site`, on `/...`. `more` goes into the component's table.
pub(crate) fn with_component(more: &str) -> String {
    format!(
        r#"spin_manifest_version = 2
[application]
name = "test"
[[trigger.http]]
route = "/..."
component = "site"
[component.site]
source = "site.wasm"
{more}
"#
    )
}

/// A docs site with 33 triggers, 30 of them redirects.
pub(crate) fn docs_site() -> String {
    let mut text = r#"spin_manifest_version = 2

[application]
name = "docs"
version = "0.1.0"

[application.trigger.http]
base = "/"

[[trigger.http]]
id = "trigger-pages"
component = "pages"
route = "/..."

[[trigger.http]]
component = "static"
route = "/static/..."

[[trigger.http]]
component = "spa"
route = "/hub/..."

[component.pages]
source = "modules/bartholomew.wasm"
environment = { PREVIEW_MODE = "0" }
files = ["content/**/*", "templates/*", "scripts/*", "config/*", "shortcodes/*"]

[component.pages.build]
command = "npm run build-index && npm run build-hub"
watch = ["content/**/*", "templates/*"]

[component.static]
source = "modules/spin_static_fs.wasm"
files = [{ source = "static/", destination = "/" }]

[component.spa]
source = { url = "https://github.com/fermyon/spin-fileserver/releases/download/v0.0.2/spin_static_fs.wasm", digest = "sha256:65456bf4e84cf81b62075e761b2b0afaffaef2d0aeda521b245150f76b96421b" }
environment = { FALLBACK_PATH = "./index.html" }
files = [{ source = "hub/dist/", destination = "/" }]
"#
    .to_owned();
    for number in 0..30 {
        text.push_str(&format!(
            r#"
[[trigger.http]]
component = "redirect-{number}"
route = "/old/{number}/"

[component.redirect-{number}]
source = "modules/redirect.wasm"
environment = {{ DESTINATION = "/new/{number}" }}
"#
        ));
    }
    text
}

/// A docs site that mounts one renderer four times, has an SPA, and a helper that calls the site itself.
pub(crate) fn versioned_site() -> String {
    let mut text = r#"spin_manifest_version = 2

[application]
name = "versioned"

[[trigger.http]]
route = "/..."
component = "pages"

[[trigger.http]]
route = "/hub/..."
component = "hub"

[[trigger.http]]
route = { private = true }
component = "preview"

[[trigger.http]]
route = "/healthz"
static_response = { status_code = 204 }

[component.pages]
source = "modules/bartholomew.wasm"
files = ["content/**/*", "templates/*", "scripts/*", "config/*", "shortcodes/*"]

[component.hub]
source = "modules/spin_static_fs.wasm"
environment = { FALLBACK_PATH = "index.html" }
files = [{ source = "hub/dist", destination = "/" }]

[component.preview]
source = "preview.wasm"
allowed_outbound_hosts = ["http://self"]
"#
    .to_owned();
    for version in ["v1", "v2", "v3"] {
        text.push_str(&format!(
            "\n[[trigger.http]]\nroute = \"/spin/{version}/...\"\ncomponent = \"pages\"\n"
        ));
    }
    text
}

/// A site of the first years, with a manifest of version 1.
pub(crate) const OLD_SITE: &str = r#"spin_version = "1"
name = "old-site"
version = "0.1.0"
description = "A website."
authors = ["A. Keeper <keeper@example.test>"]
trigger = { type = "http", base = "/archive" }

[variables]
where_to = { default = "/new" }

[[component]]
id = "bartholomew"
source = "modules/bartholomew.wasm"
files = ["content/**/*", "templates/*", "scripts/*", "config/*"]
[component.trigger]
route = "/..."

[[component]]
id = "file_server"
source = "modules/spin_static_fs.wasm"
files = [{ source = "static/", destination = "/" }]
exclude_files = ["**/*.psd"]
allowed_http_hosts = ["api.example.test", "self"]
[component.trigger]
route = "/static/..."
executor = { type = "spin" }

[[component]]
id = "moved"
source = "modules/moved.wasm"
config = { destination = "{{ where_to }}" }
[component.trigger]
route = "/moved"
executor = { type = "wagi" }
"#;
