//! Builds releases: a tree in `tmp/`, moved to its place, synced, and last of all its marker.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;

use super::error::{StoreError, failed};
use super::index::{INDEX, Index, IndexedFile, MOUNTS, Marker, VERSION};
use super::release::StoredRelease;
use super::tree::Tree;
use super::{Store, atomic, faults};
use crate::digest::Digest;

/// What a file of a release contains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContentRef {
    /// A blob of the store.
    Blob(Digest),
    /// These bytes.
    Inline(Vec<u8>),
}

/// A release that is being described. Nothing is written before [`ReleaseBuilder::place`].
#[derive(Debug)]
pub struct ReleaseBuilder {
    store: Store,
    manifest: Digest,
    /// By the path in the tree.
    files: BTreeMap<String, ContentRef>,
    mounts: BTreeSet<usize>,
    named: BTreeSet<String>,
}

/// A release that is complete and may be run, and that a power cut would undo. Dropped without [`PlacedRelease::seal`]
/// it is removed by a clean-up, once no lease holds it.
#[derive(Debug)]
pub struct PlacedRelease {
    store: Store,
    release: StoredRelease,
    copied: usize,
}

impl Store {
    /// Begins a release. Take a [`Store::lease`] first.
    #[must_use]
    pub fn begin_release(&self, manifest: Digest) -> ReleaseBuilder {
        ReleaseBuilder {
            store: self.clone(),
            manifest,
            files: BTreeMap::new(),
            mounts: BTreeSet::new(),
            named: BTreeSet::new(),
        }
    }
}

impl ReleaseBuilder {
    /// Adds a file of a component, by the component's place in the locked app and the path as the component sees it. Of two
    /// with the same path the later wins.
    ///
    /// # Errors
    /// A path that would leave the mount.
    pub fn file(
        &mut self,
        component: usize,
        guest_path: &str,
        content: ContentRef,
    ) -> Result<(), StoreError> {
        let path = inside(guest_path)?;
        self.files
            .insert(format!("{MOUNTS}/{component}/{path}"), content);
        self.mounts.insert(component);
        Ok(())
    }

    /// Adds a file beside the mounts, such as the locked app.
    ///
    /// # Errors
    /// A name that is none, or that the store itself uses.
    pub fn put(&mut self, name: &str, content: ContentRef) -> Result<(), StoreError> {
        let plain = inside(name)? == name && !name.contains('/');
        if !plain || name == INDEX || name == MOUNTS {
            return Err(refused(name, "it is not a free name"));
        }
        self.files.insert(name.to_owned(), content);
        self.named.insert(name.to_owned());
        Ok(())
    }

    /// The blobs that the release needs and the private store lacks. Nothing is read of those that it has.
    #[must_use]
    pub fn missing(&self) -> BTreeSet<Digest> {
        self.files
            .values()
            .filter_map(|content| match content {
                ContentRef::Blob(digest) => Some(*digest),
                ContentRef::Inline(_) => None,
            })
            .filter(|digest| self.store.blob(digest).is_none())
            .collect()
    }

    /// Builds the release, so that it can be run at once.
    ///
    /// # Errors
    /// [`StoreError::Missing`] names the blobs that are not there or were damaged, all of them: fetch them, and place again.
    /// Otherwise the tree cannot be written; nothing of it is left.
    pub fn place(&self) -> Result<PlacedRelease, StoreError> {
        self.check_folders()?;
        let home = self.store.home();
        let tmp = home.tmp();
        let staged = atomic::temporary_folder(&tmp, "tree-").map_err(failed("write to", &tmp))?;
        faults::reach("release.staged");
        let (index, copied) = self.build(staged.path())?;
        let name = file_name(staged.path());
        let marker = self.write_index(staged.path(), name, &index)?;
        faults::reach("release.built");
        let target = home.release(&self.manifest).join(&marker.tree);
        atomic::publish_folder(staged, &target).map_err(failed("write", &target))?;
        faults::reach("release.placed");
        Ok(PlacedRelease {
            store: self.store.clone(),
            release: StoredRelease::new(target, marker),
            copied,
        })
    }

    /// Builds the release and seals it. One that another process has sealed meanwhile is taken as it is.
    ///
    /// # Errors
    /// As for [`ReleaseBuilder::place`] and [`PlacedRelease::seal`].
    pub fn commit(&self) -> Result<StoredRelease, StoreError> {
        match self.store.release(&self.manifest) {
            Some(release) => Ok(release),
            None => self.place()?.seal(),
        }
    }

