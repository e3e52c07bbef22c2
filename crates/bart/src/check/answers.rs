//! What a site answers at the addresses that its pages link to.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::fs;

use engine::app::StaticResponse;
use http::Method;
use http::header::LOCATION;
use url::Url;
use web::files::{Candidate, candidates};
use web::redirect::Redirect;
use web::route::Route;

use super::markup::Markup;
use super::pages::{Pages, Shows};
use super::parts::{Answerer, FileServer, Part, Parts};

/// A host that no site has, so that addresses inside of the site are told from others.
const ORIGIN: &str = "http://site.invalid";
/// More redirects in a row than browsers follow (Fetch standard, "HTTP-redirect fetch": 20).
const MAX_REDIRECTS: usize = 21;

/// What a site answers, each address asked once.
pub(super) struct Answers<'a> {
    pub(super) parts: &'a Parts,
    pub(super) pages: &'a Pages,
    /// Where the site says that it is; addresses below are its own.
    own: Vec<Url>,
    known: RefCell<HashMap<String, Answer>>,
    file_ids: RefCell<HashMap<String, BTreeSet<String>>>,
}

/// What is at an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The page of this place among the pages.
    Page(usize),
    /// A file of a file server.
    File { component: usize, path: String },
    /// Another place.
    Redirect(String),
    /// Nothing, and why.
    Missing(String),
    /// What cannot be told without a server.
    Unknown,
}

/// Where a reference leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Destination {
    Inside {
        path: String,
        fragment: Option<String>,
    },
    /// Somewhere else, or nowhere that is an address.
    Outside,
}

/// Where a chain of redirects ends.
pub(super) enum End {
    /// At something else than a redirect, at this path.
    At(String, Answer),
    Outside,
    /// Never.
    Loop,
}

