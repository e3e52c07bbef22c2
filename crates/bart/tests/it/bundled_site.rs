//! The site of this repository: every page is there, every link inside it leads somewhere, and the first site that it has
//! its readers make works as written.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::exchange::Response;
use crate::scratch::Scratch;
use crate::served::{Served, serve, workspace};

/// Where the site says it is published; addresses below are its own.
const BASE_URL: &str = "https://bart.example";

#[test]
fn every_page_answers_and_every_internal_link_leads_somewhere() {
    let served = serve(&workspace().join("spin.toml"), &[]);
    assert_eq!(served.warnings, []);
    let mut answers = Answers {
        served: &served,
        known: BTreeMap::new(),
    };
    let mut faults = Vec::new();
    let pages = addresses();
    assert!(pages.len() > 10, "only {pages:?}");
    for page in &pages {
        let expected = if page == "/404" { 404 } else { 200 };
        let answer = answers.of(page);
        if answer.status != expected {
            faults.push(format!("{page} answers {}", answer.status));
            continue;
        }
        for link in links(&answer.text()) {
            if let Some(fault) = answers.fault(page, &link) {
                faults.push(format!("{page} links to `{link}`, {fault}"));
            }
        }
    }
    assert!(answers.known.len() > pages.len(), "the pages have links");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_first_site_of_the_manual_works_as_written() {
    let manual = fs::read_to_string(workspace().join("content/start.md")).unwrap();
    let files = files(&manual);
    assert_eq!(files.len(), 6, "{files:?}");
    let scratch = Scratch::new();
    for (path, content) in files {
        scratch.write(path, content);
    }
    let served = serve(&scratch.manifest(), &[]);
    assert_eq!(served.warnings, []);
    for (path, part) in [
        ("/", "<strong>my site</strong>"),
        ("/", "<title>Hello - My site</title>"),
        ("/about", "<a href=\"/index\">first page</a>"),
        ("/index", "<h1>Hello</h1>"),
        ("/static/style.css", "max-width: 40rem"),
    ] {
        let answer = served.get(path);
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.text().contains(part), "{path}: {}", answer.text());
    }
}

/// Each address is asked once.
struct Answers<'a> {
    served: &'a Served,
    known: BTreeMap<String, Response>,
}

impl Answers<'_> {
    fn of(&mut self, path: &str) -> &Response {
        let served = self.served;
        self.known
            .entry(path.to_owned())
            .or_insert_with(|| served.get(path))
    }

    /// What is wrong with a link on a page, if it leads inside this site.
    fn fault(&mut self, page: &str, link: &str) -> Option<String> {
        let inside = link.strip_prefix(BASE_URL).unwrap_or(link);
        let (path, fragment) = inside.split_once('#').unwrap_or((inside, ""));
        let path = match path {
            "" => page,
            path if path.starts_with("//") || path.contains(':') => return None,
            path => path,
        };
        if !path.starts_with('/') {
            return Some("which is relative and breaks below a trailing slash".to_owned());
        }
        let answer = self.of(path);
        // A page may lead to a part of itself, also the one for what is not found.
        let shown = answer.status == 200 || path == page;
        if !shown && !matches!(answer.status, 301 | 302 | 307 | 308) {
            return Some(format!("which answers {}", answer.status));
        }
        let named = format!("id=\"{fragment}\"");
        let missing = shown && !fragment.is_empty() && !answer.text().contains(&named);
        missing.then(|| "which has no such heading".to_owned())
    }
}

/// The addresses of all content files.
pub(crate) fn addresses() -> BTreeSet<String> {
    let content = workspace().join("content");
    let mut addresses = BTreeSet::from(["/".to_owned()]);
    let mut folders = vec![content.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let page = path.strip_prefix(&content).unwrap().with_extension("");
            addresses.insert(format!("/{}", page.to_str().unwrap()));
        }
    }
    addresses
}

/// The files that a page tells its readers to write: blocks of code, each below a line that begins or ends with its path.
fn files(manual: &str) -> Vec<(&str, &str)> {
    let mut files = Vec::new();
    let mut parts = manual.split("\n```");
    let mut text = parts.next().unwrap_or_default();
    while let (Some(block), Some(after)) = (parts.next(), parts.next()) {
        let (language, content) = block.split_once('\n').unwrap_or_default();
        let named = text.trim_end().lines().next_back().unwrap_or_default();
        let path = named.split('`').nth(1).unwrap_or_default();
        if !matches!(language, "sh" | "text") && path.contains('.') {
            files.push((path, content));
        }
        text = after;
    }
    files
}

/// The values of all `href` and `src` attributes.
fn links(markup: &str) -> BTreeSet<String> {
    let mut links = BTreeSet::new();
    for tag in markup.split('<').skip(1) {
        let tag = tag.split('>').next().unwrap_or_default();
        for name in [" href=\"", " src=\""] {
            for value in tag.split(name).skip(1) {
                let value = value.split('"').next().unwrap_or_default();
                links.insert(value.replace("&amp;", "&"));
            }
        }
    }
    links
}
