//! The folder of a site, of which one template is the input.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use site::{Surroundings, TemplateError, TemplateSet, Templates};
use tempfile::TempDir;

/// What templates may include and call.
const FILES: &[(&str, &str)] = &[
    ("templates/field.hbs", "{{a}}{{x.d}}{{x}}{{../b}}"),
    (
        "templates/up.hbs",
        "{{../c}}{{../../a}}{{r.d}}{{@root.request.a}}",
    ),
    (
        "templates/frame.hbs",
        "{{#with request}}{{> @partial-block}}{{/with}}{{> @partial-block}}",
    ),
    (
        "scripts/newest.rhai",
        "let found = []; for k in params[0].keys() { found.push(#{uri: k, page: params[0][k]}); } found",
    ),
    ("scripts/echo.rhai", "params[0]"),
];

pub(crate) struct SiteFolder(TempDir);

impl SiteFolder {
    /// With everything but the template `main`.
    pub(crate) fn new() -> Self {
        let folder = Self(TempDir::new().expect("a temporary folder can be made"));
        for (path, text) in FILES {
            folder.write(path, text);
        }
        folder
    }

    /// The template `main`, which is `source`.
    pub(crate) fn load(&self, source: &str) -> Result<TemplateSet, TemplateError> {
        self.write("templates/main.hbs", source);
        Templates::new(self.0.path(), None).load("main")
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).expect("the folder is writable");
        let mut file = File::create(path).expect("the folder is writable");
        file.write_all(text.as_bytes())
            .expect("the folder is writable");
    }
}

/// Always the same time, and always the same random number.
pub(crate) fn surroundings() -> Arc<Surroundings> {
    let now = "2024-05-06T07:08:09Z".parse().expect("it is a date");
    Arc::new(Surroundings::new(now, || u64::MAX))
}
