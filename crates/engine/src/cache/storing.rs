//! Whether a response may be stored, for how long, and for which requests.

use std::time::{Duration, SystemTime};

use http::header::{
    AGE, AUTHORIZATION, CACHE_CONTROL, DATE, EXPIRES, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    IF_RANGE, IF_UNMODIFIED_SINCE, PRAGMA, RANGE, SET_COOKIE, TRAILER, VARY, WWW_AUTHENTICATE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use http_cache_semantics::{CacheOptions, CachePolicy};
use web::freshness::{self, Freshness};

use super::key::{self, Likeness};
use crate::fields;

/// The fields by which a client asks for something else than the whole response.
pub(super) const CONDITIONS: [HeaderName; 5] = [
    IF_MATCH,
    IF_NONE_MATCH,
    IF_MODIFIED_SINCE,
    IF_UNMODIFIED_SINCE,
    IF_RANGE,
];

/// The most fields that `Vary` may name. A component that names more has no response that would do for another request.
const MOST_FIELDS: usize = 8;

/// As a shared cache, and by what is said alone, not by what may be guessed.
const OPTIONS: CacheOptions = CacheOptions {
    shared: true,
    cache_heuristic: 0.0,
    immutable_min_time_to_live: Duration::ZERO,
    ignore_cargo_cult: false,
};

/// A response that may be stored.
pub(super) struct Permission {
    pub(super) lifetime: Lifetime,
    pub(super) likeness: Likeness,
}

/// For how long.
pub(super) enum Lifetime {
    /// As long as the release.
    Release,
    /// So long after its request came.
    For(Duration),
    /// As RFC 9111 has it.
    Policy(Box<Policy>),
}

/// What a component that is not ours says of its response.
pub(super) struct Policy {
    rules: CachePolicy,
    /// Whether it also does for requests with credentials (RFC 9111 section 3.5).
    for_authorized: bool,
}

/// What a stored response is to a request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fitness {
    /// The answer.
    Fresh,
    /// Not the answer to this request, perhaps to the next.
    Unsuitable,
    /// Over.
    Stale,
}

/// What one of bart's own components allows: its internal field decides.
pub(super) fn of_bundled<Body>(response: &Response<Body>) -> Option<Permission> {
    let freshness: Freshness = single(response.headers(), &freshness::FIELD)?
        .try_into()
        .ok()?;
    let mut likeness = common(response)?;
    let twice = likeness.fields.iter().filter(|name| key::is_codings(name));
    // Named once it is what the file server and the renderer themselves make of it; named twice a template reads it too, as it was sent.
    if twice.count() == 1 {
        likeness.fields.retain(|name| !key::is_codings(name));
        likeness.codings = true;
    }
    likeness.query = freshness.keyed_by_query;
    likeness.authority = freshness.keyed_by_authority;
    let lifetime = match freshness.lifetime {
        freshness::Lifetime::None | freshness::Lifetime::Seconds(0) => return None,
        freshness::Lifetime::Seconds(seconds) => Lifetime::For(Duration::from_secs(seconds.into())),
        freshness::Lifetime::Release => Lifetime::Release,
    };
    Some(Permission { lifetime, likeness })
}

/// What RFC 9111 allows for the response of another component to a request that came at `asked_at`.
pub(super) fn of_other<Asked, Body>(
    request: &Request<Asked>,
    response: &Response<Body>,
    asked_at: SystemTime,
) -> Option<Permission> {
    let likeness = common(response)?.and(&Likeness::of_address());
    let said = said(response)?;
    let policy = |authorized: bool| {
        let mut asked = directives(request.headers());
        if authorized {
            let anyone = HeaderValue::from_static("-");
            asked.headers_mut().insert(AUTHORIZATION, anyone);
        }
        CachePolicy::new_options(&asked, &said, asked_at, OPTIONS)
    };
    let rules = policy(request.headers().contains_key(AUTHORIZATION));
    if !rules.is_storable() || rules.time_to_live(asked_at).is_zero() {
        return None;
    }
    let for_authorized = policy(true).is_storable();
    Some(Permission {
        lifetime: Lifetime::Policy(Box::new(Policy {
            rules,
            for_authorized,
        })),
        likeness,
    })
}

impl Policy {
    /// What the response is to a request at `now`.
    pub(super) fn fitness(&self, request: &HeaderMap, now: SystemTime) -> Fitness {
        if request.contains_key(AUTHORIZATION) && !self.for_authorized {
            return Fitness::Unsuitable;
        }
        let verdict = self.rules.before_request(&directives(request), now);
        if verdict.satisfies_without_revalidation() {
            Fitness::Fresh
        } else if self.rules.is_stale(now) {
            Fitness::Stale
        } else {
            Fitness::Unsuitable
        }
    }

