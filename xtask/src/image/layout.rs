//! The image as an OCI layout (image-spec, `image-layout.md`): the same files give the same bytes.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::layer::{Folder, Layer, digest};
use super::{Architecture, context, write};

/// Who runs it: nobody of any system.
const USER: u64 = 65532;

/// A place for the cache where no volume is mounted.
const CACHE: Folder = Folder {
    path: context::CACHE,
    owner: USER,
    mode: 0o700,
};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// Writes the layout anew, and gives the digest of its index and the size of each platform's image, compressed, in bytes.
pub(super) fn write_layout(
    context: &Path,
    folder: &Path,
    architectures: &[Architecture],
    created: &str,
) -> Result<(String, Vec<(Architecture, u64)>)> {
    if folder.exists() {
        fs::remove_dir_all(folder).context("failed to remove the old layout")?;
    }
    let common = Layer::of(&context::common(context), &[CACHE])?;
    let mut manifests = Vec::new();
    let mut sizes = Vec::new();
    for &architecture in architectures {
        let own = Layer::of(&context::of_platform(context, architecture), &[])?;
        // What changes least comes first.
        let layers = [&common, &own];
        let config = bytes(&configuration(architecture, &layers, created));
        let mut blobs = vec![blob(folder, CONFIG, &config)?];
        for layer in layers {
            blobs.push(blob(folder, LAYER, &layer.bytes)?);
        }
        let size = blobs.iter().filter_map(|blob| blob["size"].as_u64()).sum();
        sizes.push((architecture, size));
        let manifest = bytes(&json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": blobs[0],
            "layers": blobs[1..],
        }));
        let mut entry = blob(folder, MANIFEST, &manifest)?;
        entry["platform"] = json!({ "architecture": architecture.name(), "os": "linux" });
        manifests.push(entry);
    }
    let index = bytes(&json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": manifests }));
    let mut image = blob(folder, INDEX, &index)?;
    image["annotations"] = json!({ "org.opencontainers.image.ref.name": version() });
    let list = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [image] });
    write(&folder.join("index.json"), &bytes(&list))?;
    write(
        &folder.join("oci-layout"),
        br#"{"imageLayoutVersion":"1.0.0"}"#,
    )?;
    Ok((digest(&index), sizes))
}

/// What the process begins with.
fn configuration(architecture: Architecture, layers: &[&Layer], created: &str) -> Value {
    let diff_ids: Vec<&str> = layers.iter().map(|layer| layer.diff_id.as_str()).collect();
    let history = ["certificates and folders", "bart"].map(
        |what| json!({ "created": created, "created_by": format!("cargo xtask image: {what}") }),
    );
    json!({
        "architecture": architecture.name(),
        "os": "linux",
        "created": created,
        "config": {
            "User": format!("{USER}:{USER}"),
            "Env": ["PATH=/", "BART_CACHE_DIR=/cache"],
            "Entrypoint": ["/bart"],
            "Cmd": ["serve"],
            "WorkingDir": "/",
            "ExposedPorts": { "8080/tcp": {}, "9090/tcp": {} },
            "Labels": {
                "org.opencontainers.image.title": "bart",
                "org.opencontainers.image.licenses": env!("CARGO_PKG_LICENSE"),
                "org.opencontainers.image.version": version(),
            },
        },
        "rootfs": { "type": "layers", "diff_ids": diff_ids },
        "history": history,
    })
}

/// The version of bart's own sources.
fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// Writes a blob, and describes it.
fn blob(folder: &Path, kind: &str, bytes: &[u8]) -> Result<Value> {
    let digest = digest(bytes);
    let name = digest.replace(':', "/");
    write(&folder.join("blobs").join(name), bytes)?;
    Ok(json!({ "mediaType": kind, "digest": digest, "size": bytes.len() }))
}

fn bytes(value: &Value) -> Vec<u8> {
    serde_json::to_vec(value).expect("values are JSON")
}
