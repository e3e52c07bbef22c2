//! Finding scripts: which names the files of a folder give, and the files compiled when they are asked for.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use walkdir::WalkDir;

use super::Script;
use crate::templates::TemplateError;

/// The scripts below some folders of a site, by name. A name is a file's stem: folders and extension are dropped.
#[derive(Debug)]
pub(crate) struct ScriptFolder {
    root: PathBuf,
    /// Relative to the root. The scripts of a later one replace those of an earlier one.
    folders: Vec<String>,
    files: OnceLock<BTreeMap<String, ScriptFile>>,
}

#[derive(Debug)]
struct ScriptFile {
    /// Relative to the root.
    path: String,
    script: OnceLock<Result<Arc<Script>, TemplateError>>,
}

impl ScriptFolder {
    /// The scripts below `folders` of the site at `root`. Reads nothing yet.
    pub(crate) const fn new(root: PathBuf, folders: Vec<String>) -> Self {
        Self {
            root,
            folders,
            files: OnceLock::new(),
        }
    }

    /// The script called `name`, if there is one.
    pub(crate) fn get(&self, name: &str) -> Option<Result<Arc<Script>, TemplateError>> {
        let file = self.files.get_or_init(|| self.list()).get(name)?;
        let script = file.script.get_or_init(|| self.compile(&file.path));
        Some(script.clone())
    }

    /// The names of all scripts with their paths, by name.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        let files = self.files.get_or_init(|| self.list()).iter();
        files.map(|(name, file)| (name.as_str(), file.path.as_str()))
    }

    fn compile(&self, path: &str) -> Result<Arc<Script>, TemplateError> {
        let bytes = std::fs::read(self.root.join(path)).map_err(|error| {
            TemplateError::new(format!("failed to read `{path}`")).with_source(error)
        })?;
        let source = String::from_utf8(bytes).map_err(|error| {
            TemplateError::new("the file is not UTF-8")
                .with_path(path)
                .with_source(error)
        })?;
        Script::compile(path, &source).map(Arc::new)
    }

    fn list(&self) -> BTreeMap<String, ScriptFile> {
        let mut files = BTreeMap::new();
        for folder in &self.folders {
            for (name, path) in list_folder(&self.root, folder) {
                let script = OnceLock::new();
                files.insert(name, ScriptFile { path, script });
            }
        }
        files
    }
}

/// The paths below `folder` by name. Of two files with one name the less deep one counts, then the first by path.
fn list_folder(root: &Path, folder: &str) -> BTreeMap<String, String> {
    let mut found: BTreeMap<String, (usize, String)> = BTreeMap::new();
    let entries = WalkDir::new(root.join(folder)).min_depth(1);
    // A folder that is not there has no scripts.
    for entry in entries.into_iter().filter_map(Result::ok) {
        let path = entry.path();
        let Some(name) = script_name(path) else {
            continue;
        };
        let Some(place) = path.strip_prefix(root).ok().and_then(Path::to_str) else {
            continue;
        };
        if entry.file_type().is_dir() || (entry.path_is_symlink() && !path.is_file()) {
            continue;
        }
        let candidate = (entry.depth(), place.to_owned());
        match found.entry(name.to_owned()) {
            Entry::Vacant(vacant) => {
                vacant.insert(candidate);
            }
            Entry::Occupied(mut known) if candidate < *known.get() => {
                known.insert(candidate);
            }
            Entry::Occupied(_) => {}
        }
    }
    found
        .into_iter()
        .map(|(name, (_, path))| (name, path))
        .collect()
}

/// The name that a script in the file at `path` has: files that end in `.rhai` or have no extension are scripts.
fn script_name(path: &Path) -> Option<&str> {
    let file_name = path.file_name()?.to_str()?;
    if file_name.starts_with('.') {
        return None;
    }
    match path.extension() {
        None => Some(file_name),
        Some(extension) if extension == "rhai" => path.file_stem()?.to_str(),
        Some(_) => None,
    }
}
