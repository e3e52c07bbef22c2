//! A site whose components are not the ones that bart carries: the same ones with a section more, so that their digests differ.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use super::{fixture, sites};
use crate::tool;

/// A custom section with a name and nothing else, which every engine passes over (WebAssembly core specification, section 5.5.3).
const SECTION: &[u8] = b"\x00\x06\x05bench";

/// Sources in the manifests of [`sites`] by component, for which bart puts its own.
const SOURCES: [(&str, &str); 3] = [
    ("renderer", "bartholomew.wasm"),
    ("files", "spin_static_fs.wasm"),
    ("moved", "redirect.wasm"),
];

/// Writes the components into `folder` and a manifest that names them beside the one of the site.
pub(super) fn manifest(bart: &Path, site: &Path, folder: &Path) -> Result<PathBuf> {
    sites::empty(folder)?;
    let layout = folder.join("layout");
    let mut push = Command::new(bart);
    push.args(["push", fixture::TAG, "--quiet", "--output"]);
    tool::output(push.arg(&layout).arg("--site").arg(site))?;
    let locked = locked_app(&layout)?;
    let mut text = fs::read_to_string(site).context("failed to read a site's manifest")?;
    for (component, source) in SOURCES {
        let digest = component_digest(&locked, component)?;
        let mut wasm = fs::read(blob(&layout, digest)).context("failed to read a component")?;
        wasm.extend_from_slice(SECTION);
        let own = folder.join(format!("own-{component}.wasm"));
        sites::write(&own, wasm)?;
        let own = own.to_str().context("the target folder is not UTF-8")?;
        text = text.replace(source, own);
    }
    let manifest = site.with_file_name("foreign.toml");
    sites::write(&manifest, text)?;
    Ok(manifest)
}

/// The locked app of the only artifact of an OCI layout.
fn locked_app(layout: &Path) -> Result<Value> {
    let index = json(&layout.join("index.json"))?;
    let manifest = index["manifests"][0]["digest"].as_str();
    let manifest = json(&blob(
        layout,
        manifest.context("an index without a manifest")?,
    ))?;
    let layers = manifest["layers"].as_array();
    let app = layers
        .into_iter()
        .flatten()
        .find(|layer| layer["mediaType"] == "application/vnd.fermyon.spin.application.v1+config")
        .and_then(|layer| layer["digest"].as_str())
        .context("an artifact without a locked app")?;
    json(&blob(layout, app))
}

fn component_digest<'a>(locked: &'a Value, id: &str) -> Result<&'a str> {
    let components = locked["components"].as_array();
    components
        .into_iter()
        .flatten()
        .find(|component| component["id"] == id)
        .and_then(|component| component["source"]["digest"].as_str())
        .with_context(|| format!("a locked app without the component `{id}`"))
}

fn blob(layout: &Path, digest: &str) -> PathBuf {
    layout.join("blobs").join(digest.replace(':', "/"))
}

pub(super) fn json(path: &Path) -> Result<Value> {
    let text = fs::read(path).with_context(|| format!("failed to read `{}`", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("failed to read `{}`", path.display()))
}
