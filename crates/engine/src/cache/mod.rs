//! The response cache: what components answered, to answer with again. It belongs to one release and ends with it.
//!
//! A path has a rule that says what its responses depend on; the rule and the request make the key of a response. Both, and notes on what is not
//! stored, are in one map, which is bounded in bytes.

mod entry;
mod fetch;
mod invalidation;
mod key;
mod storing;
#[cfg(test)]
mod tests;

use std::hash::RandomState;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body::Body;
use quick_cache::sync::{Cache, PlaceholderGuard};
use quick_cache::{Lifecycle, OptionsBuilder, Weighter};

use crate::body::ResponseBody;
use crate::clock::Clock;
use crate::limits::Limits;
use crate::observation::Caching;
use crate::processors::processors;
use crate::release::Answered;
use entry::Entry;
pub(crate) use fetch::fetch;
use key::{Key, Likeness, Rule};
use storing::{Fitness, Permission};

/// How long it is remembered that a response was not stored.
const REFUSED_FOR: Duration = Duration::from_secs(60);

/// The bytes of a part of the map with a lock of its own; a single response must fit into one.
const PART: usize = 4 << 20;

/// About how large a response is, in bytes. From it follows how many keys are remembered after what they led to is gone.
const TYPICAL_RESPONSE: usize = 8 << 10;

/// What a value in the map takes besides its key and content, in bytes.
const OVERHEAD: usize = 128;

/// The stored responses of a release.
pub(crate) struct ResponseCache {
    map: Map,
    clock: Clock,
    /// The longest body that is stored, in bytes.
    longest_body: usize,
    /// The number of the next rule.
    next_rule: AtomicU64,
    evictions: Arc<AtomicU64>,
}

/// What a cache holds at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheUsage {
    /// Bytes in use, those of keys and heads included.
    pub bytes: u64,
    /// Responses, the rules of their paths, and notes on what is not stored.
    pub entries: usize,
    /// How many of them had to make room for others since the release began to answer.
    pub evictions: u64,
}

type Map = Cache<Key, Stored, Bytewise, RandomState, CountEvictions>;

/// The right to fill a key, for which others wait.
type Claim<'a> = PlaceholderGuard<'a, Key, Stored, Bytewise, RandomState, CountEvictions>;

/// A value of the map.
#[derive(Clone)]
enum Stored {
    /// Of a path.
    Rule(Arc<Rule>),
    Response(Arc<Entry>),
    /// Until then the responses to this key need not be waited for: they are not stored.
    Refused(SystemTime),
}

/// What is known of a request.
enum Found {
    Fresh(Arc<Entry>),
    /// A response is stored that is not for this request.
    Unsuitable,
    Refused,
    /// Nothing, under this key.
    Missing(Key),
}

/// A response that was stored, and where.
struct Kept {
    entry: Arc<Entry>,
    rule: Arc<Rule>,
    /// Whether the path has another rule.
    is_new_rule: bool,
}

impl ResponseCache {
    /// An empty cache, unless `limits` allow none.
    pub(crate) fn new(limits: &Limits) -> Option<ResponseCache> {
        let capacity = limits.response_cache;
        if capacity == 0 {
            return None;
        }
        let options = OptionsBuilder::new()
            .weight_capacity(capacity as u64)
            .estimated_items_capacity(capacity.div_ceil(TYPICAL_RESPONSE))
            .shards((capacity / PART).clamp(1, processors() * 4))
            .build()
            .expect("both capacities are given");
        let evictions = Arc::new(AtomicU64::new(0));
        let count = CountEvictions(Arc::clone(&evictions));
        Some(ResponseCache {
            // The keys of std's hasher are random, so that nobody can choose paths that collide.
            map: Map::with_options(options, Bytewise, RandomState::new(), count),
            clock: Clock::default(),
            longest_body: limits.buffered_body,
            next_rule: AtomicU64::new(0),
            evictions,
        })
    }

    pub(crate) fn set_clock(&mut self, clock: Clock) {
        self.clock = clock;
    }

    pub(crate) fn usage(&self) -> CacheUsage {
        CacheUsage {
            bytes: self.map.weight(),
            entries: self.map.len(),
            evictions: self.evictions.load(Ordering::Relaxed),
        }
    }

    /// The answer to a request, if it is here. This is the hottest path of bart.
    pub(crate) fn look_up<B: Body>(&self, request: &Request<B>) -> Option<Answered> {
        if !is_answerable(request) {
            return None;
        }
        let Stored::Rule(rule) = key::with_path(request.uri().path(), |key| self.map.get(key))?
        else {
            return None;
        };
        let stored = key::with_response(&rule, request, |key| self.map.get(key))?;
        match stored {
            Stored::Response(entry) if self.fitness(&entry, request) == Fitness::Fresh => {
                Some(self.hit(&entry, request))
            }
            _ => None,
        }
    }

    /// What is known of a request. What is over is forgotten.
    fn find<B>(&self, request: &Request<B>) -> Found {
        let path = key::of_path(request.uri().path());
        match self.map.get(&path) {
            Some(stored) => self.find_by(path, stored, request),
            None => Found::Missing(path),
        }
    }

