//! What an answer depended on, and so for how long and for whom it is good.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

use crate::environment::{Audience, Environment};
use crate::reads::RequestReads;
use crate::surroundings::{ClockUse, Observed};

/// How long an answer is good at most once it has read the clock or waits for a date.
const LONGEST_WAIT: TimeDelta = TimeDelta::seconds(60);

/// What an answer depended on besides the release and its configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependencies {
    /// How long the answer is good.
    pub lifetime: Lifetime,
    /// What tells requests apart that get different answers, besides the path.
    pub key: Key,
    /// The request headers that the answer varies on, in lower case.
    pub vary: BTreeSet<String>,
}

/// How long an answer is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// As long as the release and its configuration are.
    Release,
    /// Up to a moment.
    Until(DateTime<Utc>),
    /// For one request only.
    Once,
}

/// The parts of a request's address that an answer depended on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// The path.
    Path,
    /// The path, the authority and the query.
    Address,
}

/// What is known of an answer once it is made.
pub(crate) struct Known<'a> {
    pub(crate) now: DateTime<Utc>,
    pub(crate) environment: Environment<'a>,
    /// The next moment at which something that the answer looked at goes public.
    pub(crate) scheduled: Option<DateTime<Utc>>,
}

impl Dependencies {
    /// Of an answer that no template took part in.
    pub(crate) fn without_template(known: &Known<'_>) -> Self {
        let observed = Observed {
            clock: ClockUse::None,
            random: false,
        };
        Self::with_template(known, &RequestReads::Fields(BTreeSet::new()), observed)
    }

    /// Of an answer for which a template read those parts of the request and was seen to read those surroundings.
    pub(crate) fn with_template(
        known: &Known<'_>,
        request: &RequestReads,
        observed: Observed,
    ) -> Self {
        let mut dependencies = Self {
            lifetime: lifetime(known, observed),
            key: Key::Path,
            vary: BTreeSet::new(),
        };
        match request {
            RequestReads::Whole => dependencies.lifetime = Lifetime::Once,
            RequestReads::Fields(names) => {
                for name in names {
                    dependencies.add_field(name.to_ascii_lowercase());
                }
            }
        }
        dependencies
    }

    /// Makes the answer good up to a moment at most.
    pub(crate) fn limit(&mut self, moment: DateTime<Utc>) {
        self.lifetime = match self.lifetime {
            Lifetime::Release => Lifetime::Until(moment),
            Lifetime::Until(earlier) => Lifetime::Until(earlier.min(moment)),
            Lifetime::Once => Lifetime::Once,
        };
    }

    fn add_field(&mut self, name: String) {
        match field(&name) {
            Field::Path => {}
            Field::Address => self.key = Key::Address,
            Field::Client => {
                self.vary.insert(name);
            }
            Field::Person => self.lifetime = Lifetime::Once,
        }
    }
}

/// The end of the longest wait that starts now.
pub(crate) fn soon(now: DateTime<Utc>) -> DateTime<Utc> {
    now + LONGEST_WAIT
}

/// What a request header tells a template.
enum Field {
    /// Nothing that the path does not say.
    Path,
    /// The address.
    Address,
    /// What the client prefers.
    Client,
    /// Who is asking.
    Person,
}

fn field(name: &str) -> Field {
    match name {
        "host" | "spin-full-url" => Field::Address,
        "spin-path-info"
        | "spin-matched-route"
        | "spin-base-path"
        | "spin-component-route"
        | "spin-raw-component-route" => Field::Path,
        "cookie" | "authorization" | "proxy-authorization" => Field::Person,
        name if name.starts_with("spin-path-match-") => Field::Path,
        // `spin-client-addr`, and whatever else a later Spin adds.
        name if name.starts_with("spin-") => Field::Person,
        _ => Field::Client,
    }
}

fn lifetime(known: &Known<'_>, observed: Observed) -> Lifetime {
    if known.environment.is_protected()
        || known.environment.audience() == Audience::Authors
        || observed.random
    {
        return Lifetime::Once;
    }
    let waiting = known.scheduled.map(|date| date.min(soon(known.now)));
    let clock = match observed.clock {
        ClockUse::None => None,
        ClockUse::Date => Some(next_midnight(known.now)),
        ClockUse::Instant => Some(soon(known.now)),
    };
    match waiting.into_iter().chain(clock).min() {
        Some(moment) => Lifetime::Until(moment),
        None => Lifetime::Release,
    }
}

fn next_midnight(now: DateTime<Utc>) -> DateTime<Utc> {
    now.date_naive()
        .succ_opt()
        .map_or(now, |day| day.and_time(NaiveTime::MIN).and_utc())
}
