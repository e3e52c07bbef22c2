//! Which file answers a request.

use crate::files::{Settings, index};
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
    let is_shown = |path: &RequestPath| is_public(path, settings);
    let paths: Vec<RequestPath> = subjects(route)
        .into_iter()
        .flatten()
        .flat_map(readings)
        .filter(is_shown)
        .collect();
    let icon = paths
        .iter()
        .find_map(icon)
        .filter(|_| settings.default_favicon);
    let fallback = settings
        .fallback
        .iter()
        .filter(|path| !is_internal(path))
        .map(|path| Candidate::Found(path.as_str().to_owned()));
    let not_found = settings
        .not_found_page
        .iter()
        .filter(|path| !is_internal(path))
        .map(|path| Candidate::NotFoundPage(path.as_str().to_owned()));
    paths
        .into_iter()
        .flat_map(|path| names(&path))
        // `/.well-known` is public, `.well-known.html` is not.
        .filter(move |name| RequestPath::literal(name).is_ok_and(|path| is_shown(&path)))
        .map(Candidate::Found)
        .chain(icon.map(Candidate::Icon))
        .chain(fallback)
        .chain(not_found)
}

/// Whether a request may name the path. Of names with a leading dot `.well-known` is public, the others by the settings,
/// and never those of bart itself.
fn is_public(path: &RequestPath, settings: &Settings) -> bool {
    !is_internal(path) && (settings.show_dotfiles || !path.is_hidden())
}

/// In upper case too, since some file systems do not tell the cases apart.
fn is_internal(path: &RequestPath) -> bool {
    path.segments()
        .next()
        .is_some_and(|first| first.eq_ignore_ascii_case(index::FOLDER))
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
