//! The registry client, against a scripted registry and a real one.

mod authorization;
mod blobs;
mod credentials;
mod faults;
mod manifests;
mod mirrors;
mod pushes;
mod real;
mod tls;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use artifact::registry::{
    CredentialPlaces, Credentials, Platform, Proxies, Registry, RegistryError, RegistryOptions,
    RetryPolicy, Timeouts,
};
use artifact::{Reference, Repository};

/// Long enough for a busy machine, and for no test to wait for.
const NEVER: Duration = Duration::from_secs(120);

/// How long the client paused, in place of pausing.
type Pauses = Arc<Mutex<Vec<Duration>>>;

/// Options for tests: no credentials, names under `.test` on loopback except `missing.test`, and pauses that only are written down.
fn options() -> (RegistryOptions, Pauses) {
    let pauses = Pauses::default();
    let noted = Arc::clone(&pauses);
    let platform = Platform {
        now: Arc::new(|| SystemTime::UNIX_EPOCH),
        pause: Arc::new(move |time| {
            noted
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(time);
            Box::pin(async {})
        }),
        look_up: Arc::new(|host| {
            let found = match host.as_str() {
                "missing.test" => Err(io::Error::other("no such name")),
                _ => Ok(vec![SocketAddr::from(([127, 0, 0, 1], 0))]),
            };
            Box::pin(async { found })
        }),
    };
    let options = RegistryOptions {
        credentials: Credentials::read(CredentialPlaces::none()).unwrap(),
        insecure: false,
        ca_file: None,
        mirrors: Vec::new(),
        timeouts: Timeouts {
            connect: NEVER,
            silence: NEVER,
        },
        retries: RetryPolicy::DEFAULT,
        parallelism: artifact::registry::PARALLELISM,
        proxies: Proxies::Direct,
        platform,
    };
    (options, pauses)
}

/// A client with the options of tests.
fn client() -> Registry {
    Registry::new(options().0).unwrap()
}

/// A repository of a host.
fn repository(host: &str) -> Repository {
    format!("{host}/me/site").parse().unwrap()
}

/// The tag `1` of it.
fn reference(host: &str) -> Reference {
    format!("{host}/me/site:1").parse().unwrap()
}

/// An error with its causes, as bart prints it.
fn text(error: &RegistryError) -> String {
    let mut causes = Vec::new();
    let mut next: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = next {
        causes.push(error.to_string());
        next = error.source();
    }
    causes.join(": ")
}
