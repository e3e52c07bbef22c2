//! Which trigger answers a path.

mod pattern;

use std::collections::HashMap;
use std::sync::LazyLock;

use routefinder::{RouteSpec, Router, Segment};
use thiserror::Error;

use crate::app::{Route, Trigger};
use crate::request_fields::RouteFields;
use pattern::{Pattern, shape, without_wildcard};

pub use pattern::{RouteProblem, check};

/// The public routes of an application.
///
/// Paths are compared as they were sent, without percent-decoding. Exact segments come before parameters, parameters
/// before wildcards; slashes at both ends of a path do not count.
#[derive(Debug)]
pub struct Routes {
    router: Router<usize>,
    entries: Vec<Entry>,
    duplicates: Vec<Duplicate>,
}

/// The trigger that answers a path.
#[derive(Debug)]
pub struct RouteMatch<'routes, 'path> {
    /// Its place in [`App::triggers`](crate::app::App::triggers).
    pub trigger: usize,
    /// How the path matched its route.
    pub matched: MatchedPath<'routes, 'path>,
}

/// How a path matched a route.
#[derive(Debug)]
pub struct MatchedPath<'routes, 'path> {
    pattern: &'routes Pattern,
    path_info: &'path str,
    captured: Vec<&'path str>,
}

/// Two triggers whose routes match the same paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// The place in the triggers of the one that answers: of equal routes the last, as in Spin.
    pub answers: usize,
    /// The place of the one that is never reached.
    pub unreachable: usize,
}

/// A trigger whose route cannot be read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{route}` is not a route: {problem}")]
pub struct RouteError {
    /// The place of the trigger.
    pub trigger: usize,
    /// The route as written.
    pub route: String,
    /// What is wrong with it.
    #[source]
    pub problem: RouteProblem,
}

#[derive(Debug)]
struct Entry {
    trigger: usize,
    pattern: Pattern,
}

impl Routes {
    /// The routes of `triggers`, all below `base`. Private ones are left out.
    ///
    /// # Errors
    /// The first route that cannot be read.
    pub fn build(base: &str, triggers: &[Trigger]) -> Result<Self, RouteError> {
        let mut routes = Self {
            router: Router::new(),
            entries: Vec::new(),
            duplicates: Vec::new(),
        };
        let mut specs: Vec<(usize, Vec<Segment>)> = Vec::new();
        let mut places = HashMap::new();
        for (trigger, Trigger { route, .. }) in triggers.iter().enumerate() {
            let Route::Path(raw) = route else { continue };
            let error = |problem| RouteError {
                trigger,
                route: raw.clone(),
                problem,
            };
            let (segments, pattern) = Pattern::parse(base, raw).map_err(error)?;
            match places.get(raw.as_str()) {
                Some(&place) => {
                    let replaced: &mut Entry = &mut routes.entries[place];
                    routes.duplicates.push(Duplicate {
                        answers: trigger,
                        unreachable: replaced.trigger,
                    });
                    replaced.trigger = trigger;
                }
                None => {
                    places.insert(raw.as_str(), routes.entries.len());
                    specs.push((routes.entries.len(), segments));
                    routes.entries.push(Entry { trigger, pattern });
                }
            }
        }
        routes.add(specs);
        Ok(routes)
    }

    /// The trigger that answers a path, which is that of a URI: percent-encoded, without its query.
    pub fn find<'path>(&self, path: &'path str) -> Option<RouteMatch<'_, 'path>> {
        let (spec, entry, mut captured) = self.router.iter().find_map(|(spec, entry)| {
            let captured = spec.matches(path)?;
            Some((spec, &self.entries[*entry], captured))
        })?;
        let path_info = match spec.segments().last() {
            Some(Segment::Wildcard) => path_info(path, captured.pop().unwrap_or_default()),
            _ => "",
        };
        let matched = MatchedPath {
            pattern: &entry.pattern,
            path_info,
            captured,
        };
        Some(RouteMatch {
            trigger: entry.trigger,
            matched,
        })
    }

    /// The routes as written with the place of the trigger that answers, in the order of the manifest.
    pub fn iter(&self) -> impl Iterator<Item = (&str, usize)> {
        self.entries
            .iter()
            .map(|entry| (entry.pattern.raw.as_str(), entry.trigger))
    }

    /// The triggers that are never reached because another one has the same route.
    pub fn duplicates(&self) -> &[Duplicate] {
        &self.duplicates
    }

    /// `routefinder` lets the first of two routes win that match the same paths, such as `/a` and `/a/`.
    fn add(&mut self, specs: Vec<(usize, Vec<Segment>)>) {
        let mut shapes: HashMap<String, usize> = HashMap::new();
        for (place, segments) in specs {
            let trigger = self.entries[place].trigger;
            let answers = *shapes.entry(shape(&segments)).or_insert(trigger);
            if answers != trigger {
                self.duplicates.push(Duplicate {
                    answers,
                    unreachable: trigger,
                });
            }
            let Ok(()) = self.router.add(RouteSpec::from(segments), place);
        }
    }
}

impl<'routes, 'path> MatchedPath<'routes, 'path> {
    /// What the component sees of a request to its private name, which has no route: as if it were at `/...`.
    pub fn private(path: &'path str) -> Self {
        static EVERYTHING: LazyLock<Pattern> =
            LazyLock::new(|| Pattern::new("/", "/...".to_owned(), "/...", Vec::new(), Vec::new()));
        Self {
            pattern: &EVERYTHING,
            path_info: path,
            captured: Vec::new(),
        }
    }

    /// What the route's trailing wildcard matched, with its slashes: of `/docs/...` and `/docs/a/` it is `/a/`, of
    /// `/docs/` it is `/`, of `/docs` it is empty, as it is for any route without a wildcard.
    pub fn path_info(&self) -> &'path str {
        self.path_info
    }

    /// The route with the application's base: `spin-matched-route`.
    pub fn matched_route(&self) -> &'routes str {
        &self.pattern.route
    }

    /// The route as written: `spin-raw-component-route`.
    pub fn raw_component_route(&self) -> &'routes str {
        &self.pattern.raw
    }

    /// The route as written but for a trailing `/...`: `spin-component-route`.
    pub fn component_route(&self) -> &'routes str {
        without_wildcard(&self.pattern.raw)
    }

    /// The names and values of the route's parameters, not percent-decoded.
    pub fn captures(&self) -> impl Iterator<Item = (&'routes str, &'path str)> {
        let names = self.pattern.parameters.iter().map(String::as_str);
        names.zip(self.captured.iter().copied())
    }

    pub(crate) fn fields(&self) -> &'routes RouteFields {
        &self.pattern.fields
    }

    pub(crate) fn captured(&self) -> impl Iterator<Item = &'path str> {
        self.captured.iter().copied()
    }
}

/// What a wildcard matched, with the slash before it and one after it if the path ends in one. `routefinder` gives it
/// without, and Spin puts them back.
fn path_info<'path>(path: &'path str, wildcard: &str) -> &'path str {
    let end = path.trim_end_matches('/').len();
    let with_slash = end + usize::from(path.ends_with('/'));
    match wildcard.len() {
        0 => &path[path.len() - usize::from(path.ends_with('/'))..],
        length => &path[(end - length).saturating_sub(1)..with_slash],
    }
}