    /// How old the response is at `now`.
    pub(super) fn age(&self, now: SystemTime) -> Duration {
        self.rules.age(now)
    }
}

/// Whether a request asks for what is stored, or else for nothing (RFC 9111 section 5.2.1.7).
pub(super) fn only_if_cached(request: &HeaderMap) -> bool {
    has_directive(request, "only-if-cached")
}

/// Whether a request wants its response not stored, or made anew. `Pragma` counts where nothing newer is said (RFC 9111 section 5.4).
pub(super) fn refuses_stored(request: &HeaderMap) -> bool {
    ["no-store", "no-cache"]
        .into_iter()
        .any(|directive| has_directive(request, directive))
        || !request.contains_key(CACHE_CONTROL) && has_member(request, &PRAGMA, "no-cache")
}

/// What rules out storing for everyone, and otherwise the fields on which the response varies.
fn common<Body>(response: &Response<Body>) -> Option<Likeness> {
    let is_known = matches!(
        response.status(),
        StatusCode::OK
            | StatusCode::NOT_FOUND
            | StatusCode::GONE
            | StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT
    );
    let headers = response.headers();
    let is_personal = [SET_COOKIE, WWW_AUTHENTICATE, TRAILER]
        .iter()
        .any(|name| headers.contains_key(name));
    if !is_known || is_personal {
        return None;
    }
    Some(Likeness {
        fields: varies_on(headers)?,
        ..Likeness::default()
    })
}

/// The fields that `Vary` names, as often as it does; `None` where no other request would do.
fn varies_on(headers: &HeaderMap) -> Option<Vec<HeaderName>> {
    let mut names = Vec::new();
    for line in headers.get_all(VARY) {
        let members = line.to_str().ok()?.split(',').map(str::trim);
        for member in members.filter(|member| !member.is_empty()) {
            let name = HeaderName::from_bytes(member.as_bytes()).ok()?;
            // `*` is a legal name of a field. What is asked of a component lacks the conditions that its client set.
            if name == "*" || name == RANGE || CONDITIONS.contains(&name) {
                return None;
            }
            names.push(name);
        }
    }
    (names.len() <= MOST_FIELDS).then_some(names)
}

/// What a response says of its freshness, with names of directives in lower case, as http-cache-semantics 3.0 compares them. `None` for what it
/// reads amiss: quoted values, bytes outside ASCII, and an age that overflows its clock.
fn said<Body>(response: &Response<Body>) -> Option<Response<()>> {
    let headers = response.headers();
    let mut said = Response::new(());
    *said.status_mut() = response.status();
    for line in headers.get_all(CACHE_CONTROL) {
        let line = line.to_str().ok()?;
        if line.contains('"') {
            return None;
        }
        said.headers_mut().append(CACHE_CONTROL, lower_case(line));
    }
    if headers.contains_key(AGE) {
        let age: u32 = single(headers, &AGE)?.to_str().ok()?.parse().ok()?;
        said.headers_mut().insert(AGE, HeaderValue::from(age));
    }
    for name in [DATE, EXPIRES, PRAGMA] {
        if headers.contains_key(&name) {
            let value = single(headers, &name)?;
            said.headers_mut().insert(name, value.clone());
        }
    }
    Some(said)
}

/// What a request says of caching. What it asks for and by whom is in the key.
fn directives(headers: &HeaderMap) -> Request<()> {
    let mut request = Request::new(());
    for name in [CACHE_CONTROL, PRAGMA] {
        for line in headers.get_all(&name) {
            if let Ok(line) = line.to_str() {
                request.headers_mut().append(&name, lower_case(line));
            }
        }
    }
    request
}

fn lower_case(line: &str) -> HeaderValue {
    HeaderValue::from_str(&line.to_ascii_lowercase()).expect("it was a value before")
}

fn has_directive(headers: &HeaderMap, directive: &str) -> bool {
    has_member(headers, &CACHE_CONTROL, directive)
}

fn has_member(headers: &HeaderMap, name: &HeaderName, wanted: &str) -> bool {
    fields::members(headers, name).any(|member| member.eq_ignore_ascii_case(wanted))
}

fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a HeaderValue> {
    let mut lines = headers.get_all(name).iter();
    let line = lines.next()?;
    lines.next().is_none().then_some(line)
}
