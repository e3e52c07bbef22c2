//! Sites served in this process, on ports of their own. The components are compiled once for all tests.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use bart::settings::{Setting, Settings};
use bart::up::{Indexes, Modules, Site, Warning};
use engine::{Caching, Current, Limits, Observer, Server, Wasm};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use crate::exchange::{self, Response};

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

static MODULES: LazyLock<Mutex<Modules>> = LazyLock::new(|| modules(Limits::default()));

/// The same behind a response cache.
static CACHED_MODULES: LazyLock<Mutex<Modules>> = LazyLock::new(|| {
    modules(Limits {
        response_cache: 32 << 20,
        ..Limits::default()
    })
});

fn modules(limits: Limits) -> Mutex<Modules> {
    Mutex::new(Modules::new(Arc::new(Wasm::new(limits).unwrap())))
}

/// A site that is served until this is dropped.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) notices: Vec<String>,
    observed: Arc<Mutex<Vec<Caching>>>,
    _stop: oneshot::Sender<()>,
}

impl Served {
    /// `GET path`.
    pub(crate) fn get(&self, path: &str) -> Response {
        exchange::send(self.address, "GET", path, &[])
    }

    /// A request with these header fields.
    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Response {
        exchange::send(self.address, method, path, headers)
    }

    /// Where the answers since the last call came from, in the order of the requests.
    pub(crate) fn observed(&self) -> Vec<Caching> {
        std::mem::take(&mut self.observed.lock().unwrap())
    }
}

/// Serves a site with these `[COMPONENT.]KEY=VALUE` settings.
pub(crate) fn serve(manifest: &Path, settings: &[&str]) -> Served {
    serve_with(&MODULES, manifest, settings)
}

/// The same behind a response cache.
pub(crate) fn serve_cached(manifest: &Path, settings: &[&str]) -> Served {
    serve_with(&CACHED_MODULES, manifest, settings)
}

fn serve_with(modules: &Mutex<Modules>, manifest: &Path, settings: &[&str]) -> Served {
    let site = Site::read(manifest).unwrap_or_else(|failure| panic!("{failure}"));
    let settings: Settings = settings
        .iter()
        .map(|setting| setting.parse::<Setting>().unwrap())
        .collect();
    let prepared = {
        let mut modules = modules
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        site.prepare(&mut modules, &mut Indexes::default(), &settings)
            .unwrap_or_else(|failure| panic!("{failure}"))
    };
    let (_stop, stopped) = oneshot::channel::<()>();
    let server = RUNTIME
        .block_on(Server::bind("127.0.0.1:0".parse().unwrap()))
        .unwrap();
    let observed = Arc::<Mutex<Vec<Caching>>>::default();
    let told = Arc::clone(&observed);
    let server = server.observed_by(Observer::new(move |observation| {
        told.lock().unwrap().push(observation.caching);
    }));
    let address = server.address().unwrap();
    let current = Arc::new(Current::new(prepared.release));
    RUNTIME.spawn(async move {
        let stopped = async { drop(stopped.await) };
        server.run(current, stopped, Duration::ZERO).await;
    });
    Served {
        address,
        warnings: prepared.warnings,
        notices: prepared.notices,
        observed,
        _stop,
    }
}

/// The workspace.
pub(crate) fn workspace() -> PathBuf {
    // At run time, since two checkouts may share one target folder.
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs this"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// The folder of a fixture.
pub(crate) fn fixture(name: &str) -> PathBuf {
    workspace().join("tests/fixtures").join(name)
}
