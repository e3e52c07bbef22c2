//! What is not stored: one request of many alike runs the component, the others wait for its response.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::SystemTime;

use http::header::{AUTHORIZATION, RANGE};
use http::{Method, Request, StatusCode};
use tokio::time::{Instant, timeout_at};

use super::invalidation::{self, Asked};
use super::key::{self, Key, Likeness};
use super::storing::{self, CONDITIONS};
use super::{Claim, Found, Kept, REFUSED_FOR, ResponseCache, Stored, is_answerable};
use crate::body::RequestBody;
use crate::observation::Caching;
use crate::release::{Answered, Release, text};

/// How often a request that waited in vain, as what it waited for was for others, tries again.
const ROUNDS: usize = 4;

/// Tells those who wait that the path has another rule, and so the response another key.
const ELSEWHERE: SystemTime = SystemTime::UNIX_EPOCH;

/// A client's request that has no body, on its way to a component.
struct Errand<'a> {
    release: &'a Arc<Release>,
    cache: &'a ResponseCache,
    client: SocketAddr,
    /// Whether the component is one of ours.
    is_bundled: bool,
    asked: Request<()>,
}

/// When a request was made, to tell whether its response is still good once it is there.
struct Moment {
    time: SystemTime,
    first_rule: Option<u64>,
}

/// Answers a request that [`ResponseCache::look_up`] did not.
pub(crate) async fn fetch(
    release: &Arc<Release>,
    cache: &ResponseCache,
    request: Request<RequestBody>,
    client: SocketAddr,
) -> Answered {
    let Some(is_bundled) = release.is_bundled(request.uri().path()) else {
        return release.run(request, client).await;
    };
    if is_answerable(&request) {
        let (parts, _) = request.into_parts();
        let errand = Errand {
            release,
            cache,
            client,
            is_bundled,
            asked: Request::from_parts(parts, ()),
        };
        return errand.run().await;
    }
    let changes = !is_bundled && !request.method().is_safe();
    let asked = changes.then(|| Asked::of(&request));
    let answered = release.run(request, client).await;
    if let Some(asked) = asked {
        for path in invalidation::paths(&asked, &answered.response) {
            cache.forget(&path);
        }
    }
    answered
}

