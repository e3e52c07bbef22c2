//! Which file answers a request.

use crate::files::Settings;
use crate::path::RequestPath;
use crate::route::{Route, RouteKind};

const INDEX: &str = "index.html";
const PAGE_SUFFIX: &str = ".html";

/// A possible answer to a request. Paths are relative to the root of the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Candidate {
    /// A file that the request names, or the fallback; with 200.
    Found(String),
    /// A built-in icon, with 200.
    Icon(Icon),
    /// The page for what does not exist, with 404.
    NotFoundPage(String),
}

/// The formats of the built-in icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    /// `favicon.ico`.
    Ico,
    /// `favicon.png`.
    Png,
}

impl Icon {
    /// The file name of the icon.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Ico => "favicon.ico",
            Self::Png => "favicon.png",
        }
    }
}

/// The possible answers to a request, best first: the first that is a regular file (an icon always is) answers it. When
/// none is, the answer is a bare 404.
///
/// A name is tried as it stands, then as a folder with an `index.html`, then as a page without its `.html`; a name with
/// a trailing slash as a folder only. A path that is not safe, or hidden, names nothing, but still gets the fallback: an
/// application in the browser may use any path.
pub fn candidates(route: Route<'_>, settings: &Settings) -> impl Iterator<Item = Candidate> {
    let paths: Vec<RequestPath> = subjects(route)
        .into_iter()
        .flatten()
        .flat_map(readings)
        .filter(|path| settings.show_dotfiles || !path.is_hidden())
        .collect();
    let icon = paths
        .iter()
        .find_map(icon)
        .filter(|_| settings.default_favicon);
    let fallback = settings
        .fallback
        .iter()
        .map(|path| Candidate::Found(path.as_str().to_owned()));
    let not_found = settings
        .not_found_page
        .iter()
        .map(|path| Candidate::NotFoundPage(path.as_str().to_owned()));
    paths
        .into_iter()
        .flat_map(|path| names(&path))
        .map(Candidate::Found)
        .chain(icon.map(Candidate::Icon))
        .chain(fallback)
        .chain(not_found)
}

/// The raw paths that a request may mean. An exact route is about a file of that very path; a wildcard route without
/// its slash was so to spin-fileserver, and is the root besides.
fn subjects(route: Route<'_>) -> [Option<&str>; 2] {
    match route.kind {
        RouteKind::Below => [Some(route.path_info), None],
        RouteKind::Prefix => [Some(route.uri_path), Some("")],
        RouteKind::Exact => [Some(route.uri_path), None],
        RouteKind::Parameter => [Some(""), None],
    }
}

/// A path with its escapes left alone, in case a file is named so, and with them decoded.
fn readings(raw: &str) -> impl Iterator<Item = RequestPath> {
    let literal = raw.contains('%').then(|| RequestPath::literal(raw));
    literal
        .into_iter()
        .chain([RequestPath::decode(raw)])
        .filter_map(Result::ok)
}

/// The files that a path may stand for: itself, the index of the folder, the page without its suffix.
fn names(path: &RequestPath) -> impl Iterator<Item = String> + use<> {
    let name = path.as_str();
    let names = if path.is_root() {
        [None, Some(INDEX.to_owned()), None]
    } else if path.has_trailing_slash() {
        [None, Some(format!("{name}/{INDEX}")), None]
    } else {
        let page = (!name.ends_with(PAGE_SUFFIX)).then(|| format!("{name}{PAGE_SUFFIX}"));
        [Some(name.to_owned()), Some(format!("{name}/{INDEX}")), page]
    };
    names.into_iter().flatten()
}

fn icon(path: &RequestPath) -> Option<Icon> {
    let name = path.file_name().filter(|_| !path.has_trailing_slash())?;
    [Icon::Ico, Icon::Png]
        .into_iter()
        .find(|icon| icon.file_name() == name)
}
