//! Stores in folders that go away, and releases to put into them.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use artifact::store::{BlobWriter, ContentRef, GcPolicy, ReleaseBuilder, StoredRelease};
use artifact::{Digest, Store, StoreError, StoreOptions};
use tempfile::TempDir;

/// Without a shared level, with everything in one volume.
pub(super) const PLAIN: StoreOptions = StoreOptions {
    shared: None,
    releases: None,
};

/// Removes every release that nothing protects.
pub(super) const STRICT: GcPolicy = GcPolicy {
    max_size: Some(0),
    max_age: None,
};

/// Longer than anything is protected by its age.
pub(super) const LONG: Duration = Duration::from_secs(24 * 60 * 60);

/// A release as a registry would have it.
pub(super) struct Sample {
    pub(super) manifest: Digest,
    /// By component and path.
    pub(super) files: BTreeMap<(usize, String), Vec<u8>>,
    pub(super) app: Vec<u8>,
}

impl Sample {
    /// The release of this name. Half of its files are those of every other sample.
    pub(super) fn new(name: &str) -> Sample {
        let mut files = BTreeMap::new();
        for page in 0..6 {
            let whose = if page % 2 == 0 { "everybody" } else { name };
            let text = format!("page {page} of {whose}\n").repeat(200);
            files.insert((0, format!("content/deep/{page}.md")), text.into_bytes());
        }
        files.insert((1, "logo.svg".to_owned()), vec![b'x'; 200_000]);
        files.insert((1, "empty".to_owned()), Vec::new());
        Sample {
            manifest: Digest::of(name.as_bytes()),
            files,
            app: format!("the locked app of {name}").into_bytes(),
        }
    }

    /// The blobs of the release.
    pub(super) fn blobs(&self) -> impl Iterator<Item = &Vec<u8>> {
        self.files.values()
    }

    /// Describes the release.
    pub(super) fn describe(&self, store: &Store) -> ReleaseBuilder {
        let mut builder = store.begin_release(self.manifest);
        for ((component, path), bytes) in &self.files {
            let content = ContentRef::Blob(Digest::of(bytes));
            builder.file(*component, path, content).unwrap();
        }
        let generated = ContentRef::Inline(b"generated".to_vec());
        builder.file(0, "/generated", generated).unwrap();
        let app = ContentRef::Inline(self.app.clone());
        builder.put("app.json", app).unwrap();
        builder
    }

    /// What a pull does: the blobs that are missing, then the release. Says how many blobs it had to write.
    pub(super) fn pull(&self, store: &Store) -> Result<(StoredRelease, usize), StoreError> {
        let pulled = self.pull_without_sharing(store)?;
        for bytes in self.blobs() {
            store.share(&Digest::of(bytes))?;
        }
        Ok(pulled)
    }

    /// The same, of which the shared level gets nothing.
    pub(super) fn pull_without_sharing(
        &self,
        store: &Store,
    ) -> Result<(StoredRelease, usize), StoreError> {
        let mut pulled = 0;
        for bytes in self.blobs() {
            let digest = Digest::of(bytes);
            if store.fetch(&digest, Some(bytes.len() as u64))?.is_none() {
                write_blob(store, bytes)?;
                pulled += 1;
            }
        }
        let builder = self.describe(store);
        match builder.commit() {
            Err(StoreError::Missing { digests }) => {
                for bytes in self.blobs() {
                    if digests.contains(&Digest::of(bytes)) {
                        write_blob(store, bytes)?;
                        pulled += 1;
                    }
                }
                Ok((builder.commit()?, pulled))
            }
            release => Ok((release?, pulled)),
        }
    }

    /// Asserts that the release is what it should be.
    pub(super) fn assert_right(&self, release: &StoredRelease) {
        assert_eq!(release.manifest(), self.manifest);
        for ((component, path), bytes) in &self.files {
            let file = release.mount(*component).unwrap().join(path);
            assert_eq!(fs::read(&file).unwrap(), *bytes, "{}", file.display());
        }
        let generated = release.mount(0).unwrap().join("generated");
        assert_eq!(fs::read(generated).unwrap(), b"generated");
        assert_eq!(release.read("app.json").unwrap().unwrap(), self.app);
        assert_eq!(release.files(), self.files.len() + 2);
    }
}

/// A folder and a store in it.
pub(super) fn store() -> (TempDir, Store) {
    let volume = tempfile::tempdir().unwrap();
    let store = Store::open(volume.path(), PLAIN).unwrap();
    (volume, store)
}

/// Writes a blob in two parts.
pub(super) fn write_blob(store: &Store, bytes: &[u8]) -> Result<Digest, StoreError> {
    let digest = Digest::of(bytes);
    let mut writer: BlobWriter = store.writer(digest, Some(bytes.len() as u64))?;
    let (first, second) = bytes.split_at(bytes.len() / 2);
    writer.append(first)?;
    writer.append(second)?;
    writer.finish()?;
    Ok(digest)
}

/// Something that happens to the bytes of a file.
pub(super) type Change = fn(&mut Vec<u8>);

/// Replaces the content of a file that is read-only, in place, as a bad disk does.
pub(super) fn damage(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
    File::create(path).unwrap().write_all(&bytes).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o444)).unwrap();
}

/// Flips the lowest bit of the first byte.
#[expect(clippy::ptr_arg, reason = "it is used as a change of `damage`")]
pub(super) fn flip(bytes: &mut Vec<u8>) {
    bytes[0] ^= 1;
}

/// Makes everything below a folder [`LONG`] old.
pub(super) fn age(folder: &Path) {
    age_by(folder, LONG);
}

/// Makes everything below a folder as old as that.
pub(super) fn age_by(folder: &Path, age: Duration) {
    let then = SystemTime::now() - age;
    for path in below(folder) {
        File::open(path).unwrap().set_modified(then).unwrap();
    }
    File::open(folder).unwrap().set_modified(then).unwrap();
}

/// Everything below a folder.
pub(super) fn below(folder: &Path) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else {
        return paths;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            paths.extend(below(&path));
        }
        paths.push(path);
    }
    paths
}

/// The names in a folder of the store.
pub(super) fn names(volume: &Path, folder: &str) -> Vec<String> {
    let path = volume.join("bart").join(folder);
    let mut names: Vec<String> = (fs::read_dir(path).into_iter().flatten())
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