impl Errand<'_> {
    async fn run(self) -> Answered {
        if !self.is_bundled {
            self.expect_addresses();
        }
        let deadline = Instant::now() + self.release.limits().request_timeout;
        let mut found = self.cache.find(&self.asked);
        for _ in 0..ROUNDS {
            let key = match found {
                Found::Fresh(entry) => return self.cache.hit(&entry, &self.asked),
                _ if !self.is_bundled && storing::only_if_cached(self.asked.headers()) => {
                    return text(StatusCode::GATEWAY_TIMEOUT, "This is not stored.\n").into();
                }
                Found::Missing(key) if self.is_shared() => key,
                Found::Missing(_) | Found::Unsuitable | Found::Refused => break,
            };
            let claim = self.cache.map.get_value_or_guard_async(&key);
            found = match timeout_at(deadline, claim).await {
                Ok(Ok(Stored::Refused(ELSEWHERE))) => self.cache.find(&self.asked),
                // Those who wait are told before the map is.
                Ok(Ok(stored)) => self.cache.find_by(key, stored, &self.asked),
                Ok(Err(claim)) => return self.lead(claim, &key).await,
                Err(_) => {
                    return text(StatusCode::GATEWAY_TIMEOUT, "The page took too long.\n").into();
                }
            };
        }
        self.run_alone().await
    }

    /// The responses of a component that is not ours are told apart by address from the start.
    fn expect_addresses(&self) {
        let path = self.asked.uri().path();
        if let (rule, true) = self.cache.rule(path, &Likeness::of_address()) {
            self.cache.set_rule(path, rule);
        }
    }

    /// Whether the response to this request can be the one to others that wait for it.
    fn is_shared(&self) -> bool {
        let headers = self.asked.headers();
        if headers.contains_key(RANGE) {
            // A file must not be read as a whole for a part of it.
            return false;
        }
        self.is_bundled
            || self.asked.method() == Method::GET
                && !self.is_conditional()
                && !headers.contains_key(AUTHORIZATION)
                && !storing::refuses_stored(headers)
    }

    fn is_conditional(&self) -> bool {
        CONDITIONS
            .iter()
            .any(|name| self.asked.headers().contains_key(name))
    }

    /// Runs the component as it was asked. A whole response is stored all the same.
    async fn run_alone(&self) -> Answered {
        let before = self.cache.moment(self.asked.uri().path());
        let answered = self.ask(self.as_asked()).await;
        if self.asked.method() != Method::GET || self.asked.headers().contains_key(RANGE) {
            return answered.without_internals();
        }
        match self.keep(&answered, &before) {
            None => answered.without_internals(),
            Some(kept) => {
                let key = key::of_response(&kept.rule, &self.asked);
                self.put(&kept, key);
                if kept.is_new_rule {
                    let path = self.asked.uri().path();
                    self.cache.set_rule(path, Arc::clone(&kept.rule));
                }
                self.answer_with(&kept)
            }
        }
    }

    /// Runs the component for all who wait for `key`. When this is dropped before its end, one of them leads.
    async fn lead(&self, claim: Claim<'_>, key: &Key) -> Answered {
        let before = self.cache.moment(self.asked.uri().path());
        let is_altered =
            self.is_bundled && (self.is_conditional() || self.asked.method() == Method::HEAD);
        let request = if is_altered {
            self.unconditional()
        } else {
            self.as_asked()
        };
        let answered = self.ask(request).await;
        match self.keep(&answered, &before) {
            Some(kept) => {
                self.fill(claim, key, &kept);
                self.answer_with(&kept)
            }
            None => {
                release_waiting(claim, self.cache.clock.now() + REFUSED_FOR);
                if is_altered && !answered.response.status().is_server_error() {
                    // What was made is perhaps a stream, of which nobody reads more.
                    drop(answered);
                    return self.ask(self.as_asked()).await.without_internals();
                }
                answered.without_internals()
            }
        }
    }

    /// Stores a response, then tells those who wait: they find it by the rule of its path.
    fn fill(&self, claim: Claim<'_>, claimed: &Key, kept: &Kept) {
        let path = self.asked.uri().path();
        let key = key::of_response(&kept.rule, &self.asked);
        if key == *claimed {
            // An error says that something newer is there.
            let _ = claim.insert(Stored::Response(Arc::clone(&kept.entry)));
            return;
        }
        self.put(kept, key);
        if key::with_path(path, |path| path == &**claimed) {
            let _ = claim.insert(Stored::Rule(Arc::clone(&kept.rule)));
            return;
        }
        if kept.is_new_rule {
            self.cache.set_rule(path, Arc::clone(&kept.rule));
        }
        release_waiting(claim, ELSEWHERE);
    }

    fn put(&self, kept: &Kept, key: Key) {
        let stored = Stored::Response(Arc::clone(&kept.entry));
        self.cache.map.insert(key, stored);
    }

    /// What is to be stored of a response, if it may be.
    fn keep(&self, answered: &Answered, before: &Moment) -> Option<Kept> {
        let Answered {
            response,
            component,
            ..
        } = answered;
        let permission = if self.is_bundled {
            storing::of_bundled(response)
        } else {
            storing::of_other(&self.asked, response, before.time)
        }?;
        if !self.is_bundled && self.is_forgotten_since(before) {
            return None;
        }
        let component = component.as_ref()?;
        self.cache
            .keep(&self.asked, response, component, permission, before.time)
    }

    fn answer_with(&self, kept: &Kept) -> Answered {
        Answered {
            caching: Caching::Miss,
            ..self.cache.hit(&kept.entry, &self.asked)
        }
    }

    /// Whether the responses of the path were forgotten meanwhile, as another request changed what they show.
    fn is_forgotten_since(&self, before: &Moment) -> bool {
        let now = self.cache.first_rule(self.asked.uri().path());
        now.is_none() || now != before.first_rule
    }

    async fn ask(&self, request: Request<RequestBody>) -> Answered {
        self.release.run_with_internals(request, self.client).await
    }

    fn as_asked(&self) -> Request<RequestBody> {
        self.asked.clone().map(|()| RequestBody::Empty)
    }

    /// The request for the whole of what was asked for, so that the cache can tell the client which part of it is new.
    fn unconditional(&self) -> Request<RequestBody> {
        let mut request = self.as_asked();
        *request.method_mut() = Method::GET;
        for name in CONDITIONS {
            request.headers_mut().remove(name);
        }
        request
    }
}

impl ResponseCache {
    fn moment(&self, path: &str) -> Moment {
        Moment {
            time: self.clock.now(),
            first_rule: self.first_rule(path),
        }
    }
}

/// Lets those who wait go on. Until then nobody waits for this again.
fn release_waiting(claim: Claim<'_>, until: SystemTime) {
    // An error says that something newer is there.
    let _ = claim.insert(Stored::Refused(until));
}
