//! The steps of a release: what the workflows do, with a registry of this machine.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tempfile::TempDir;

use crate::tool;

/// The release that is rehearsed.
const BUILD_ID: &str = "1.2.3";

/// The exit code of a command that does not find something in the registry.
const NOT_FOUND: i32 = 15;

/// A release on its way.
pub(super) struct Release {
    host: String,
    bart: PathBuf,
    /// A home without credentials and without a cache.
    home: TempDir,
}

impl Release {
    /// A release to the registry `host`.
    pub(super) fn new(host: &str, bart: PathBuf) -> Result<Release> {
        Ok(Release {
            host: host.to_owned(),
            bart,
            home: TempDir::new().context("failed to make a folder")?,
        })
    }

    /// Copies the shim from its layout into the registry, as somebody else's tool does it.
    pub(super) fn push_shim(&self, layout: &Path) -> Result<()> {
        let mut skopeo = tool::program("skopeo");
        skopeo
            .args([
                "--insecure-policy",
                "copy",
                "--quiet",
                "--all",
                "--dest-tls-verify=false",
            ])
            .arg(format!("oci:{}", layout.display()))
            .arg(format!("docker://{}", self.shim()));
        tool::run(&mut skopeo)
    }

    /// An image whose content is not there must not be.
    pub(super) fn refuse_early_image(&self) -> Result<()> {
        let output = self
            .image()
            .output()
            .context("failed to start `bart image`")?;
        if output.status.code() != Some(NOT_FOUND) {
            bail!("`bart image` ended with {}", output.status);
        }
        if self.raw(&self.image_at(BUILD_ID)).is_ok() {
            bail!("there is an image before its content");
        }
        Ok(())
    }

    /// Publishes the site of this repository, and gives its digest.
    pub(super) fn push_content(&self) -> Result<String> {
        let reference = format!("{}:{BUILD_ID}", self.repository());
        let mut push = self.bart(&["push", &reference, "--quiet"]);
        digest(&result(&mut push)?)
    }

    /// Stamps the image, and gives its digest.
    pub(super) fn stamp(&self, content: &str) -> Result<String> {
        let stamped = result(&mut self.image())?;
        expect(&stamped["result"], "pushed")?;
        expect(&stamped["content"]["digest"], content)?;
        // Layers come from the shim's repository, and none is sent.
        let configurations = stamped["platforms"].as_array().map_or(0, Vec::len);
        if stamped["uploaded"]["blobs"] != configurations {
            bail!("more than configurations was sent: {stamped}");
        }
        digest(&stamped)
    }

    /// The same image again changes nothing.
    pub(super) fn stamp_again(&self, content: &str, image: &str) -> Result<()> {
        let again = result(&mut self.image())?;
        expect(&again["result"], "unchanged")?;
        expect(&again["content"]["digest"], content)?;
        expect(&again["digest"], image)
    }

    /// Publishes the chart, where there is one.
    pub(super) fn push_chart(&self) -> Result<()> {
        if !tool::root().join("charts/bart").exists() {
            tool::say("skipped: the chart: there is no `charts/bart`");
            return Ok(());
        }
        let charts = format!("{}/rehearsal/charts", self.host);
        tool::run(tool::cargo().args(["xtask", "chart", "push", &charts, "--insecure"]))
    }

    /// What somebody else's tool says of the image.
    pub(super) fn inspect(&self, content: &str, image: &str) -> Result<()> {
        let index = self.raw(&self.image_at(BUILD_ID))?;
        let annotations = &index["annotations"];
        expect(&annotations["org.opencontainers.image.version"], BUILD_ID)?;
        let platforms = index["manifests"].as_array().context("it is no index")?;
        if platforms.is_empty() {
            bail!("the index is empty");
        }
        let mut skopeo = tool::program("skopeo");
        skopeo.args(["inspect", "--tls-verify=false", "--config"]);
        let config = json(skopeo.arg(format!("docker://{}", self.image_at(image))))?;
        let variables = config["config"]["Env"].to_string();
        for part in [BUILD_ID, &self.repository(), content] {
            if !variables.contains(part) {
                bail!("`{part}` is not in {variables}");
            }
        }
        expect(&config["config"]["User"], "65532:65532")?;
        expect(&config["config"]["Entrypoint"][0], "/bart")
    }

    /// The image by a tag or a digest.
    pub(super) fn image_at(&self, target: &str) -> String {
        let separator = if target.contains(':') { '@' } else { ':' };
        format!("{}/rehearsal{separator}{target}", self.host)
    }

    fn shim(&self) -> String {
        format!("{}/rehearsal/shim:{}", self.host, env!("CARGO_PKG_VERSION"))
    }

    fn repository(&self) -> String {
        format!("{}/rehearsal/site", self.host)
    }

    fn image(&self) -> Command {
        let (shim, repository) = (self.shim(), self.repository());
        let to = self.image_at(BUILD_ID);
        let mut command = self.bart(&["image", "--base", &shim, "--build-id", BUILD_ID]);
        command.args(["--repository", &repository, "--push", &to]);
        command
    }

    fn bart(&self, arguments: &[&str]) -> Command {
        let mut command = tool::program(&self.bart.to_string_lossy());
        command.args(arguments).env("HOME", self.home.path());
        for name in ["XDG_CACHE_HOME", "DOCKER_CONFIG", "REGISTRY_AUTH_FILE"] {
            command.env_remove(name);
        }
        command
    }

    fn raw(&self, reference: &str) -> Result<Value> {
        let mut skopeo = tool::program("skopeo");
        skopeo.args(["inspect", "--tls-verify=false", "--raw"]);
        json(skopeo.arg(format!("docker://{reference}")))
    }
}

fn result(command: &mut Command) -> Result<Value> {
    json(command.arg("--json"))
}

fn json(command: &mut Command) -> Result<Value> {
    let text = tool::output(command)?;
    serde_json::from_str(&text).with_context(|| format!("not JSON: {text}"))
}

fn digest(result: &Value) -> Result<String> {
    let digest = result["digest"].as_str();
    Ok(digest.context("the result has no digest")?.to_owned())
}

fn expect(value: &Value, expected: &str) -> Result<()> {
    if value != expected {
        bail!("it is {value}, not `{expected}`");
    }
    Ok(())
}
