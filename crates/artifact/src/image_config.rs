//! The configuration of the artifact: an ordinary image configuration that names the locked app (image-spec, `config.md`).

use serde::Serialize;

use crate::digest::Digest;

#[derive(Serialize)]
struct ImageConfig {
    architecture: &'static str,
    os: &'static str,
    config: Runtime,
    rootfs: RootFileSystem,
}

#[derive(Serialize)]
struct Runtime {
    #[serde(rename = "Labels")]
    labels: Labels,
}

#[derive(Serialize)]
struct Labels {
    #[serde(rename = "com.fermyon.spin.lockedAppDigest")]
    locked_app: Digest,
}

#[derive(Serialize)]
struct RootFileSystem {
    r#type: &'static str,
    diff_ids: [Digest; 0],
}

/// The bytes of the configuration of an artifact, as Spin writes them. Nothing in them but the digest of the locked app varies, and nothing
/// that runs an artifact needs them.
#[must_use]
pub fn write(locked_app: Digest) -> Vec<u8> {
    let config = ImageConfig {
        architecture: "wasm",
        os: "wasip1",
        config: Runtime {
            labels: Labels { locked_app },
        },
        rootfs: RootFileSystem {
            r#type: "layers",
            diff_ids: [],
        },
    };
    serde_json::to_vec(&config).expect("texts and lists are JSON")
}
