//! Where the content files of a site are for its readers.

use engine::app::{Route, Target};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::finding::{Code, Finding};
use super::parts::{Answerer, Part, Parts, Renderer};

/// What does not stand for itself in the path of a URL (URL standard, "path percent-encode set", and `%`).
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'}');

/// The places that routes give to content files.
pub(super) struct Places<'a> {
    parts: &'a Parts,
    /// The routes of renderers.
    routes: Vec<RouteOf>,
}

struct RouteOf {
    component: usize,
    /// What the paths begin with.
    prefix: String,
    /// The route as a renderer sees it, without its wildcard.
    below: String,
    is_wildcard: bool,
}

/// Where a file is.
pub(super) enum Place {
    At {
        address: String,
        /// What answers at the address that the file would have otherwise.
        also: Option<Taken>,
    },
    /// Nowhere, and why.
    Nowhere(String),
}

/// An address that something else answers.
pub(super) struct Taken {
    address: String,
    by: String,
}

impl Taken {
    pub(super) fn on(&self, path: &str) -> Finding {
        let message = format!("`{}` shows {} in its place", self.address, self.by);
        Finding::new(Code::DuplicateAddress, path, message)
    }
}

impl<'a> Places<'a> {
    pub(super) fn new(parts: &'a Parts) -> Places<'a> {
        let app = parts.app();
        let base = app.base_path.trim_end_matches('/');
        let triggers = app.triggers.iter();
        let routes = triggers.filter_map(|trigger| {
            let (Route::Path(raw), Target::Component(id)) = (&trigger.route, &trigger.target)
            else {
                return None;
            };
            let below = raw.strip_suffix("/...").unwrap_or(raw);
            // What stands for a parameter is not known.
            if below.contains("/:") || below.contains('*') {
                return None;
            }
            Some(RouteOf {
                component: parts.index(id)?,
                prefix: format!("{base}{below}"),
                below: below.to_owned(),
                is_wildcard: raw.ends_with("/..."),
            })
        });
        Places {
            parts,
            routes: routes.collect(),
        }
    }

    /// The address of a file of a renderer. It is not only what the rules say: the site is asked who answers there.
    pub(super) fn of(&self, component: usize, file: &str, renderer: &Renderer) -> Place {
        let name = file.strip_prefix("content/").unwrap_or(file);
        let name = name.strip_suffix(".md").unwrap_or(name);
        let mut lost = None;
        let routes = self.routes.iter();
        for route in routes.filter(|route| route.component == component) {
            let mut taken = None;
            for address in route.addresses(name, renderer.site.settings().prepend_route_info) {
                match self.answerer(component, &address, file) {
                    None => {
                        let also = taken;
                        return Place::At { address, also };
                    }
                    Some(by) => drop(taken.get_or_insert(Taken { address, by })),
                }
            }
            lost = lost.or(taken.filter(|_| route.is_wildcard));
        }
        Place::Nowhere(match lost {
            Some(Taken { address, by }) => format!("no address shows it: `{address}` is {by}"),
            None => "no route leads to it".to_owned(),
        })
    }

    /// Who answers at an address, unless it is that file.
    fn answerer(&self, component: usize, address: &str, file: &str) -> Option<String> {
        match self.parts.answerer(address) {
            Some(Answerer::Component {
                index,
                part: Part::Renderer(renderer),
                request,
                ..
            }) if index == component => {
                let answers = renderer.site.source(&request);
                match answers {
                    Some(source) if source == file => None,
                    Some(source) => Some(format!("`{}`", renderer.sources[&source])),
                    None => Some("no page".to_owned()),
                }
            }
            Some(Answerer::Component { index, .. }) => {
                let id = &self.parts.app().components[index].id;
                Some(format!("of component `{id}`"))
            }
            Some(Answerer::Static(_)) => Some("a static response".to_owned()),
            None => Some("of no route".to_owned()),
        }
    }
}

impl RouteOf {
    /// The addresses that the page of that name may have, the best first.
    fn addresses(&self, name: &str, prepend: bool) -> Vec<String> {
        let path = format!("/{name}");
        let path = match prepend {
            true => match path.strip_prefix(&self.below) {
                Some(rest) if rest.is_empty() || rest.starts_with('/') => rest.to_owned(),
                _ => return Vec::new(),
            },
            false => path,
        };
        if !self.is_wildcard {
            return vec![self.prefix.clone()];
        }
        let mut paths = Vec::new();
        if let Some(folder) = path.strip_suffix("/index") {
            paths.push(if folder.is_empty() {
                "/".to_owned()
            } else {
                folder.to_owned()
            });
        }
        // Whatever its extension: an address with a dot loses what is behind it first.
        paths.extend([path.clone(), format!("{path}.html")]);
        let encoded = paths.iter().map(|path| utf8_percent_encode(path, PATH));
        encoded
            .map(|path| format!("{}{path}", self.prefix))
            .collect()
    }
}
