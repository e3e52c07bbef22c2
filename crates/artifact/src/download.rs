//! Files from the web, taken only with the digest that was promised.

use std::time::Duration;

use futures::StreamExt;

use crate::digest::Digest;

/// The largest file that is taken, in bytes: Wasm components are far smaller.
const LARGEST: usize = 256 << 20;

/// The longest silence of the other side.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why a download failed.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// The connection or the protocol failed.
    #[error("failed to download `{url}`")]
    Transport {
        /// What was asked.
        url: String,
        /// Why.
        #[source]
        source: reqwest::Error,
    },
    /// The answer was not 200.
    #[error("failed to download `{url}`: the server answered {status}")]
    Status {
        /// What was asked.
        url: String,
        /// The status code.
        status: u16,
    },
    /// The file is larger than 256 MiB.
    #[error("`{url}` is larger than {} MiB", LARGEST >> 20)]
    TooLarge {
        /// What was asked.
        url: String,
    },
    /// The bytes are not those that were promised.
    #[error("`{url}` has the digest `{actual}`, not `{expected}`")]
    WrongDigest {
        /// What was asked.
        url: String,
        /// What it should have been.
        expected: Digest,
        /// What came.
        actual: Digest,
    },
}

/// Downloads `url` and checks that it has `digest`.
///
/// # Errors
///
/// See [`DownloadError`]; nothing is returned that does not have the digest.
pub async fn fetch(url: &str, digest: Digest) -> Result<Vec<u8>, DownloadError> {
    let transport = |source| DownloadError::Transport {
        url: url.to_owned(),
        source,
    };
    // Another part of the process may have chosen one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .read_timeout(PATIENCE)
        .connect_timeout(PATIENCE)
        .build()
        .map_err(transport)?;
    let response = client.get(url).send().await.map_err(transport)?;
    if response.status() != reqwest::StatusCode::OK {
        let status = response.status().as_u16();
        return Err(DownloadError::Status {
            url: url.to_owned(),
            status,
        });
    }
    let mut bytes = Vec::new();
    let mut chunks = response.bytes_stream();
    while let Some(chunk) = chunks.next().await {
        bytes.extend_from_slice(&chunk.map_err(transport)?);
        if bytes.len() > LARGEST {
            return Err(DownloadError::TooLarge {
                url: url.to_owned(),
            });
        }
    }
    let actual = Digest::of(&bytes);
    if actual != digest {
        return Err(DownloadError::WrongDigest {
            url: url.to_owned(),
            expected: digest,
            actual,
        });
    }
    Ok(bytes)
}