    fn build(&self, root: &Path) -> Result<(Index, usize), StoreError> {
        let mut tree = Tree::new(&self.store, root);
        let mut index = Index::default();
        let mut missing = BTreeSet::new();
        for (path, content) in &self.files {
            match (tree.add(path, content)?, content) {
                (Some(file), _) => index.files.push(file),
                (None, ContentRef::Blob(digest)) => drop(missing.insert(*digest)),
                (None, ContentRef::Inline(_)) => {}
            }
            faults::reach("release.torn");
        }
        if !missing.is_empty() {
            let digests = missing.into_iter().collect();
            return Err(StoreError::Missing { digests });
        }
        Ok((index, tree.copied()))
    }

    fn write_index(&self, root: &Path, name: String, index: &Index) -> Result<Marker, StoreError> {
        let bytes = serde_json::to_vec(index).expect("texts and numbers become JSON");
        let path = root.join(INDEX);
        atomic::write_new(&path, &bytes).map_err(failed("write", &path))?;
        let named = |file: &&IndexedFile| self.named.contains(&file.path);
        Ok(Marker {
            version: VERSION,
            manifest: self.manifest,
            tree: name,
            index: Digest::of(&bytes),
            mounts: self.mounts.clone(),
            named: (index.files.iter().filter(named))
                .map(|file| (file.path.clone(), file.digest))
                .collect(),
            files: index.files.len(),
            bytes: index.files.iter().map(|file| file.size).sum(),
        })
    }

    /// No file may have the name of another's folder.
    fn check_folders(&self) -> Result<(), StoreError> {
        for path in self.files.keys() {
            let mut parent = path.as_str();
            while let Some((shorter, _)) = parent.rsplit_once('/') {
                if self.files.contains_key(shorter) {
                    return Err(refused(path, "one of its folders is a file"));
                }
                parent = shorter;
            }
        }
        Ok(())
    }
}

impl PlacedRelease {
    /// The release.
    #[must_use]
    pub fn release(&self) -> &StoredRelease {
        &self.release
    }

    /// How many files were copied since they could not be linked.
    #[must_use]
    pub fn copied(&self) -> usize {
        self.copied
    }

    /// Syncs the file system of the releases, which may take as long as other programs have written, and writes the
    /// marker: from now on the release is there. One that another process has sealed stays, and so does this tree for as
    /// long as a lease holds.
    ///
    /// # Errors
    /// The marker cannot be written, or the file system did not keep what was written.
    pub fn seal(self) -> Result<StoredRelease, StoreError> {
        let home = self.store.home();
        let manifest = self.release.manifest();
        if self.store.release(&manifest).is_some() {
            return Ok(self.release);
        }
        sync(self.release.tree())?;
        faults::reach("release.synced");
        let path = home.marker(&manifest);
        let bytes =
            serde_json::to_vec(self.release.marker()).expect("texts and numbers become JSON");
        atomic::write(&home.tmp(), &path, &bytes, "marker.written")
            .map_err(failed("write", &path))?;
        faults::reach("marker.renamed");
        Ok(self.release)
    }
}

/// Makes what was written to the file system of `folder` survive a power cut.
fn sync(folder: &Path) -> Result<(), StoreError> {
    let file = File::open(folder).map_err(failed("read", folder))?;
    sync_file_system(&file).map_err(|error| failed("sync", folder)(error.into()))
}

#[cfg(target_os = "linux")]
fn sync_file_system(file: &File) -> rustix::io::Result<()> {
    rustix::fs::syncfs(file)
}

#[cfg(not(target_os = "linux"))]
fn sync_file_system(_: &File) -> rustix::io::Result<()> {
    rustix::fs::sync();
    Ok(())
}

/// The name of a folder that `tempfile` has made.
fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// The part of a guest's path below the mount.
fn inside(path: &str) -> Result<&str, StoreError> {
    let relative = path.strip_prefix('/').unwrap_or(path);
    if relative.contains('\0') {
        return Err(refused(path, "it has a NUL in it"));
    }
    for part in relative.split('/') {
        match part {
            "" => return Err(refused(path, "a part of it is empty")),
            "." | ".." => return Err(refused(path, "it has `.` or `..` in it")),
            _ if part.len() > 255 => {
                return Err(refused(path, "a part of it is longer than 255 bytes"));
            }
            _ => {}
        }
    }
    Ok(relative)
}

fn refused(path: &str, problem: &'static str) -> StoreError {
    StoreError::Path {
        path: path.to_owned(),
        problem,
    }
}
