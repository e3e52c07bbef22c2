//! Which file goes where.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use glob::Pattern;
use walkdir::{DirEntry, WalkDir};

use super::entry::{self, FilePattern, is_pattern};
use super::{Mount, MountError};
use crate::app::FileEntry;

/// The files of a mount by their paths in the guest.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    files: BTreeMap<String, PlannedFile>,
    generated: BTreeMap<String, Vec<u8>>,
    warnings: Vec<String>,
}

/// A file to mount.
#[derive(Clone, Debug, Hash, PartialEq, Eq)]
pub struct PlannedFile {
    /// Where it is. Not a symbolic link.
    pub source: PathBuf,
    /// Its bytes.
    pub size: u64,
    /// When it was last written, where the file system knows.
    pub modified: Option<SystemTime>,
    /// Its number on its file system: a file that takes the place of another has one of its own.
    pub inode: u64,
}

/// Stands for names, sizes and times of files. To be compared within one process only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(u64);

impl Plan {
    pub(super) fn make(mount: &Mount<'_>) -> Result<Self, MountError> {
        let root = fs::canonicalize(mount.root).map_err(|source| MountError::Read {
            path: mount.root.to_owned(),
            source,
        })?;
        let exclude = mount
            .exclude
            .iter()
            .map(|pattern| exclude(pattern))
            .collect::<Result<_, _>>()?;
        let mut finder = Finder {
            root,
            exclude,
            plan: Self::default(),
        };
        mount
            .files
            .iter()
            .try_for_each(|entry| finder.entry(entry))?;
        Ok(finder.plan)
    }

    /// The files by their paths in the guest, which have no leading slash.
    pub fn files(&self) -> &BTreeMap<String, PlannedFile> {
        &self.files
    }

    /// Files of the tree that are on no disk yet: their contents by their paths in the guest.
    pub fn generated(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.generated
    }

    /// Gives a folder of the guest over to generated files: what the author placed there, or in place of the folder, is
    /// left out, and each of `files`, whose paths are relative to the folder, takes its place in it.
    pub fn generate(&mut self, folder: &str, files: BTreeMap<String, Vec<u8>>) {
        let below = format!("{folder}/");
        self.files
            .retain(|path, _| path != folder && !path.starts_with(&below));
        let files = files.into_iter();
        self.generated
            .extend(files.map(|(path, content)| (format!("{below}{path}"), content)));
    }

    /// What the author may want to know, such as a pattern without a match.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Names, sizes and times of the files, but for generated ones, which are made of the others.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut hasher = DefaultHasher::new();
        self.files.hash(&mut hasher);
        Fingerprint(hasher.finish())
    }

    /// A file takes the place of an earlier one, of a folder of that name, and of files whose names are now folders'.
    fn place(&mut self, path: String, file: PlannedFile) {
        for (slash, _) in path.match_indices('/') {
            self.files.remove(&path[..slash]);
        }
        let below = format!("{path}/");
        while let Some((inside, _)) = self.files.range(below.clone()..).next()
            && inside.starts_with(&below)
        {
            let inside = inside.clone();
            self.files.remove(&inside);
        }
        self.files.insert(path, file);
    }
}

struct Finder {
    /// Without symbolic links.
    root: PathBuf,
    exclude: Vec<Pattern>,
    plan: Plan,
}

impl Finder {
    fn entry(&mut self, entry: &FileEntry) -> Result<(), MountError> {
        let problem = |problem| MountError::Entry {
            entry: entry.to_string(),
            problem,
        };
        let found = match entry {
            FileEntry::Pattern(pattern) => {
                let path = entry::pattern_path(pattern).map_err(problem)?;
                match self.metadata(&path)? {
                    Some(metadata) if metadata.is_dir() => self.folder(entry, &path, &path)?,
                    Some(metadata) => self.file(entry, &path, path.clone(), &metadata)?,
                    None if is_pattern(&path) => {
                        let pattern = FilePattern::new(&path).map_err(problem)?;
                        self.pattern(entry, &pattern)?
                    }
                    None => {
                        return Err(MountError::Missing {
                            entry: entry.to_string(),
                        });
                    }
                }
            }
            FileEntry::Placement {
                source,
                destination,
            } => {
                let path = entry::relative(source).map_err(problem)?;
                match self.metadata(&path)? {
                    Some(metadata) if metadata.is_dir() => {
                        self.folder(entry, &path, &entry::guest(destination).map_err(problem)?)?
                    }
                    Some(metadata) => self.file(
                        entry,
                        &path,
                        entry::guest_file(destination).map_err(problem)?,
                        &metadata,
                    )?,
                    None => {
                        return Err(MountError::Missing {
                            entry: entry.to_string(),
                        });
                    }
                }
            }
        };
        if !found {
            self.plan
                .warnings
                .push(format!("`{entry}` in `files` matches no file"));
        }
        Ok(())
    }

    /// Places all files below the folder `path` below `guest`. False if there are none.
    fn folder(&mut self, entry: &FileEntry, path: &str, guest: &str) -> Result<bool, MountError> {
        let target = |file: &str| {
            let below = file
                .strip_prefix(path)
                .unwrap_or(file)
                .trim_start_matches('/');
            Some(if guest.is_empty() {
                below.to_owned()
            } else {
                format!("{guest}/{below}")
            })
        };
        self.walk(entry, path, usize::MAX, target)
    }

