//! One layer of the image: a folder as an archive that depends on names, modes and bytes alone.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use flate2::{Compression, GzBuilder};
use sha2::{Digest, Sha256};
use tar::{Builder, EntryType, Header};
use walkdir::WalkDir;

/// A layer.
pub(super) struct Layer {
    /// The digest of the archive.
    pub(super) diff_id: String,
    /// The archive, compressed.
    pub(super) bytes: Vec<u8>,
}

/// A folder of the image that is not one of the context.
pub(super) struct Folder {
    pub(super) path: &'static str,
    pub(super) owner: u64,
    pub(super) mode: u32,
}

impl Layer {
    /// The layer of what is in a folder, all of it owned by root, and of further folders.
    pub(super) fn of(folder: &Path, further: &[Folder]) -> Result<Layer> {
        let read = || format!("failed to read `{}`", folder.display());
        let mut archive = Builder::new(Vec::new());
        for entry in WalkDir::new(folder).min_depth(1).sort_by_file_name() {
            let path = entry.with_context(read)?.into_path();
            let name = path.strip_prefix(folder).expect("it was found there");
            if path.is_dir() {
                add(&mut archive, name, EntryType::Directory, (0, 0o755), &[])?;
                continue;
            }
            let bytes = fs::read(&path).with_context(read)?;
            let mode = if bytes.starts_with(b"\x7fELF") && name.components().count() == 1 {
                0o755
            } else {
                0o444
            };
            add(&mut archive, name, EntryType::Regular, (0, mode), &bytes)?;
        }
        for folder in further {
            let owner = (folder.owner, folder.mode);
            add(
                &mut archive,
                Path::new(folder.path),
                EntryType::Directory,
                owner,
                &[],
            )?;
        }
        compress(&archive.into_inner().context("failed to end a layer")?)
    }
}

/// `sha256:` and the digest of some bytes.
pub(super) fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
}

fn add(
    archive: &mut Builder<Vec<u8>>,
    name: &Path,
    kind: EntryType,
    (owner, mode): (u64, u32),
    bytes: &[u8],
) -> Result<()> {
    let mut header = Header::new_ustar();
    header.set_entry_type(kind);
    header.set_uid(owner);
    header.set_gid(owner);
    header.set_mode(mode);
    header.set_mtime(0);
    header.set_size(bytes.len() as u64);
    archive
        .append_data(&mut header, name, bytes)
        .with_context(|| format!("failed to add `{}` to a layer", name.display()))
}

/// gzip, which every runtime reads. Its header says neither a time nor a system.
fn compress(archive: &[u8]) -> Result<Layer> {
    let mut encoder = GzBuilder::new()
        .mtime(0)
        .operating_system(255)
        .write(Vec::new(), Compression::best());
    encoder.write_all(archive).context("failed to compress")?;
    Ok(Layer {
        diff_id: digest(archive),
        bytes: encoder.finish().context("failed to compress")?,
    })
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    use tempfile::TempDir;

    use super::*;
    use crate::image::write;

    /// A folder of these files, made in this order.
    fn folder(files: &[(&str, &[u8])], mode: u32) -> TempDir {
        let folder = TempDir::new().expect("a temporary folder");
        for (name, bytes) in files {
            let path = folder.path().join(name);
            write(&path, bytes).expect("the folder can be written");
            fs::set_permissions(path, Permissions::from_mode(mode)).expect("it is ours");
        }
        folder
    }

    #[test]
    fn a_layer_depends_on_names_and_bytes_alone() {
        let further = [Folder {
            path: "cache",
            owner: 7,
            mode: 0o700,
        }];
        let files: [(&str, &[u8]); 3] =
            [("bart", b"\x7fELF..."), ("etc/a", b"1"), ("etc/b/c", b"2")];
        let mut reversed = files;
        reversed.reverse();
        let one = Layer::of(folder(&files, 0o600).path(), &further).expect("a layer");
        let other = Layer::of(folder(&reversed, 0o777).path(), &further).expect("a layer");
        assert_eq!(one.bytes, other.bytes);
        assert_eq!(one.diff_id, other.diff_id);

        let mut archive = Vec::new();
        std::io::copy(
            &mut flate2::read::GzDecoder::new(&one.bytes[..]),
            &mut archive,
        )
        .expect("it is gzip");
        assert_eq!(digest(&archive), one.diff_id);
        let mut archive = tar::Archive::new(&archive[..]);
        let entries: Vec<_> = archive
            .entries()
            .expect("it is an archive")
            .map(|entry| {
                let entry = entry.expect("it is whole");
                let header = entry.header();
                let name = entry.path().expect("a name").display().to_string();
                (
                    name,
                    header.mode().expect("a mode"),
                    header.uid().expect("an owner"),
                )
            })
            .collect();
        let expected = [
            ("bart", 0o755, 0),
            ("etc", 0o755, 0),
            ("etc/a", 0o444, 0),
            ("etc/b", 0o755, 0),
            ("etc/b/c", 0o444, 0),
            ("cache", 0o700, 7),
        ];
        let expected = expected.map(|(name, mode, owner)| (name.to_owned(), mode, owner));
        assert_eq!(entries, expected);
    }
}
