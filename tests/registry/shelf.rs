//! What the scripted registry keeps, and its answers where no script has one (distribution-spec 1.1, without referrers).

use std::collections::BTreeMap;

use artifact::Digest;

use super::wire::{Answer, Request};

/// Blobs and manifests by repository.
#[derive(Default)]
pub(super) struct Shelf {
    blobs: BTreeMap<(String, String), Vec<u8>>,
    manifests: BTreeMap<(String, String), Vec<u8>>,
}

impl Shelf {
    pub(super) fn put_blob(&mut self, repository: &str, bytes: &[u8]) {
        let key = (repository.to_owned(), Digest::of(bytes).to_string());
        self.blobs.insert(key, bytes.to_vec());
    }

    pub(super) fn put_manifest(&mut self, repository: &str, tag: &str, bytes: &[u8]) {
        for name in [tag.to_owned(), Digest::of(bytes).to_string()] {
            self.manifests
                .insert((repository.to_owned(), name), bytes.to_vec());
        }
    }

    pub(super) fn answer(&mut self, request: &Request) -> Answer {
        let path = request.path.split('?').next().unwrap_or_default();
        let Some(path) = path.strip_prefix("/v2/") else {
            return Answer::status(404);
        };
        if let Some((name, _)) = path.split_once("/blobs/uploads/") {
            return self.upload(name, request);
        }
        if let Some((name, digest)) = path.split_once("/blobs/") {
            return self.blob(name, digest, request);
        }
        if let Some((name, reference)) = path.split_once("/manifests/") {
            return self.manifest(name, reference, request);
        }
        Answer::error(404, "NAME_UNKNOWN", "no such place")
    }

    fn blob(&self, name: &str, digest: &str, request: &Request) -> Answer {
        let Some(bytes) = self.blobs.get(&(name.to_owned(), digest.to_owned())) else {
            return Answer::error(404, "BLOB_UNKNOWN", "no such blob");
        };
        let offset = request.header("range").and_then(|range| {
            range
                .strip_prefix("bytes=")?
                .strip_suffix('-')?
                .parse::<usize>()
                .ok()
        });
        match offset {
            Some(offset) => Answer::status(206)
                .with(
                    "Content-Range",
                    &format!("bytes {offset}-{}/{}", bytes.len() - 1, bytes.len()),
                )
                .body(&bytes[offset..]),
            None => Answer::status(200).body(bytes.as_slice()),
        }
    }

    fn manifest(&mut self, name: &str, reference: &str, request: &Request) -> Answer {
        if request.method == "PUT" {
            self.put_manifest(name, reference, &request.body);
            let digest = Digest::of(&request.body).to_string();
            return Answer::status(201).with("Docker-Content-Digest", &digest);
        }
        match self.manifests.get(&(name.to_owned(), reference.to_owned())) {
            Some(bytes) => Answer::status(200)
                .with("Content-Type", "application/vnd.oci.image.manifest.v1+json")
                .with("Docker-Content-Digest", &Digest::of(bytes).to_string())
                .body(bytes.as_slice()),
            None => Answer::error(404, "MANIFEST_UNKNOWN", "no such manifest"),
        }
    }

    fn upload(&mut self, name: &str, request: &Request) -> Answer {
        let chunked = request.header("transfer-encoding").is_some();
        match request.method.as_str() {
            _ if chunked => Answer::error(411, "SIZE_INVALID", "this registry wants a length"),
            "POST" => {
                let mounted = request.parameter("mount").zip(request.parameter("from"));
                let bytes =
                    mounted.and_then(|(digest, from)| self.blobs.get(&(from, digest)).cloned());
                if let Some(bytes) = bytes {
                    self.put_blob(name, &bytes);
                    return Answer::status(201);
                }
                // Relative and with a query of its own, which the specification allows.
                Answer::status(202).with(
                    "Location",
                    &format!("/v2/{name}/blobs/uploads/1?_state=a%2Fb"),
                )
            }
            "PUT" => {
                let digest = Digest::of(&request.body).to_string();
                if request.parameter("digest").as_ref() != Some(&digest) {
                    return Answer::error(400, "DIGEST_INVALID", "other bytes came");
                }
                self.put_blob(name, &request.body);
                Answer::status(201).with("Docker-Content-Digest", &digest)
            }
            _ => Answer::status(204),
        }
    }
}
