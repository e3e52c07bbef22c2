//! What authors say of pages and of the site: titles, and keys that mean nothing.

use std::collections::BTreeSet;
use std::fs;

use engine::manifest::nearest;
use site::{HEAD_KEYS, SETTINGS_KEYS, SETTINGS_PATH, Settings};

use super::finding::{Code, Finding, Findings};
use super::pages::{Page, Pages, Shows};
use super::parts::{Parts, Renderer};

/// The title of a page that has no head.
const UNTITLED: &str = "Untitled";

/// Keys that other tools know, and what they are here.
const OTHERS: [(&str, &str); 12] = [
    (
        "aliases",
        "make a page with `redirect` for each old address",
    ),
    ("author", "templates see it in a table `[extra]`"),
    ("categories", "write them into `tags`"),
    ("draft", "write `published = false`"),
    ("image", "templates see it in a table `[extra]`"),
    ("keywords", "write them into `tags`"),
    ("layout", "write `template`"),
    ("permalink", "the address of a page is the path of its file"),
    ("slug", "the address of a page is the path of its file"),
    ("summary", "write `description`"),
    ("type", "templates see it in a table `[extra]`"),
    ("weight", "templates see it in a table `[extra]`"),
];

/// Checks the heads of all pages, and the settings of all renderers.
pub(super) fn check(parts: &Parts, pages: &Pages, findings: &mut Findings) {
    let lenders = lenders(parts, pages);
    for page in &pages.all {
        // What only lends its body needs no title.
        if !lenders.contains(page.path.as_str()) {
            title(page, findings);
        }
        let text = fs::read_to_string(&page.path).unwrap_or_default();
        for (key, line) in site::ignored_keys(&text) {
            findings.add(unknown(&page.path, &key, line, &HEAD_KEYS));
        }
    }
    for (_, renderer) in parts.renderers() {
        settings(renderer, findings);
    }
}

fn title(page: &Page, findings: &mut Findings) {
    let title = page.document.head.title.trim();
    if matches!(page.shows, Shows::Markup(_)) && matches!(title, "" | UNTITLED) {
        let message = "the page has no title";
        findings.add(
            Finding::new(Code::MissingTitle, &page.path, message)
                .line(Some(1))
                .hint(Some("the head above the first `---` line has a `title`")),
        );
    }
}

/// The files that lend their bodies, as they are told to the user.
fn lenders<'a>(parts: &'a Parts, pages: &Pages) -> BTreeSet<&'a str> {
    let lent = pages.all.iter().filter_map(|page| {
        let source = page.document.head.body_source.as_deref()?;
        let renderer = parts.renderer(page.component)?;
        let file = renderer.site.lender(source)?;
        renderer.sources.get(&file).map(String::as_str)
    });
    lent.collect()
}

fn settings(renderer: &Renderer, findings: &mut Findings) {
    let Some(path) = renderer.sources.get(SETTINGS_PATH) else {
        return;
    };
    let text = fs::read_to_string(path).unwrap_or_default();
    for (key, line) in Settings::ignored_keys(&text) {
        findings.add(unknown(path, &key, line, &SETTINGS_KEYS));
    }
}

fn unknown(path: &str, key: &str, line: usize, known: &[&str]) -> Finding {
    let hint = match OTHERS.iter().find(|(other, _)| *other == key) {
        Some((_, hint)) => Some((*hint).to_owned()),
        None => nearest(key, known.iter().copied()).map(|near| format!("did you mean `{near}`?")),
    };
    let message = format!("the key `{key}` means nothing here");
    Finding::new(Code::UnknownKey, path, message)
        .line(Some(line))
        .hint(hint)
}