    /// The same, where `stored` is what the first key led to.
    fn find_by<B>(&self, key: Key, stored: Stored, request: &Request<B>) -> Found {
        let Stored::Rule(rule) = stored else {
            return self.judge(key, stored, request);
        };
        let key = key::of_response(&rule, request);
        match self.map.get(&key) {
            Some(stored) => self.judge(key, stored, request),
            None => Found::Missing(key),
        }
    }

    fn judge<B>(&self, key: Key, stored: Stored, request: &Request<B>) -> Found {
        match stored {
            Stored::Response(entry) => match self.fitness(&entry, request) {
                Fitness::Fresh => return Found::Fresh(entry),
                Fitness::Unsuitable => return Found::Unsuitable,
                Fitness::Stale => {}
            },
            Stored::Refused(until) if self.clock.now() < until => return Found::Refused,
            Stored::Refused(_) | Stored::Rule(_) => {}
        }
        self.forget_if_over(&key, request);
        Found::Missing(key)
    }

    /// Forgets what is over, and not what another request has just put in its place.
    fn forget_if_over<B>(&self, key: &Key, request: &Request<B>) {
        self.map.remove_if(key, |stored| match stored {
            Stored::Rule(_) => false,
            Stored::Response(entry) => self.fitness(entry, request) == Fitness::Stale,
            Stored::Refused(until) => *until <= self.clock.now(),
        });
    }

    fn fitness<B>(&self, entry: &Entry, request: &Request<B>) -> Fitness {
        entry.fitness(request.headers(), || self.clock.now())
    }

    fn hit<B>(&self, entry: &Entry, request: &Request<B>) -> Answered {
        Answered {
            response: entry.answer(request, || self.clock.now()),
            component: Some(Arc::clone(&entry.component)),
            caching: Caching::Hit,
        }
    }

    /// Makes what is to be stored of a response; `None` where it is too long.
    fn keep<B>(
        &self,
        request: &Request<B>,
        response: &Response<ResponseBody>,
        component: &Arc<str>,
        permission: Permission,
        asked_at: SystemTime,
    ) -> Option<Kept> {
        // What the engine has taken over. What it says itself is not for storing.
        let ResponseBody::Whole(chunks) = response.body() else {
            return None;
        };
        if chunks.iter().map(Bytes::len).sum::<usize>() > self.longest_body {
            return None;
        }
        let chunks: Vec<&[u8]> = chunks.iter().map(Bytes::as_ref).collect();
        let (rule, is_new_rule) = self.rule(request.uri().path(), &permission.likeness);
        let entry = Entry::new(
            Arc::clone(component),
            response,
            chunks.concat().into(),
            permission.lifetime,
            asked_at,
        );
        Some(Kept {
            entry: Arc::new(entry),
            rule,
            is_new_rule,
        })
    }

    /// The rule of a path, if it is enough, or one that is, with a new number: what is stored by the old one is not found any more.
    fn rule(&self, path: &str, likeness: &Likeness) -> (Arc<Rule>, bool) {
        let known = match key::with_path(path, |key| self.map.get(key)) {
            Some(Stored::Rule(rule)) => Some(rule),
            _ => None,
        };
        let wanted = match &known {
            Some(rule) => rule.likeness.and(likeness),
            None => Likeness::default().and(likeness),
        };
        match known {
            Some(rule) if rule.likeness == wanted => (rule, false),
            _ => {
                let number = self.next_rule.fetch_add(1, Ordering::Relaxed);
                let rule = Rule {
                    number,
                    first: known.map_or(number, |rule| rule.first),
                    likeness: wanted,
                };
                (Arc::new(rule), true)
            }
        }
    }

    fn set_rule(&self, path: &str, rule: Arc<Rule>) {
        self.map.insert(key::of_path(path), Stored::Rule(rule));
    }

    /// The number of the rule that a path had first, since it was last forgotten.
    fn first_rule(&self, path: &str) -> Option<u64> {
        match key::with_path(path, |key| self.map.get(key))? {
            Stored::Rule(rule) => Some(rule.first),
            _ => None,
        }
    }

    /// Forgets all responses of a path, also those that are being made.
    fn forget(&self, path: &str) {
        key::with_path(path, |key| self.map.remove(key));
    }
}

/// Whether a request is of the kind that a stored response can answer.
fn is_answerable<B: Body>(request: &Request<B>) -> bool {
    matches!(*request.method(), Method::GET | Method::HEAD) && request.body().is_end_stream()
}

/// Counts keys, heads and bodies.
#[derive(Clone)]
struct Bytewise;

impl Weighter<Key, Stored> for Bytewise {
    fn weight(&self, key: &Key, stored: &Stored) -> u64 {
        let content = match stored {
            Stored::Rule(rule) => size_of::<Rule>() + rule.likeness.fields.len() * 64,
            Stored::Response(entry) => entry.size(),
            Stored::Refused(_) => 0,
        };
        (OVERHEAD + key.len() + content) as u64
    }
}

/// Counts what had to make room.
#[derive(Clone)]
struct CountEvictions(Arc<AtomicU64>);

impl Lifecycle<Key, Stored> for CountEvictions {
    /// What was evicted: freed once the lock is.
    type RequestState = Vec<(Key, Stored)>;

    fn on_evict(&self, evicted: &mut Vec<(Key, Stored)>, key: Key, stored: Stored) {
        self.0.fetch_add(1, Ordering::Relaxed);
        evicted.push((key, stored));
    }
}
