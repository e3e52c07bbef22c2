//! The pages of a real documentation site, when they are at hand.

use std::fs;
use std::io::{Write, stdout};
use std::path::{Path, PathBuf};

use site::{Document, HeadingIds, Links, render_markdown};

#[test]
fn every_page_of_the_developer_docs_has_a_head_and_a_body() {
    let folder = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs this"))
        .join("../../../shared/corpus/developer-docs");
    if !folder.is_dir() {
        // Past the capture of the test runner, so that it is seen and counted.
        writeln!(
            stdout(),
            "\nskipped: every_page_of_the_developer_docs_has_a_head_and_a_body: no `{}`",
            folder.display()
        )
        .expect("stdout is open");
        return;
    }
    let files = markdown_files(&folder);
    assert!(files.len() > 100, "only {} files", files.len());
    for file in files {
        let text = fs::read_to_string(&file).expect("the corpus is text");
        let document = Document::parse(&file.display().to_string(), text)
            .unwrap_or_else(|error| panic!("{error}"));
        assert!(!document.head.title.is_empty(), "{}", file.display());
        let html = render_markdown(
            document.body.markdown(),
            Links::Shown {
                path: "/a/b",
                route: "",
            },
            HeadingIds::Written,
        );
        assert_eq!(
            html.trim().is_empty(),
            document.body.markdown().trim().is_empty(),
            "{}",
            file.display()
        );
    }
}

fn markdown_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the corpus is readable") {
            let path = entry.expect("the corpus is readable").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                files.push(path);
            }
        }
    }
    files
}
