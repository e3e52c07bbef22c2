//! `bart image` as a process: images of releases, in registries and layouts.

mod identity;
mod layouts;
mod refusals;
mod shim;
mod stamped;

use artifact::Digest;
use serde_json::Value;

use crate::exchange::Connection;
use crate::publish::{Machine, site};
use crate::registry::ScriptedRegistry;
use crate::scratch::Scratch;
use shim::Shim;

/// A registry with a shim and a release, and somebody who makes an image of both.
struct Workshop {
    registry: ScriptedRegistry,
    machine: Machine,
    folder: Scratch,
    shim: Shim,
    content: String,
}

impl Workshop {
    fn new() -> Workshop {
        let registry = ScriptedRegistry::start();
        let (machine, folder) = (Machine::new(), site());
        let shim = Shim::new();
        shim.put(&registry, "me/shim", "base");
        let reference = format!("{}/me/site:1.2.3", registry.host());
        let arguments = [
            "push",
            &reference,
            "--annotation",
            "org.opencontainers.image.created=2026-01-02T03:04:05Z",
            "--annotation",
            "org.opencontainers.image.revision=abc",
        ];
        let pushed = machine.json(folder.path(), &arguments);
        registry.forget_requests();
        Workshop {
            content: pushed["digest"].as_str().unwrap().to_owned(),
            registry,
            machine,
            folder,
            shim,
        }
    }

    /// The arguments for an image of the release, and further ones.
    fn arguments(&self, further: &[&str]) -> Vec<String> {
        let host = self.registry.host();
        let mut arguments = vec!["image".to_owned()];
        let mut add = |option: &str, value: &str| {
            if !further.contains(&option) {
                arguments.extend([option.to_owned(), value.to_owned()]);
            }
        };
        add("--base", &format!("{host}/me/shim:base"));
        add("--build-id", "1.2.3");
        add("--repository", &format!("{host}/me/site"));
        if !further.contains(&"--output") {
            add("--push", &format!("{host}/me/image:1.2.3"));
        }
        arguments.extend(further.iter().map(|&argument| argument.to_owned()));
        arguments
    }

    /// The result as JSON.
    fn image(&self, further: &[&str]) -> Value {
        let arguments = self.arguments(further);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.machine.json(self.folder.path(), &arguments)
    }

    /// How it fails: the exit code, the error and the hint.
    fn fails(&self, further: &[&str]) -> (Option<i32>, String, String) {
        let arguments = self.arguments(further);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut command = self.machine.bart(self.folder.path(), &arguments);
        let failed = crate::process::Failed::run(command.arg("--quiet"));
        (
            failed.code,
            failed.error().to_owned(),
            failed.hint().to_owned(),
        )
    }

    /// A manifest, an index or a configuration in the registry, checked against its digest.
    fn document(&self, repository: &str, kind: &str, digest: &str) -> Value {
        let path = format!("/v2/{repository}/{kind}/{digest}");
        let response = Connection::open(self.registry.address()).get(&path);
        assert_eq!(response.status, 200, "{path}");
        if digest.starts_with("sha256:") {
            assert_eq!(Digest::of(&response.body).to_string(), digest);
        }
        serde_json::from_slice(&response.body).unwrap()
    }
}

/// How many requests of these begin like that.
fn count(lines: &[String], beginning: &str) -> usize {
    let meant = lines.iter().filter(|line| line.starts_with(beginning));
    meant.count()
}
