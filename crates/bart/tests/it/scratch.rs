//! Sites made for one test, in a temporary folder.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A folder that is removed when this is dropped.
pub(crate) struct Scratch(TempDir);

impl Scratch {
    /// An empty folder.
    pub(crate) fn new() -> Scratch {
        Scratch(tempfile::tempdir().unwrap())
    }

    /// A site: its manifest, and files by their paths.
    pub(crate) fn site(manifest: &str, files: &[(&str, &str)]) -> Scratch {
        let scratch = Scratch::new();
        scratch.write("spin.toml", manifest);
        for (path, content) in files {
            scratch.write(path, content);
        }
        scratch
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// The manifest of a site.
    pub(crate) fn manifest(&self) -> PathBuf {
        self.path().join("spin.toml")
    }

    /// Writes a file, with the folders above it. What was there is replaced by a new file, as editors do it.
    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        self.create(path).write_all(content.as_ref()).unwrap();
    }

    /// Opens a new file for writing.
    pub(crate) fn create(&self, path: &str) -> File {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let _ = fs::remove_file(&path);
        File::create(path).unwrap()
    }

    /// Copies a folder, or a file, to a place below this one.
    pub(crate) fn copy(&self, from: &Path, to: &str) {
        let to = self.path().join(to);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        copy(from, &to);
    }
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        fs::copy(from, to).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
    }
}