impl<'a> Answers<'a> {
    pub(super) fn new(parts: &'a Parts, pages: &'a Pages) -> Answers<'a> {
        let renderers = parts.renderers();
        let bases = renderers.filter_map(|(_, renderer)| {
            let settings = renderer.site.settings();
            let base = renderer.environment.get("BASE_URL");
            let base = base.or(settings.base_url.as_ref())?;
            let base = Url::parse(&format!("{}/", base.trim_end_matches('/'))).ok()?;
            base.has_host().then_some(base)
        });
        Answers {
            own: bases.collect(),
            parts,
            pages,
            known: RefCell::default(),
            file_ids: RefCell::default(),
        }
    }

    /// Where a reference on the page at `address` leads, which may say by itself what its references start from.
    pub(super) fn destination(
        &self,
        address: &str,
        base: Option<&str>,
        reference: &str,
    ) -> Destination {
        let page = Url::parse(ORIGIN).and_then(|origin| origin.join(address));
        let from = page.and_then(|page| match base {
            Some(base) => page.join(base),
            None => Ok(page),
        });
        let Ok(url) = from.and_then(|from| from.join(reference)) else {
            return Destination::Outside;
        };
        match self.inside(&url) {
            Some(path) => Destination::Inside {
                path,
                fragment: url.fragment().map(str::to_owned),
            },
            None => Destination::Outside,
        }
    }

    /// What is at a path.
    pub(super) fn at(&self, path: &str) -> Answer {
        if let Some(known) = self.known.borrow().get(path) {
            return known.clone();
        }
        let answer = self.ask(path);
        self.known
            .borrow_mut()
            .insert(path.to_owned(), answer.clone());
        answer
    }

    /// Follows redirects.
    pub(super) fn follow(&self, path: &str) -> End {
        let mut path = path.to_owned();
        for _ in 0..MAX_REDIRECTS {
            let answer = self.at(&path);
            let Some(location) = self.location(&answer) else {
                return End::At(path, answer);
            };
            match self.destination(&path, None, &location) {
                Destination::Inside { path: next, .. } => path = next,
                Destination::Outside => return End::Outside,
            }
        }
        End::Loop
    }

    /// Where an answer sends its readers, if it does.
    fn location(&self, answer: &Answer) -> Option<String> {
        match answer {
            Answer::Redirect(location) => Some(location.clone()),
            Answer::Page(page) => match &self.pages.all[*page].shows {
                Shows::Redirect(location) => Some(location.clone()),
                _ => None,
            },
            _ => None,
        }
    }

    /// The ids of what is at an address; `None` where it is no HTML.
    pub(super) fn has_id(&self, answer: &Answer, id: &str) -> Option<bool> {
        match answer {
            Answer::Page(page) => match &self.pages.all[*page].shows {
                Shows::Markup(markup) => Some(markup.ids.contains(id)),
                _ => None,
            },
            Answer::File { component, path } if path.ends_with(".html") => {
                let plan = &self.parts.file_server(*component)?.plan;
                let source = &plan.files().get(path)?.source;
                let mut known = self.file_ids.borrow_mut();
                let ids = known.entry(source.display().to_string());
                let read = || {
                    let html = fs::read_to_string(source).unwrap_or_default();
                    Markup::read(&html).ids
                };
                Some(ids.or_insert_with(read).contains(id))
            }
            _ => None,
        }
    }

    /// The path of a URL that is of this site.
    fn inside(&self, url: &Url) -> Option<String> {
        if !matches!(url.scheme(), "http" | "https") {
            return None;
        }
        if url.host_str() == Some("site.invalid") {
            return Some(url.path().to_owned());
        }
        self.own.iter().find_map(|own| {
            let same = own.host() == url.host()
                && own.port_or_known_default() == url.port_or_known_default();
            let below = url.path().strip_prefix(own.path().trim_end_matches('/'))?;
            (same && (below.is_empty() || below.starts_with('/'))).then(|| match below {
                "" => "/".to_owned(),
                below => below.to_owned(),
            })
        })
    }

    fn ask(&self, path: &str) -> Answer {
        match self.parts.answerer(path) {
            None => Answer::Missing("no route leads there".to_owned()),
            Some(Answerer::Static(response)) => of_static(response),
            Some(Answerer::Component {
                index,
                part,
                request,
                headers,
            }) => match part {
                Part::Renderer(renderer) => match renderer.site.source(&request) {
                    None => Answer::Missing("there is no such page".to_owned()),
                    // A page that is not known could not be read, which is told already.
                    Some(file) => self
                        .pages
                        .of_file(index, &file)
                        .map_or(Answer::Unknown, Answer::Page),
                },
                Part::Files(server) => of_files(server, index, Route::from_headers(&headers, path)),
                Part::Redirect(redirect) => of_redirect(redirect, path),
                Part::Other => Answer::Unknown,
            },
        }
    }
}

fn of_static(response: &StaticResponse) -> Answer {
    let location = response.headers.get(LOCATION);
    match location.and_then(|location| location.to_str().ok()) {
        Some(location) if response.status.is_redirection() => Answer::Redirect(location.to_owned()),
        _ if response.status.is_client_error() || response.status.is_server_error() => {
            Answer::Missing(format!("it always answers {}", response.status.as_u16()))
        }
        _ => Answer::Unknown,
    }
}

fn of_files(server: &FileServer, component: usize, route: Route<'_>) -> Answer {
    let missing = || Answer::Missing(format!("component `{}` has no such file", server.id));
    for candidate in candidates(route, &server.settings) {
        match candidate {
            Candidate::Found(path) if server.plan.files().contains_key(&path) => {
                return Answer::File { component, path };
            }
            Candidate::Icon(_) => return Answer::Unknown,
            Candidate::Found(_) => {}
            Candidate::NotFoundPage(_) => return missing(),
        }
    }
    missing()
}

fn of_redirect(redirect: &Redirect, path: &str) -> Answer {
    let response = redirect.answer(&Method::GET, path);
    let location = response.headers().get(LOCATION);
    match location.and_then(|location| location.to_str().ok()) {
        Some(location) => Answer::Redirect(location.to_owned()),
        None => Answer::Unknown,
    }
}
