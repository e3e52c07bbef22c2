//! What `/metrics` says, in the text format of OpenMetrics.

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use engine::{CacheUsage, Caching, Observation, Observer};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};
use std::sync::{Arc, Mutex, Once, PoisonError};
use tokio::sync::Notify;

use super::identity::Identity;
use crate::pull::Traffic;

/// Upper bounds of the buckets of latencies, in seconds.
const BUCKETS: [f64; 12] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0,
];

/// Series at hand at most, searched from the first.
const MOST_KNOWN: usize = 64;

/// What the engine answers itself counts under this name, which no component can have.
const ENGINE: &str = "(bart)";

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Request {
    component: Arc<str>,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Component {
    component: Arc<str>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Phase {
    phase: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Source {
    result: &'static str,
}

type Seconds = Gauge<f64, AtomicU64>;

/// What is counted for one component and status.
struct One {
    component: Arc<str>,
    status: u16,
    requests: Counter,
    latencies: Histogram,
}

/// The series of requests, those seen so far at hand: to find one by its labels costs as much as half a request.
struct Series {
    requests: Family<Request, Counter>,
    latencies: Family<Component, Histogram>,
    known: Vec<One>,
}

impl Series {
    fn of(&mut self, component: &Arc<str>, status: u16) -> &One {
        let is_it = |one: &One| one.status == status && Arc::ptr_eq(&one.component, component);
        let place = match self.known.iter().position(is_it) {
            Some(place) => place,
            None => self.find(component, status),
        };
        &self.known[place]
    }

    fn find(&mut self, component: &Arc<str>, status: u16) -> usize {
        // Releases before this one had components of their own.
        if self.known.len() >= MOST_KNOWN {
            self.known.clear();
        }
        let labels = Component {
            component: Arc::clone(component),
        };
        let latencies = self.latencies.get_or_create_owned(&labels);
        let Component { component } = labels;
        let labels = Request { component, status };
        let requests = self.requests.get_or_create_owned(&labels);
        self.known.push(One {
            component: labels.component,
            status,
            requests,
            latencies,
        });
        self.known.len() - 1
    }
}

/// The metrics of a process. Clones are the same.
#[derive(Clone)]
pub(super) struct Metrics {
    registry: Arc<Mutex<Registry>>,
    requests: Family<Request, Counter>,
    latencies: Family<Component, Histogram>,
    phases: Family<Phase, Seconds>,
    pulled_bytes: Gauge,
    pulled_blobs: Gauge,
    cache_hits: Gauge,
    moved_tags: Gauge,
    instances: Gauge,
    caching: Family<Source, Counter>,
    cached_bytes: Gauge,
    cached_entries: Gauge,
    cache_evictions: Gauge,
    start: Instant,
    /// Whether phases of the start are logged too.
    logs_phases: bool,
    answered: Arc<Notify>,
}

impl Metrics {
    pub(super) fn new(start: Instant, logs_phases: bool) -> Metrics {
        let metrics = Metrics {
            registry: Arc::default(),
            requests: Family::default(),
            latencies: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            phases: Family::default(),
            pulled_bytes: Gauge::default(),
            pulled_blobs: Gauge::default(),
            cache_hits: Gauge::default(),
            moved_tags: Gauge::default(),
            instances: Gauge::default(),
            caching: Family::default(),
            cached_bytes: Gauge::default(),
            cached_entries: Gauge::default(),
            cache_evictions: Gauge::default(),
            start,
            answered: Arc::default(),
            logs_phases,
        };
        let mut registry = Registry::with_prefix("bart");
        registry.register(
            "requests",
            "Requests by component and status",
            metrics.requests.clone(),
        );
        registry.register_with_unit(
            "request_duration",
            "Time from the head of a request to the head of its response",
            Unit::Seconds,
            metrics.latencies.clone(),
        );
        registry.register_with_unit(
            "startup",
            "Time from the beginning of the program to the end of a phase",
            Unit::Seconds,
            metrics.phases.clone(),
        );
        registry.register_with_unit(
            "pulled",
            "What was downloaded for the release",
            Unit::Bytes,
            metrics.pulled_bytes.clone(),
        );
        registry.register(
            "pulled_blobs",
            "Blobs downloaded for the release",
            metrics.pulled_blobs.clone(),
        );
        registry.register(
            "cache_hit",
            "Whether the release was in the cache",
            metrics.cache_hits.clone(),
        );
        registry.register(
            "tag_moved",
            "Whether the tag names other content than before",
            metrics.moved_tags.clone(),
        );
        registry.register(
            "instances",
            "Instances of components that run",
            metrics.instances.clone(),
        );
        metrics.register_cache(&mut registry);
        *metrics
            .registry
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = registry;
        metrics
    }

    fn register_cache(&self, registry: &mut Registry) {
        registry.register(
            "response_cache_requests",
            "Requests by what the response cache had to do with them",
            self.caching.clone(),
        );
        registry.register_with_unit(
            "response_cache",
            "What stored responses take, with their keys",
            Unit::Bytes,
            self.cached_bytes.clone(),
        );
        registry.register(
            "response_cache_entries",
            "Responses that are stored, rules of their paths, and notes on what is not stored",
            self.cached_entries.clone(),
        );
        registry.register(
            "response_cache_evictions",
            "Entries that made room for others since the release began to answer",
            self.cache_evictions.clone(),
        );
    }

    /// Who counts requests.
    pub(super) fn observer(&self) -> Observer {
        let series = Mutex::new(Series {
            requests: self.requests.clone(),
            latencies: self.latencies.clone(),
            known: Vec::new(),
        });
        let counter = |result| self.caching.get_or_create(&Source { result }).clone();
        let (hits, misses, bypasses) = (counter("hit"), counter("miss"), counter("bypass"));
        let engine = Arc::from(ENGINE);
        let (metrics, first) = (self.clone(), Once::new());
        Observer::new(move |observation: Observation<'_>| {
            if observation.component.is_some() {
                first.call_once(|| {
                    metrics.reached("answered");
                    metrics.answered.notify_one();
                });
            }
            let component = observation.component.unwrap_or(&engine);
            let status = observation.status.as_u16();
            match observation.caching {
                Caching::Hit => hits.inc(),
                Caching::Miss => misses.inc(),
                Caching::Bypass => bypasses.inc(),
            };
            let mut series = series.lock().unwrap_or_else(PoisonError::into_inner);
            let one = series.of(component, status);
            one.requests.inc();
            one.latencies.observe(observation.elapsed.as_secs_f64());
        })
    }

    /// Resolves when a component has answered for the first time.
    pub(super) async fn answered(&self) {
        self.answered.notified().await;
    }

    /// Notes that a phase of the start has ended, and how long after the beginning of `main`.
    pub(super) fn reached(&self, phase: &'static str) -> Duration {
        let elapsed = self.start.elapsed();
        self.phases
            .get_or_create(&Phase { phase })
            .set(elapsed.as_secs_f64());
        if self.logs_phases {
            let milliseconds = format_args!("{:.2}", elapsed.as_secs_f64() * 1e3);
            tracing::info!(phase, %milliseconds, "start-up");
        }
        elapsed
    }

    /// Notes what is served.
    pub(super) fn serves(&self, identity: &Identity, digest: &str) {
        let build = Info::new(vec![
            ("version".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
            ("repository".to_owned(), identity.repository.to_string()),
            ("build_id".to_owned(), identity.build_id.to_string()),
            ("digest".to_owned(), digest.to_owned()),
        ]);
        let mut registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        registry.register("build", "What runs", build);
    }

    /// Notes what a pull cost.
    pub(super) fn pulled(&self, traffic: Traffic, was_cached: bool) {
        let gauge = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        self.pulled_bytes.set(gauge(traffic.bytes));
        self.pulled_blobs.set(gauge(traffic.blobs));
        self.cache_hits.set(i64::from(was_cached));
    }

    /// Notes that the tag names other content than before.
    pub(super) fn tag_moved(&self) {
        self.moved_tags.set(1);
    }

    /// Notes what the response cache holds.
    pub(super) fn caches(&self, usage: Option<CacheUsage>) {
        let usage = usage.unwrap_or_default();
        let gauge = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        self.cached_bytes.set(gauge(usage.bytes));
        self.cached_entries.set(gauge(usage.entries as u64));
        self.cache_evictions.set(gauge(usage.evictions));
    }

    /// All of them, while so many instances of components run.
    ///
    /// # Errors
    ///
    /// When a metric cannot be written.
    pub(super) fn text(&self, instances: usize) -> Result<String, fmt::Error> {
        self.instances
            .set(i64::try_from(instances).unwrap_or(i64::MAX));
        let mut text = String::new();
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        text::encode(&mut text, &registry)?;
        Ok(text)
    }
}
