//! A shim image for two platforms, as small as can be.

use artifact::Digest;
use serde_json::{Value, json};

use crate::registry::ScriptedRegistry;

/// Its media types: those of the image-spec, or docker's.
pub(super) struct Formats {
    index: &'static str,
    manifest: &'static str,
    config: &'static str,
    layer: &'static str,
}

pub(super) const OCI: Formats = Formats {
    index: "application/vnd.oci.image.index.v1+json",
    manifest: "application/vnd.oci.image.manifest.v1+json",
    config: "application/vnd.oci.image.config.v1+json",
    layer: "application/vnd.oci.image.layer.v1.tar+gzip",
};

pub(super) const DOCKER: Formats = Formats {
    index: "application/vnd.docker.distribution.manifest.list.v2+json",
    manifest: "application/vnd.docker.distribution.manifest.v2+json",
    config: "application/vnd.docker.container.image.v1+json",
    layer: "application/vnd.docker.image.rootfs.diff.tar.gzip",
};

/// The shim.
pub(super) struct Shim {
    pub(super) index: Value,
    pub(super) manifests: Vec<Value>,
    blobs: Vec<Vec<u8>>,
}

impl Shim {
    pub(super) fn new() -> Shim {
        Shim::of(&OCI, &["arm64", "amd64"])
    }

    /// A shim in these formats. What is not an architecture is an attestation.
    pub(super) fn of(formats: &Formats, architectures: &[&str]) -> Shim {
        let mut shim = Shim {
            index: Value::Null,
            manifests: Vec::new(),
            blobs: Vec::new(),
        };
        let mut entries = Vec::new();
        for architecture in architectures {
            let manifest = shim.manifest(formats, architecture);
            let mut entry = describe(formats.manifest, &bytes(&manifest));
            let os = if *architecture == "unknown" {
                "unknown"
            } else {
                "linux"
            };
            entry["platform"] = json!({ "os": os, "architecture": architecture });
            entries.push(entry);
            shim.manifests.push(manifest);
        }
        shim.index =
            json!({ "schemaVersion": 2, "mediaType": formats.index, "manifests": entries });
        shim
    }

    /// Puts it into a repository.
    pub(super) fn put(&self, registry: &ScriptedRegistry, repository: &str, tag: &str) {
        for blob in &self.blobs {
            registry.put_blob(repository, blob);
        }
        for manifest in &self.manifests {
            registry.put_manifest(repository, "part", &bytes(manifest));
        }
        registry.put_manifest(repository, tag, &bytes(&self.index));
    }

    fn manifest(&mut self, formats: &Formats, architecture: &str) -> Value {
        let layers = [
            b"certificates".to_vec(),
            format!("bart for {architecture}").into_bytes(),
        ];
        let config = json!({
            "architecture": architecture,
            "os": "linux",
            "created": "2020-01-01T00:00:00Z",
            "config": {
                "User": "65532:65532",
                "Env": ["PATH=/", "BART_IMAGE_DIGEST=of an older stamp"],
                "Entrypoint": ["/bart"],
                "Labels": { "org.opencontainers.image.title": "bart", "bart.digest": "older" },
            },
            "rootfs": { "type": "layers", "diff_ids": layers.each_ref().map(|layer| digest(layer)) },
            "history": [{ "created_by": "a" }, { "created_by": "b" }],
            "something.else": 1,
        });
        let config = bytes(&config);
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": formats.manifest,
            "config": describe(formats.config, &config),
            "layers": layers.each_ref().map(|layer| describe(formats.layer, layer)),
        });
        self.blobs.push(config);
        self.blobs.extend(layers);
        manifest
    }
}

pub(super) fn bytes(value: &Value) -> Vec<u8> {
    serde_json::to_vec(value).unwrap()
}

pub(super) fn digest(bytes: &[u8]) -> String {
    Digest::of(bytes).to_string()
}

fn describe(kind: &str, bytes: &[u8]) -> Value {
    json!({ "mediaType": kind, "digest": digest(bytes), "size": bytes.len() })
}
