//! Templates of any text: they fail at a line or render, and what they are not said to read does not change them.

use crate::reads;
use crate::site_folder::SiteFolder;

thread_local! {
    static FOLDER: SiteFolder = SiteFolder::new();
}

/// The input is the source of a template.
pub fn check(input: &[u8]) {
    let Ok(source) = std::str::from_utf8(input) else {
        return;
    };
    let lines = source.matches('\n').count() + 1;
    match FOLDER.with(|folder| folder.load(source)) {
        Ok(set) => reads::assert_nothing_else_is_read(source, &set),
        Err(error) => {
            assert_eq!(error.path(), Some("templates/main.hbs"), "{error}");
            if let Some(line) = error.line() {
                assert!((1..=lines).contains(&line), "{error} in {lines} lines");
            }
            assert!(!error.to_string().contains('\n'), "{error} is not one line");
        }
    }
}
