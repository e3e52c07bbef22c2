//! A site's files in a temporary folder.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use site::index::IndexedDocument;
use site::{Surroundings, TemplateError, TemplateSet, Templates};
use tempfile::TempDir;
use walkdir::WalkDir;

/// The time of all renders here.
pub(crate) const NOW: &str = "2024-05-06T07:08:09Z";

pub(crate) struct SiteFolder(TempDir);

impl SiteFolder {
    /// Paths below the site's root, and what the files there hold.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let folder = Self(TempDir::new().expect("a temporary folder can be made"));
        for (path, text) in files {
            folder.write(path, text.as_bytes());
        }
        folder
    }

    /// A site with nothing but the template `main`.
    pub(crate) fn with_main(template: &str) -> Self {
        Self::new(&[("templates/main.hbs", template)])
    }

    pub(crate) fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.root().join(path);
        let parent = path.parent().expect("it is below the root");
        fs::create_dir_all(parent).expect("the folder is writable");
        let mut file = File::create(path).expect("the folder is writable");
        file.write_all(bytes).expect("the folder is writable");
    }

    pub(crate) fn remove(&self, path: &str) {
        fs::remove_file(self.root().join(path)).expect("it was there");
    }

    /// The page index of the site's files.
    pub(crate) fn index(&self) -> String {
        let files = WalkDir::new(self.root()).into_iter().filter_map(Result::ok);
        let pages = files.filter_map(|file| {
            let path = file.path().strip_prefix(self.root()).ok()?.to_str()?;
            let text = fs::read_to_string(file.path()).ok()?;
            IndexedDocument::new(path, text).ok().flatten()
        });
        IndexedDocument::index(pages)
    }

    pub(crate) fn root(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn load(&self, name: &str) -> Result<TemplateSet, TemplateError> {
        Templates::new(self.root(), None).load(name)
    }

    /// The template `main`, rendered with `context`.
    pub(crate) fn render(&self, context: Value) -> Result<String, TemplateError> {
        self.load("main")?.render(context, &surroundings())
    }
}

/// Surroundings at [`NOW`] whose random numbers are all ones.
pub(crate) fn surroundings() -> Arc<Surroundings> {
    let now: DateTime<Utc> = NOW.parse().expect("it is a date");
    Arc::new(Surroundings::new(now, || u64::MAX))
}

/// Renders `template` alone with a small context.
pub(crate) fn render(template: &str) -> Result<String, TemplateError> {
    SiteFolder::with_main(template).render(small_context())
}

/// What `template` alone renders to, or the error's text.
pub(crate) fn outcome(template: &str) -> String {
    render(template).unwrap_or_else(|error| format!("error: {error}"))
}

pub(crate) fn small_context() -> Value {
    json!({
        "list": ["b", "a", "C"],
        "mixed": [1, "x"],
        "empty": [],
        "text": "lamp",
        "null": null,
        "zero": 0,
        "half": 0.5,
        "object": {"min": "smallest", "k": "v"},
        "date": "2021-03-04T05:06:07Z",
        "html": "<a href='x'>&`=\"</a>",
    })
}
