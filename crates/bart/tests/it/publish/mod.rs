//! `bart push` as a process, against a scripted registry and a real one.

mod annotations;
mod faults;
mod layouts;
mod locked;
mod planned;
mod reproducible;
mod to_registry;
mod unsupported;

use std::path::Path;
use std::process::Command;

use artifact::LockedApp;
use artifact::layout::Layout;
use serde_json::Value;

use crate::process::bart;
use crate::scratch::Scratch;

/// A site of two of bart's own components, by the names that old sites use.
pub(crate) const SITE: &str = r#"spin_manifest_version = 2

[application]
name = "site"
version = "0.1.0"
description = "A site to publish"
authors = ["Ada <ada@site.test>", "Grace <grace@site.test>"]

[[trigger.http]]
route = "/old"
component = "old"

[[trigger.http]]
route = "/..."
component = "files"

[component.old]
source = "modules/redirect.wasm"
environment = { DESTINATION = "/new" }

[component.files]
source = "modules/spin_static_fs.wasm"
files = [{ source = "static", destination = "/" }]
"#;

/// Somebody's machine: a home with a cache, and nothing in the environment that says something.
pub(crate) struct Machine(Scratch);

impl Machine {
    pub(crate) fn new() -> Machine {
        Machine(Scratch::new())
    }

    /// `bart` in a folder.
    pub(crate) fn bart(&self, folder: &Path, arguments: &[&str]) -> Command {
        let mut command = bart(folder, arguments);
        command
            .env("HOME", self.0.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("NO_PROXY", "*");
        for name in [
            "XDG_CACHE_HOME",
            "XDG_RUNTIME_DIR",
            "DOCKER_CONFIG",
            "REGISTRY_AUTH_FILE",
            "SOURCE_DATE_EPOCH",
            "GIT_DIR",
        ] {
            command.env_remove(name);
        }
        command
    }

    /// The JSON that `bart` prints in a folder.
    pub(crate) fn json(&self, folder: &Path, arguments: &[&str]) -> Value {
        let text = self.text(folder, &[arguments, &["--json"]].concat());
        serde_json::from_str(&text).unwrap()
    }

    /// What `bart` prints to stdout in a folder.
    pub(crate) fn text(&self, folder: &Path, arguments: &[&str]) -> String {
        let output = self.bart(folder, arguments).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {stderr}");
        String::from_utf8(output.stdout).unwrap()
    }
}

/// The site, with files that differ by more than their names.
pub(crate) fn site() -> Scratch {
    let long = |word: &str| format!("{word} ").repeat(100);
    Scratch::site(
        SITE,
        &[
            ("static/index.html", &long("index")),
            ("static/about.html", &long("about")),
            ("static/assets/style.css", &long("style")),
            ("static/assets/short.css", "short"),
        ],
    )
}

/// The artifact of this name in the layout of a folder, and its application.
pub(crate) fn read(folder: &Path, name: &str) -> (artifact::Manifest, LockedApp) {
    let layout = Layout::open(folder).unwrap();
    let (manifest, _) = layout.manifest(&layout.named(name).unwrap()).unwrap();
    let app = manifest.locked_app().unwrap();
    let app = LockedApp::parse(&blob(&layout, app)).unwrap();
    (manifest, app)
}

/// The bytes of a blob of a layout.
pub(crate) fn blob(layout: &Layout, blob: &artifact::Descriptor) -> Vec<u8> {
    let mut bytes = Vec::new();
    std::io::copy(&mut layout.blob(blob).unwrap(), &mut bytes).unwrap();
    bytes
}
