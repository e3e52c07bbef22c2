//! Writes releases into layouts.

use std::fs::{self, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tempfile::NamedTempFile;

use super::{INDEX, Index, Layout, LayoutError, MARKER, blob_name, name_of};
use crate::annotation;
use crate::descriptor::Descriptor;
use crate::media_type;
use crate::release::Release;
use crate::verified::Verified;

/// What the file that marks a layout holds.
const MARK: &str = r#"{"imageLayoutVersion":"1.0.0"}"#;

impl Layout {
    /// Makes a layout in a folder, which may exist and may be one already.
    ///
    /// # Errors
    ///
    /// When it cannot be written, or the folder is a layout of another version.
    pub fn create(folder: &Path) -> Result<Layout, LayoutError> {
        let layout = Layout {
            folder: folder.to_owned(),
        };
        if folder.join(MARKER).exists() {
            return Layout::open(folder);
        }
        let blobs = folder.join("blobs").join("sha256");
        fs::create_dir_all(&blobs).map_err(|source| LayoutError::Write {
            path: blobs,
            source,
        })?;
        let empty = Index {
            schema_version: 2,
            media_type: None,
            manifests: Vec::new(),
        };
        layout.write_index(&empty)?;
        layout.write(MARKER, &mut MARK.as_bytes())?;
        Ok(layout)
    }

    /// Writes a release under a name. Whoever reads the layout meanwhile finds the old artifact of that name or the new one, each whole.
    ///
    /// # Errors
    ///
    /// When something cannot be read or written.
    pub fn add(&self, release: &Release, name: &str) -> Result<(), LayoutError> {
        for layer in &release.blobs {
            self.add_blob(&layer.descriptor, || layer.open())?;
        }
        let manifest = Descriptor::of(media_type::MANIFEST, &release.manifest_bytes);
        self.add_blob(&manifest, || Ok(&release.manifest_bytes[..]))?;
        self.set_name(manifest, name)
    }

    /// Gives a manifest that the layout has, with all that it names, a name.
    ///
    /// # Errors
    ///
    /// When the index cannot be read or written.
    pub fn set_name(&self, mut manifest: Descriptor, name: &str) -> Result<(), LayoutError> {
        manifest
            .annotations
            .insert(annotation::REF_NAME.to_owned(), name.to_owned());
        let mut index = self.index()?;
        index.manifests.retain(|entry| name_of(entry) != Some(name));
        let entry = serde_json::to_value(manifest).expect("a descriptor is JSON");
        index.manifests.push(entry);
        index
            .manifests
            .sort_by(|one, other| name_of(one).cmp(&name_of(other)));
        self.write_index(&index)
    }

    /// Writes a blob unless it is there and right.
    ///
    /// # Errors
    ///
    /// When it cannot be read or written, or its bytes are others than promised.
    pub fn add_blob<R: Read>(
        &self,
        blob: &Descriptor,
        open: impl FnOnce() -> io::Result<R>,
    ) -> Result<(), LayoutError> {
        let there = self
            .blob(blob)
            .and_then(|mut blob| io::copy(&mut blob, &mut io::sink()));
        if there.is_ok() {
            return Ok(());
        }
        let name = blob_name(&blob.digest);
        let reader = open().map_err(|source| self.write_error(&name, source))?;
        self.write(&name, &mut Verified::new(reader, blob))
    }

    fn write_index(&self, index: &Index) -> Result<(), LayoutError> {
        let bytes = serde_json::to_vec(index).expect("values are JSON");
        self.write(INDEX, &mut &bytes[..])
    }

    fn write(&self, name: &str, bytes: &mut impl Read) -> Result<(), LayoutError> {
        let path = self.folder.join(name);
        write_atomically(&path, bytes).map_err(|source| LayoutError::Write { path, source })
    }

    fn write_error(&self, name: &str, source: io::Error) -> LayoutError {
        LayoutError::Write {
            path: self.folder.join(name),
            source,
        }
    }
}

/// The file is there whole or not at all, and readable by everybody whatever the umask: a layout is carried elsewhere.
fn write_atomically(path: &Path, bytes: &mut impl Read) -> io::Result<()> {
    let folder = path
        .parent()
        .expect("every file of a layout is in a folder");
    let mut temporary = NamedTempFile::new_in(folder)?;
    io::copy(bytes, &mut temporary)?;
    temporary.flush()?;
    temporary
        .as_file()
        .set_permissions(Permissions::from_mode(0o644))?;
    temporary.as_file().sync_all()?;
    temporary.persist(path)?;
    Ok(())
}
