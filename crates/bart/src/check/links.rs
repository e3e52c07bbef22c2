//! The links of all pages: whether they lead somewhere, and to what readers can see.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use engine::manifest::nearest;
use percent_encoding::percent_decode_str;

use super::answers::{Answer, Answers, Destination};
use super::finding::{Code, Finding, Findings};
use super::markup::{Link, LinkKind, Markup};
use super::origin::Origins;
use super::pages::{self, Page, Shows, State};

/// Of links that something computes on many pages, this many pages are named.
const NAMED: usize = 3;

/// A link that is at fault, before it is known where it was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Fault {
    code: Code,
    message: String,
    hint: Option<String>,
}

/// Checks the links of all pages.
pub(super) fn check(answers: &Answers<'_>, now: DateTime<Utc>, findings: &mut Findings) {
    let mut checker = Checker {
        answers,
        origins: Origins::new(answers.parts, now),
        computed: BTreeMap::new(),
        near: RefCell::default(),
        without_id: 0,
    };
    for page in &answers.pages.all {
        // Drafts are not finished; who wants to know shows them.
        if let Shows::Markup(markup) = &page.shows
            && page.state != State::Draft
        {
            checker.page(page, markup, findings);
        }
    }
    for (index, _) in answers.parts.renderers() {
        let page = answers
            .pages
            .all
            .iter()
            .find(|page| page.component == index);
        let place = page.and_then(|page| {
            let folder = page
                .address
                .rsplit_once('/')
                .map_or("", |(folder, _)| folder);
            pages::not_found(answers.parts, folder, now, findings)
        });
        if let (Some(page), Some((address, markup))) = (page, place) {
            checker.not_found(page, &address, &markup, findings);
        }
    }
    checker.tell_computed(findings);
}

struct Checker<'a> {
    answers: &'a Answers<'a>,
    origins: Origins<'a>,
    /// The pages with a fault that is written nowhere.
    computed: BTreeMap<Fault, Vec<String>>,
    /// The advice on paths that lead nowhere.
    near: RefCell<HashMap<String, Option<String>>>,
    /// How many links lead to headings without id; only the first is told.
    without_id: usize,
}

impl Checker<'_> {
    fn page(&mut self, page: &Page, markup: &Markup, findings: &mut Findings) {
        for link in &markup.links {
            let Some(fault) = self.fault(page, &page.address, markup, link) else {
                continue;
            };
            if fault.code == Code::HeadingWithoutId {
                // It is a matter of the site and not of each link.
                self.without_id += 1;
                if self.without_id > 1 {
                    continue;
                }
            }
            match self.origins.of_link(page, &link.target) {
                Some(origin) => findings.add(fault.at(origin.path, origin.line)),
                None if fault.code == Code::HeadingWithoutId => {
                    findings.add(fault.at(page.path.clone(), None));
                }
                None => {
                    let pages = self.computed.entry(fault).or_default();
                    pages.push(page.path.clone());
                }
            }
        }
    }

    /// The links of the page for what is not found that other pages do not have.
    fn not_found(&mut self, any: &Page, address: &str, markup: &Markup, findings: &mut Findings) {
        for link in &markup.links {
            // It is shown at any address, so what is relative to it leads anywhere.
            let Some(fault) = self.fault(any, address, markup, link) else {
                continue;
            };
            let renderer = self.answers.parts.renderer(any.component);
            let origin = renderer.and_then(|it| self.origins.in_shared(it, &link.target));
            if let Some(origin) = origin {
                findings.add(fault.at(origin.path, origin.line));
            }
        }
    }

    fn tell_computed(self, findings: &mut Findings) {
        for (fault, pages) in self.computed {
            if pages.len() <= NAMED {
                for page in pages {
                    findings.add(fault.clone().at(page, None));
                }
                continue;
            }
            let others = pages.len() - 1;
            let mut finding = fault.at(pages[0].clone(), None);
            finding.message = format!("{}, here and on {others} other pages", finding.message);
            findings.add(finding);
        }
    }

    fn fault(&self, page: &Page, address: &str, markup: &Markup, link: &Link) -> Option<Fault> {
        let base = markup.base.as_deref();
        let destination = self.answers.destination(address, base, &link.target);
        let Destination::Inside { path, fragment } = destination else {
            return None;
        };
        let target = &link.target;
        if path == address {
            // A page may lead to a part of itself, whatever its status is.
            return anchor(target, fragment.as_deref()?, markup);
        }
        let answer = self.answers.at(&path);
        match &answer {
            Answer::Missing(_) if self.leads_from_index(page, base, target) => None,
            Answer::Missing(reason) => Some(self.missing(link, &path, reason)),
            Answer::Page(index) => {
                let other = &self.answers.pages.all[*index];
                unpublished(page, other, target)
                    .or_else(|| self.anchor(&answer, target, fragment.as_deref()?))
                    .or_else(|| md_link(target, &path, other))
            }
            Answer::File { .. } => self.anchor(&answer, target, fragment.as_deref()?),
            Answer::Redirect(_) | Answer::Unknown => None,
        }
    }

    /// The index of a folder is also the page `index` in it, where Bartholomew shows it: what is relative may start from there.
    fn leads_from_index(&self, page: &Page, base: Option<&str>, target: &str) -> bool {
        let address = format!("{}/index", page.address.trim_end_matches('/'));
        if target.starts_with('/') || !page.file.ends_with("/index.md") {
            return false;
        }
        match self.answers.destination(&address, base, target) {
            Destination::Inside { path, .. } => {
                !matches!(self.answers.at(&path), Answer::Missing(_))
            }
            Destination::Outside => false,
        }
    }

    fn missing(&self, link: &Link, path: &str, reason: &str) -> Fault {
        let Link { target, kind } = link;
        let (code, what) = match kind {
            LinkKind::Page => (Code::BrokenLink, "the link"),
            LinkKind::Part => (Code::MissingFile, "the file"),
        };
        Fault {
            code,
            message: match target == path {
                true => format!("{what} `{target}` leads nowhere: {reason}"),
                false => format!("{what} `{target}` leads nowhere: {reason}, at `{path}`"),
            },
            hint: match kind {
                LinkKind::Page => self.near(path),
                LinkKind::Part => None,
            },
        }
    }

    /// The page that a path may mean. A link of all pages asks for each of them.
    fn near(&self, path: &str) -> Option<String> {
        let mut known = self.near.borrow_mut();
        let near = known.entry(path.to_owned()).or_insert_with(|| {
            let pages = self.answers.pages.all.iter();
            let near = nearest(path, pages.map(|page| page.address.as_str()))?;
            Some(format!("did you mean `{near}`?"))
        });
        near.clone()
    }

    fn anchor(&self, answer: &Answer, target: &str, fragment: &str) -> Option<Fault> {
        if let Answer::Page(index) = answer
            && let Shows::Markup(markup) = &self.answers.pages.all[*index].shows
        {
            return anchor(target, fragment, markup);
        }
        let ids = names(fragment)?;
        let known = ids.iter().map(|id| self.answers.has_id(answer, id));
        let known: Option<Vec<bool>> = known.collect();
        known?
            .iter()
            .all(|has| !has)
            .then(|| missing_anchor(target, fragment, None))
    }
}

