//! What `/metrics` says, in the text format of OpenMetrics.

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use engine::{Observation, Observer};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};
use std::sync::{Arc, Mutex, PoisonError};

use super::identity::Identity;
use crate::pull::Traffic;

/// Upper bounds of the buckets of latencies, in seconds.
const BUCKETS: [f64; 12] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0,
];

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

type Seconds = Gauge<f64, AtomicU64>;

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
    start: Instant,
}

impl Metrics {
    pub(super) fn new(start: Instant) -> Metrics {
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
            start,
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
            "Time from the start of the process to the end of a phase",
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
        *metrics
            .registry
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = registry;
        metrics
    }

    /// Who counts requests.
    pub(super) fn observer(&self) -> Observer {
        let requests = self.requests.clone();
        let latencies = self.latencies.clone();
        let engine = Arc::from(ENGINE);
        Observer::new(move |observation: Observation<'_>| {
            let component = Arc::clone(observation.component.unwrap_or(&engine));
            let status = observation.status.as_u16();
            latencies
                .get_or_create(&Component {
                    component: Arc::clone(&component),
                })
                .observe(observation.elapsed.as_secs_f64());
            requests.get_or_create(&Request { component, status }).inc();
        })
    }

    /// Notes that a phase of the start has ended, and how long after the start of the process.
    pub(super) fn reached(&self, phase: &'static str) -> Duration {
        let elapsed = self.start.elapsed();
        self.phases
            .get_or_create(&Phase { phase })
            .set(elapsed.as_secs_f64());
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
