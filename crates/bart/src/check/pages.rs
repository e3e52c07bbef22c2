//! The pages of a site: where each of them is, and what it comes to when it is rendered.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::num::NonZero;
use std::sync::Arc;
use std::thread;

use chrono::{DateTime, Utc};
use site::index::IndexedDocument;
use site::{Answer, Diagnosis, Document, PageRequest, Surroundings, WrittenLink};

use super::addresses::{Place, Places};
use super::finding::{Code, Finding, Findings};
use super::markup::Markup;
use super::origin::line_of;
use super::parts::{Answerer, Part, Parts, Renderer};
use super::report::Count;

/// The variable that shows unpublished pages.
const PREVIEW_MODE: &str = "PREVIEW_MODE";
/// A path that no site has a page for.
const NOWHERE: &str = "/bart-check-asks-for-what-is-not-there";

/// The pages of all renderers.
pub(super) struct Pages {
    pub(super) all: Vec<Page>,
    by_file: HashMap<(usize, String), usize>,
}

/// A page that some address leads to.
pub(super) struct Page {
    /// The place of its renderer among the components.
    pub(super) component: usize,
    /// Its path in the guest, such as `content/a.md`.
    pub(super) file: String,
    /// The same as it is told to the user.
    pub(super) path: String,
    /// The path of a URL.
    pub(super) address: String,
    pub(super) document: Document,
    pub(super) state: State,
    pub(super) shows: Shows,
}

/// Who sees a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Published,
    /// Readers see it from then on.
    Scheduled(DateTime<Utc>),
    /// Only its authors do.
    Draft,
}

/// What a page comes to.
pub(super) enum Shows {
    Markup(Markup),
    /// Something else than HTML.
    Other,
    Redirect(String),
    /// Nothing: it is told already why.
    Nothing,
}

impl Pages {
    /// Finds and renders the pages of a site as they are at that moment.
    pub(super) fn of(parts: &Parts, now: DateTime<Utc>, findings: &mut Findings) -> Pages {
        let places = Places::new(parts);
        let mut pages = Pages {
            all: Vec::new(),
            by_file: HashMap::new(),
        };
        let mut hidden: BTreeMap<String, Finding> = BTreeMap::new();
        for (component, renderer) in parts.renderers() {
            for (file, document) in documents(renderer, findings) {
                let path = renderer.sources[&file].clone();
                match places.of(component, &file, renderer) {
                    Place::At { address, also } => {
                        if let Some(other) = also {
                            findings.add(other.on(&path));
                        }
                        let key = (component, file.clone());
                        pages.by_file.insert(key, pages.all.len());
                        pages.all.push(Page {
                            component,
                            state: State::of(&document, renderer, now),
                            file,
                            path,
                            address,
                            document,
                            shows: Shows::Nothing,
                        });
                    }
                    Place::Nowhere(reason) => {
                        let finding = Finding::new(Code::HiddenPage, &path, reason);
                        hidden.insert(path, finding);
                    }
                }
            }
        }
        // What one renderer does not show another one may.
        for page in &pages.all {
            hidden.remove(&page.path);
        }
        hidden
            .into_values()
            .for_each(|finding| findings.add(finding));
        pages.render(parts, now, findings);
        pages
    }

    /// The page of a file that a renderer sees.
    pub(super) fn of_file(&self, component: usize, file: &str) -> Option<usize> {
        self.by_file.get(&(component, file.to_owned())).copied()
    }

    pub(super) fn count(&self) -> Count {
        let of = |wanted: fn(&State) -> bool| {
            let pages = self.all.iter();
            pages.filter(|page| wanted(&page.state)).count()
        };
        Count {
            pages: self.all.len(),
            drafts: of(|state| *state == State::Draft),
            scheduled: of(|state| matches!(state, State::Scheduled(_))),
        }
    }

