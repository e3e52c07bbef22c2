//! Requests to the probe behind a response cache: what a test sends, and whether the probe ran for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use engine::{Caching, Clock, Limits};

use crate::probe::{Probes, serve_by};

/// The probe as one of bart's own components below `/own`, as another one elsewhere.
pub(crate) const MANIFEST: &str = r#"spin_manifest_version = 2
application = { name = "probes" }

[[trigger.http]]
route = "/own/..."
component = "bundled"

[[trigger.http]]
route = "/..."
component = "other"

[component.bundled]
source = "probe.wasm"
allowed_outbound_hosts = ["http://127.0.0.1:*", "http://self"]

[component.other]
source = "probe.wasm"
allowed_outbound_hosts = ["http://127.0.0.1:*", "http://self"]
"#;

/// The time at which each test begins, in seconds since 1970: 2026-01-01T00:00:00Z.
const BEGINNING: u64 = 1_767_225_600;

/// The probe behind a cache whose clock stands still.
pub(crate) struct Cached {
    pub(crate) probes: Probes,
    seconds: Arc<AtomicU64>,
}

/// A response, and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) caching: Caching,
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

/// Fields of a request: `name: value`.
pub(crate) type Fields<'a> = &'a [&'a str];

impl Cached {
    pub(crate) fn new() -> Cached {
        let limits = Limits {
            response_cache: 16 << 20,
            ..Limits::default()
        };
        let seconds = Arc::new(AtomicU64::new(BEGINNING));
        let clock = Arc::clone(&seconds);
        let clock = Clock::new(move || {
            SystemTime::UNIX_EPOCH + Duration::from_secs(clock.load(Ordering::Relaxed))
        });
        Cached {
            probes: serve_by(MANIFEST, limits, clock),
            seconds,
        }
    }

    /// Lets so many seconds pass.
    pub(crate) fn wait(&self, seconds: u64) {
        self.seconds.fetch_add(seconds, Ordering::Relaxed);
    }

    /// Sets the clock back.
    pub(crate) fn turn_back(&self, seconds: u64) {
        self.seconds.fetch_sub(seconds, Ordering::Relaxed);
    }

    pub(crate) fn get(&self, path: &str, fields: Fields<'_>) -> Answer {
        self.send("GET", path, fields)
    }

    pub(crate) fn send(&self, method: &str, path: &str, fields: Fields<'_>) -> Answer {
        drop(self.probes.observed());
        let answer = self.probes.exchange(&request(method, path, fields));
        let observed = self.probes.observed();
        let (head, body) = answer
            .split_once("\r\n\r\n")
            .unwrap_or_else(|| panic!("no response but {answer:?}"));
        let [caching] = observed[..] else {
            panic!("{observed:?}")
        };
        Answer {
            caching,
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }
}

impl Answer {
    /// The first value of a field, by its lower-case name.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut named = lines.filter(|(candidate, _)| *candidate == name);
        named.next().map(|(_, value)| value)
    }
}

/// A request as it is sent. `Host` is added where it is missing.
pub(crate) fn request(method: &str, path: &str, fields: Fields<'_>) -> String {
    let mut head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
    if !fields.iter().any(|field| field.starts_with("host: ")) {
        head.push_str("Host: probe.test\r\n");
    }
    for field in fields {
        head.push_str(field);
        head.push_str("\r\n");
    }
    head + "\r\n"
}