    fn pattern(&mut self, entry: &FileEntry, pattern: &FilePattern) -> Result<bool, MountError> {
        let target = |file: &str| pattern.matches(file).then(|| file.to_owned());
        match self.metadata(&pattern.folder)? {
            Some(metadata) if metadata.is_dir() => {
                self.walk(entry, &pattern.folder, pattern.depth, target)
            }
            _ => Ok(false),
        }
    }

    fn file(
        &mut self,
        entry: &FileEntry,
        path: &str,
        guest: String,
        metadata: &Metadata,
    ) -> Result<bool, MountError> {
        let source = self.inside(entry, &self.root.join(path))?;
        if !self.excluded(path) {
            self.plan.place(guest, planned(source, metadata));
        }
        Ok(true)
    }

    /// Places the files below `folder` for which `target` has a path in the guest. False if there are none.
    fn walk(
        &mut self,
        entry: &FileEntry,
        folder: &str,
        depth: usize,
        target: impl Fn(&str) -> Option<String>,
    ) -> Result<bool, MountError> {
        let start = self.inside(entry, &self.root.join(folder))?;
        let relative = |path: &Path| {
            let below = path.strip_prefix(&start).unwrap_or(path);
            Path::new(folder).join(below).to_str().map(str::to_owned)
        };
        let mut found = false;
        let mut items = WalkDir::new(&start)
            .min_depth(1)
            .max_depth(depth)
            .follow_links(true)
            .into_iter();
        while let Some(item) = items.next() {
            let item = match item {
                Ok(item) => item,
                Err(error) => {
                    let path = error.path().and_then(relative);
                    self.skip(error, path.is_some_and(|path| target(&path).is_some()))?;
                    continue;
                }
            };
            let Some(path) = relative(item.path()) else {
                let warning = format!(
                    "`{}` is left out: its name is not UTF-8",
                    item.path().display()
                );
                self.plan.warnings.push(warning);
                continue;
            };
            if item.file_type().is_file()
                && let Some(guest) = target(&path)
            {
                found = true;
                self.found(entry, &item, &path, guest)?;
            } else if item.file_type().is_dir() && item.path_is_symlink() && item.depth() < depth {
                match self.inside(entry, item.path()) {
                    Err(MountError::Outside { .. }) if self.excluded(&path) => {
                        items.skip_current_dir();
                    }
                    other => drop(other?),
                }
            }
        }
        Ok(found)
    }

    fn found(
        &mut self,
        entry: &FileEntry,
        item: &DirEntry,
        path: &str,
        guest: String,
    ) -> Result<(), MountError> {
        if self.excluded(path) {
            return Ok(());
        }
        let source = match item.path_is_symlink() {
            true => self.inside(entry, item.path())?,
            false => item.path().to_owned(),
        };
        match item.metadata() {
            Ok(metadata) => self.plan.place(guest, planned(source, &metadata)),
            Err(error) => self.skip(error, true)?,
        }
        Ok(())
    }

    /// A link to nothing, one to a folder above it, and a file that is gone since are no reason to stop. `wanted` tells
    /// whether it would have been mounted.
    fn skip(&mut self, error: walkdir::Error, wanted: bool) -> Result<(), MountError> {
        let path = error.path().map(Path::to_owned).unwrap_or_default();
        let reason = match error.loop_ancestor() {
            Some(above) => format!("leads back to `{}`", above.display()),
            None => "does not exist".to_owned(),
        };
        match error.into_io_error() {
            Some(source) if source.kind() != ErrorKind::NotFound => {
                return Err(MountError::Read { path, source });
            }
            _ if wanted => self
                .plan
                .warnings
                .push(format!("`{}` is left out: it {reason}", path.display())),
            _ => {}
        }
        Ok(())
    }

    /// The path without symbolic links, if it is inside of the root.
    fn inside(&self, entry: &FileEntry, path: &Path) -> Result<PathBuf, MountError> {
        let real = fs::canonicalize(path).map_err(|source| MountError::Read {
            path: path.to_owned(),
            source,
        })?;
        match real.starts_with(&self.root) {
            true => Ok(real),
            false => Err(MountError::Outside {
                entry: entry.to_string(),
                path: path.to_owned(),
            }),
        }
    }

    fn excluded(&self, path: &str) -> bool {
        self.exclude.iter().any(|pattern| pattern.matches(path))
    }

    fn metadata(&self, path: &str) -> Result<Option<Metadata>, MountError> {
        let path = self.root.join(path);
        match fs::metadata(&path) {
            Ok(metadata) => Ok(Some(metadata)),
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                Ok(None)
            }
            Err(source) => Err(MountError::Read { path, source }),
        }
    }
}

fn exclude(pattern: &str) -> Result<Pattern, MountError> {
    Pattern::new(pattern).map_err(|error| MountError::Exclude {
        pattern: pattern.to_owned(),
        message: error.msg,
    })
}

fn planned(source: PathBuf, metadata: &Metadata) -> PlannedFile {
    PlannedFile {
        source,
        size: metadata.len(),
        modified: metadata.modified().ok(),
        inode: metadata.ino(),
    }
}