impl Fault {
    fn at(self, path: String, line: Option<usize>) -> Finding {
        Finding::new(self.code, path, self.message)
            .line(line)
            .hint(self.hint)
    }
}

/// The ids that a fragment may mean: as it is written, and decoded. `None` where it means no id.
fn names(fragment: &str) -> Option<[String; 2]> {
    // What browsers understand without an id (HTML, "Scrolling to a fragment"; "Text fragments"), and applications for themselves.
    let means_no_id = fragment.is_empty()
        || fragment.eq_ignore_ascii_case("top")
        || fragment.starts_with([':', '/', '!']);
    let decoded = percent_decode_str(fragment).decode_utf8_lossy();
    (!means_no_id).then(|| [fragment.to_owned(), decoded.into_owned()])
}

fn anchor(target: &str, fragment: &str, markup: &Markup) -> Option<Fault> {
    let ids = names(fragment)?;
    if ids.iter().any(|id| markup.ids.contains(id)) {
        return None;
    }
    if ids.iter().any(|id| markup.plain_headings.contains(id)) {
        return Some(Fault {
            code: Code::HeadingWithoutId,
            message: format!("the link `{target}` leads to a heading that has no id"),
            hint: Some(
                "`heading_ids = true` in `config/site.toml` gives each heading one; a script in the browser may do it too"
                    .to_owned(),
            ),
        });
    }
    let known = markup.ids.iter().chain(&markup.plain_headings);
    let near = nearest(&ids[1], known.map(String::as_str));
    Some(missing_anchor(target, fragment, near))
}

fn missing_anchor(target: &str, fragment: &str, near: Option<&str>) -> Fault {
    Fault {
        code: Code::MissingAnchor,
        message: format!("the link `{target}` leads to a page without `#{fragment}`"),
        hint: near.map(|near| format!("did you mean `#{near}`?")),
    }
}

/// Readers of a published page cannot follow it to one that is not.
fn unpublished(page: &Page, other: &Page, target: &str) -> Option<Fault> {
    if page.state != State::Published {
        return None;
    }
    let message = match other.state {
        State::Published => return None,
        State::Scheduled(date) => {
            let date = date.format("%Y-%m-%d");
            format!("the link `{target}` leads to a page that is not public before {date}")
        }
        State::Draft => format!("the link `{target}` leads to a page that is not published"),
    };
    Some(Fault {
        code: Code::UnpublishedLink,
        message,
        hint: None,
    })
}

fn md_link(target: &str, path: &str, page: &Page) -> Option<Fault> {
    path.ends_with(".md").then(|| Fault {
        code: Code::MdLink,
        message: format!("the link `{target}` names a file"),
        hint: Some(format!("the address of the page is `{}`", page.address)),
    })
}
