//! Finding template files by name, in the site and below it in the theme.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use walkdir::WalkDir;

use crate::log;

/// The template files of a site.
///
/// A file of the site is found by its path below `templates/`, or by its name alone wherever it is; a file of the theme
/// by its path. What the site has hides what the theme has.
#[derive(Debug)]
pub(super) struct Library {
    root: PathBuf,
    /// Relative to the root.
    theme_folder: Option<String>,
    by_name: OnceLock<BTreeMap<String, String>>,
}

/// A template file as it is on disk.
#[derive(Debug)]
pub(super) struct TemplateFile {
    /// Relative to the site's root.
    pub(super) path: String,
    pub(super) bytes: Vec<u8>,
}

const SITE_FOLDER: &str = "templates";
const EXTENSION: &str = ".hbs";

impl Library {
    /// The templates of the site at `root` on top of those of `theme`. Reads nothing yet.
    pub(super) fn new(root: PathBuf, theme: Option<&str>) -> Self {
        let theme = theme.filter(|theme| is_relative(theme));
        Self {
            root,
            theme_folder: theme.map(|theme| format!("themes/{theme}/templates")),
            by_name: OnceLock::new(),
        }
    }

    /// The file of the template `name`, if there is one that can be read.
    ///
    /// A file where the name says is tried first, so that the folder is listed only for names that are none.
    pub(super) fn find(&self, name: &str) -> Option<TemplateFile> {
        if !is_relative(name) {
            return None;
        }
        self.read(&format!("{SITE_FOLDER}/{name}{EXTENSION}"))
            .or_else(|| self.read(self.by_name().get(name)?))
            .or_else(|| {
                let folder = self.theme_folder.as_ref()?;
                is_theme_template(name)
                    .then(|| self.read(&format!("{folder}/{name}{EXTENSION}")))?
            })
    }

    /// The names of all templates. A file of the site has two if it is in a folder.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.by_name().keys().cloned().collect();
        names.extend(list(&self.root, SITE_FOLDER).map(|file| file.name));
        if let Some(folder) = &self.theme_folder {
            let files = list(&self.root, folder).filter(|file| is_theme_template(&file.name));
            names.extend(files.map(|file| file.name));
        }
        names.sort_unstable();
        names.dedup();
        names
    }

    /// All template files that can be read, of the site and of its theme, by path.
    pub(super) fn files(&self) -> Vec<TemplateFile> {
        let of_site = list(&self.root, SITE_FOLDER).map(|file| file.path);
        let mut paths: Vec<String> = of_site.collect();
        if let Some(folder) = &self.theme_folder {
            let files = list(&self.root, folder).filter(|file| is_theme_template(&file.name));
            paths.extend(files.map(|file| file.path));
        }
        paths.sort_unstable();
        paths.iter().filter_map(|path| self.read(path)).collect()
    }

    fn read(&self, path: &str) -> Option<TemplateFile> {
        match std::fs::read(self.root.join(path)) {
            Ok(bytes) => Some(TemplateFile {
                path: path.to_owned(),
                bytes,
            }),
            Err(error) => {
                if !matches!(
                    error.kind(),
                    ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::IsADirectory
                ) {
                    log::warn(format_args!("failed to read `{path}`: {error}"));
                }
                None
            }
        }
    }

    /// The paths of the site's templates by file name alone. Of several files with one name the less deep one counts,
    /// then the first by path.
    fn by_name(&self) -> &BTreeMap<String, String> {
        self.by_name.get_or_init(|| {
            let mut found: BTreeMap<String, (usize, String)> = BTreeMap::new();
            for file in list(&self.root, SITE_FOLDER) {
                let candidate = (file.depth, file.path);
                match found.entry(file.base_name) {
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
        })
    }
}

struct Listed {
    /// Relative to the site's root.
    path: String,
    /// The path below the folder without the extension.
    name: String,
    /// The file's name with every `.hbs` removed.
    base_name: String,
    depth: usize,
}

/// The template files below `folder`. A folder that is not there has none.
fn list(root: &Path, folder: &str) -> impl Iterator<Item = Listed> {
    let top = root.join(folder);
    WalkDir::new(&top)
        .min_depth(1)
        .into_iter()
        .filter_map(move |entry| {
            let entry = entry.ok()?;
            let path = entry.path();
            if entry.file_type().is_dir() || (entry.path_is_symlink() && !path.is_file()) {
                return None;
            }
            let below = path.strip_prefix(&top).ok()?.to_str()?;
            Some(Listed {
                path: format!("{folder}/{below}"),
                name: below.strip_suffix(EXTENSION)?.to_owned(),
                base_name: entry.file_name().to_str()?.replace(EXTENSION, ""),
                depth: entry.depth(),
            })
        })
}

/// Themes hide files by a leading `.` or `#`.
fn is_theme_template(name: &str) -> bool {
    let file_name = name.rsplit('/').next().unwrap_or(name);
    !file_name.starts_with(['.', '#'])
}

/// Whether `name` stays below the folder that it is looked up in.
fn is_relative(name: &str) -> bool {
    !name.contains('\0')
        && name
            .split('/')
            .all(|segment| !matches!(segment, "" | "." | ".."))
}
