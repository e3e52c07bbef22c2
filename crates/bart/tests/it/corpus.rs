//! The pages of a real documentation site, where they are at hand. They are not part of the project.

use std::io::{Write, stdout};
use std::path::{Path, PathBuf};

use crate::scratch::Scratch;
use crate::served::{fixture, serve, workspace};

/// What the body of a page has where a shortcode failed.
const SHORTCODE_ERROR: &str = "class=\"shortcode-error\"";

#[test]
fn every_page_of_the_developer_docs_is_shown_as_its_head_says() {
    let content = workspace().join("../shared/corpus/developer-docs");
    if !content.is_dir() {
        // Past the capture of the test runner, so that it is seen and counted.
        writeln!(
            stdout(),
            "
skipped: every_page_of_the_developer_docs_is_shown_as_its_head_says: no `{}`",
            content.display()
        )
        .unwrap();
        return;
    }
    let site = Scratch::new();
    site.copy(&fixture("developer-docs-shell"), ".");
    site.copy(&content, "content");
    let served = serve(&site.manifest(), &[]);
    let pages = pages(&content);
    assert!(pages.len() > 100, "only {} pages", pages.len());
    let mut faults = Vec::new();
    for page in &pages {
        let path = address(
            page.strip_prefix(&content)
                .expect("pages are below the content"),
        );
        let response = served.get(&path);
        let expected = Expected::of(page);
        if response.status != expected.status
            || response.header("location") != expected.location.as_deref()
        {
            faults.push(format!(
                "{path}: {} instead of {expected:?}",
                response.status
            ));
        } else if response.text().contains(SHORTCODE_ERROR) {
            faults.push(format!("{path}: a shortcode failed"));
        }
    }
    assert!(
        faults.is_empty(),
        "{} of {}:\n{}",
        faults.len(),
        pages.len(),
        faults.join("\n")
    );
}

/// What the head of a page promises.
#[derive(Debug)]
struct Expected {
    status: u16,
    location: Option<String>,
}

impl Expected {
    fn of(page: &Path) -> Expected {
        let text = std::fs::read_to_string(page).unwrap();
        let document = site::Document::parse(&page.display().to_string(), text).unwrap();
        let head = document.head;
        if !head.is_published(std::time::SystemTime::now().into()) {
            return Expected {
                status: 404,
                location: None,
            };
        }
        let usual = if head.redirect.is_some() { 301 } else { 200 };
        Expected {
            status: head.status.unwrap_or(usual),
            location: head.redirect,
        }
    }
}

fn address(page: &Path) -> String {
    let path = page.with_extension("");
    let path = path.to_str().expect("the corpus has plain names");
    format!("/{path}")
}

fn pages(folder: &Path) -> Vec<PathBuf> {
    let mut pages = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(path);
            }
        }
    }
    pages.sort();
    pages
}