    fn render(&mut self, parts: &Parts, now: DateTime<Utc>, findings: &mut Findings) {
        let processors = thread::available_parallelism().map_or(1, NonZero::get);
        let share = self.all.len().div_ceil(processors).max(1);
        let results: Vec<(Shows, Option<Finding>)> = thread::scope(|scope| {
            let shares = self.all.chunks(share);
            let threads: Vec<_> = shares
                .map(|pages| {
                    scope.spawn(move || {
                        let pages = pages.iter();
                        pages
                            .map(|page| site::silently(|| render(parts, page, now)))
                            .collect::<Vec<_>>()
                    })
                })
                .collect();
            let join = |thread: thread::ScopedJoinHandle<'_, _>| {
                thread
                    .join()
                    .unwrap_or_else(|cause| std::panic::resume_unwind(cause))
            };
            threads.into_iter().flat_map(join).collect()
        });
        for (page, (shows, finding)) in self.all.iter_mut().zip(results) {
            page.shows = shows;
            finding
                .into_iter()
                .for_each(|finding| findings.add(finding));
        }
    }
}

impl Page {
    /// A request for the page, which shows it although it may not be published.
    fn request<'a>(&self, parts: &'a Parts) -> Option<(&'a Renderer, PageRequest)> {
        let Some(Answerer::Component {
            part: Part::Renderer(renderer),
            mut request,
            ..
        }) = parts.answerer(&self.address)
        else {
            return None;
        };
        if self.state != State::Published {
            let preview = (PREVIEW_MODE.to_owned(), "1".to_owned());
            request.environment.extend([preview]);
        }
        Some((renderer, *request))
    }
}

impl State {
    fn of(document: &Document, renderer: &Renderer, now: DateTime<Utc>) -> State {
        let is_preview = renderer
            .environment
            .get(PREVIEW_MODE)
            .is_some_and(|it| it == "1");
        match document.head.scheduled(now) {
            _ if is_preview || document.head.is_published(now) => State::Published,
            Some(date) => State::Scheduled(date),
            None => State::Draft,
        }
    }
}

/// The content files of a renderer that can be understood.
fn documents(renderer: &Renderer, findings: &mut Findings) -> Vec<(String, Document)> {
    let mut documents = Vec::new();
    for (file, path) in &renderer.sources {
        if !IndexedDocument::is_listed(file) {
            continue;
        }
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => {
                let message = format!("it cannot be read, so it is no page: {error}");
                findings.add(Finding::new(Code::BrokenPage, path, message));
                continue;
            }
        };
        match Document::parse(file, text) {
            Ok(document) => documents.push((file.clone(), document)),
            Err(error) => findings.add(
                Finding::new(Code::BrokenPage, path, error.message)
                    .line(Some(error.line))
                    .hint(error.hint),
            ),
        }
    }
    documents
}

/// Renders a page as it is served; one that is not published as it will be, and as its authors see it.
fn render(parts: &Parts, page: &Page, now: DateTime<Utc>) -> (Shows, Option<Finding>) {
    let Some((renderer, request)) = page.request(parts) else {
        return (Shows::Nothing, None);
    };
    if let Err(finding) = expand(renderer, page, now) {
        return (Shows::Nothing, Some(finding));
    }
    match renderer.site.answer(&request, &surroundings(now)) {
        Answer::Page {
            content_type, body, ..
        } => (shows(&content_type, &body), None),
        Answer::Redirect { location, .. } => (Shows::Redirect(location), None),
        Answer::NotFound { .. } => (Shows::Nothing, Some(missing_source(page))),
        Answer::Failed(failure) => {
            let mut finding = broken(renderer, &page.path, *failure.diagnosis);
            if finding.code == Code::UnknownTemplate {
                let text = fs::read_to_string(&page.path).unwrap_or_default();
                let name = page.document.head.template.as_deref();
                finding.line = name.and_then(|name| line_of(&text, name));
            }
            (Shows::Nothing, Some(finding))
        }
    }
}

/// The links of a page that are Markdown, with their lines.
pub(super) fn written_links(parts: &Parts, page: &Page, now: DateTime<Utc>) -> Vec<WrittenLink> {
    let Some((renderer, request)) = page.request(parts) else {
        return Vec::new();
    };
    renderer.site.written_links(&request, &surroundings(now))
}

/// The page for what is not found, as a renderer shows it: where it was asked for, and what it has.
pub(super) fn not_found(
    parts: &Parts,
    address: &str,
    now: DateTime<Utc>,
    findings: &mut Findings,
) -> Option<(String, Markup)> {
    let address = format!("{}{NOWHERE}", address.trim_end_matches('/'));
    let Some(Answerer::Component {
        part: Part::Renderer(renderer),
        request,
        ..
    }) = parts.answerer(&address)
    else {
        return None;
    };
    match site::silently(|| renderer.site.answer(&request, &surroundings(now))) {
        Answer::NotFound { body, .. } => Some((address, Markup::read(&body))),
        Answer::Failed(failure) => {
            let mut diagnosis = *failure.diagnosis;
            // What is wrong with a file is told as it is of any page.
            if diagnosis.path.is_none() {
                diagnosis.message = format!(
                    "the page for what is not found fails: {}",
                    diagnosis.message
                );
            }
            let settings = renderer.sources.get(site::SETTINGS_PATH);
            let path = settings.unwrap_or(&parts.manifest);
            findings.add(broken(renderer, path, diagnosis));
            None
        }
        Answer::Page { .. } | Answer::Redirect { .. } => None,
    }
}

/// Chance is always the same, so that two checks of one site agree.
fn surroundings(now: DateTime<Utc>) -> Arc<Surroundings> {
    Arc::new(Surroundings::new(now, || 4))
}

/// A shortcode that fails does not take its page down; it must be looked for.
fn expand(renderer: &Renderer, page: &Page, now: DateTime<Utc>) -> Result<(), Finding> {
    let head = &page.document.head;
    if head.enable_shortcodes != Some(true) || head.body_source.is_some() {
        return Ok(());
    }
    let body = &page.document.body;
    let expanded = renderer
        .site
        .shortcodes()
        .expand(body.markdown(), &surroundings(now));
    expanded.map(drop).map_err(|error| {
        let error = error.in_file(page.file.as_str(), body.lines_above());
        broken(renderer, &page.path, Diagnosis::from(&error))
    })
}

fn shows(content_type: &str, body: &str) -> Shows {
    let media = content_type.split(';').next().unwrap_or_default().trim();
    match media {
        "text/html" | "application/xhtml+xml" => Shows::Markup(Markup::read(body)),
        _ => Shows::Other,
    }
}

/// What is wrong with the file that a diagnosis names, or else with `path`.
pub(super) fn broken(renderer: &Renderer, path: &str, diagnosis: Diagnosis) -> Finding {
    let file = diagnosis.path.as_deref().unwrap_or_default();
    let code = if diagnosis.message.starts_with("no template ") {
        Code::UnknownTemplate
    } else if file.ends_with(".hbs") {
        Code::BrokenTemplate
    } else if file.starts_with("shortcodes/") {
        Code::BrokenShortcode
    } else if file.starts_with("scripts/") || file.contains("/scripts/") {
        Code::BrokenScript
    } else {
        Code::BrokenPage
    };
    let shown = renderer.sources.get(file).map_or(path, String::as_str);
    Finding::new(code, shown, diagnosis.message)
        .line(diagnosis.line)
        .hint(diagnosis.hint)
}

fn missing_source(page: &Page) -> Finding {
    let source = page
        .document
        .head
        .body_source
        .as_deref()
        .unwrap_or_default();
    let message = format!("there is no page `{source}` to take the body from");
    Finding::new(Code::MissingSource, &page.path, message)
}
