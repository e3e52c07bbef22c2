//! The probe, a component that misbehaves on request, served on ports of its own.

use std::collections::BTreeMap;
use std::env;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use engine::mounts::Mount;
use engine::outbound_hosts::AllowedHosts;
use engine::variables::Variables;
use engine::{
    Caching, Clock, Code, Connections, Current, Drained, Limits, Observer, Parts, Release, Server,
    Wasm, manifest,
};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Long enough on a busy machine; a test that waits this long has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// The probe, and an answer that takes no instance.
pub(crate) const MANIFEST: &str = r#"spin_manifest_version = 2
application = { name = "probes" }

[[trigger.http]]
route = "/..."
component = "probe"

[[trigger.http]]
route = "/fixed"
static_response = { body = "fixed" }

[component.probe]
source = "probe.wasm"
"#;

pub(crate) static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

pub(crate) static PROBE: LazyLock<Vec<u8>> = LazyLock::new(|| std::fs::read(build()).unwrap());

/// Builds the probe in a target folder of its own, since the outer cargo holds the lock of the other.
fn build() -> PathBuf {
    // At run time, since two checkouts may share one target folder.
    let workspace =
        PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs this")).join("../..");
    let target_dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("probe");
    let status = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .current_dir(workspace)
        .args([
            "build",
            "--locked",
            "--quiet",
            "--package",
            "probe",
            "--target",
            "wasm32-wasip2",
        ])
        .arg("--target-dir")
        .arg(&target_dir)
        .env_remove("RUSTC_WORKSPACE_WRAPPER")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("RUSTFLAGS")
        .status()
        .unwrap();
    assert!(status.success(), "the probe did not build");
    target_dir.join("wasm32-wasip2/debug/probe.wasm")
}

/// An application of probes, served until this is dropped.
pub(crate) struct Probes {
    pub(crate) address: SocketAddr,
    pub(crate) current: Arc<Current>,
    stop: Option<oneshot::Sender<()>>,
    served: Option<JoinHandle<Drained>>,
    pub(crate) wasm: Arc<Wasm>,
    code: Code,
    clock: Clock,
    observed: Arc<Mutex<Vec<Caching>>>,
}

/// Serves the manifest in `text`, of which each component is the probe. Those whose name begins with `bundled` pass for bart's own.
pub(crate) fn serve(text: &str, limits: Limits) -> Probes {
    serve_bounded(text, limits, Connections::default())
}

/// The same, with bounds of connections.
pub(crate) fn serve_bounded(text: &str, limits: Limits, connections: Connections) -> Probes {
    serve_nothing(limits, connections, Clock::default()).answering(text)
}

/// The same; what is stored ages by `clock`.
pub(crate) fn serve_by(text: &str, limits: Limits, clock: Clock) -> Probes {
    serve_nothing(limits, Connections::default(), clock).answering(text)
}

/// A server without a release.
pub(crate) fn serve_nothing(limits: Limits, connections: Connections, clock: Clock) -> Probes {
    let wasm = Arc::new(Wasm::new(limits).unwrap());
    let code = Code::ready(Ok(wasm.compile(&PROBE).unwrap()));
    let current = Arc::new(Current::none());
    let observed = Arc::default();
    let server = RUNTIME
        .block_on(Server::bind("127.0.0.1:0".parse().unwrap()))
        .unwrap()
        .observed_by(observer(&observed))
        .bounded_by(connections);
    let address = server.address().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let answering = Arc::clone(&current);
    let served = RUNTIME.spawn(async move {
        let stopped = async { drop(stopped.await) };
        server.run(answering, stopped, PATIENCE).await
    });
    Probes {
        address,
        current,
        stop: Some(stop),
        served: Some(served),
        wasm,
        code,
        clock,
        observed,
    }
}

fn observer(observed: &Arc<Mutex<Vec<Caching>>>) -> Observer {
    let observed = Arc::clone(observed);
    Observer::new(move |observation| observed.lock().unwrap().push(observation.caching))
}

fn release(text: &str, wasm: &Arc<Wasm>, code: &Code) -> Release {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("spin.toml");
    std::fs::create_dir(folder.path().join("files")).unwrap();
    std::fs::write(folder.path().join("files/a.txt"), "a file").unwrap();
    std::fs::write(&path, text).unwrap();
    let app = manifest::read(&path).unwrap();
    let variables = Variables::resolve(&app.variables, &BTreeMap::new()).unwrap();
    let mut parts = BTreeMap::new();
    for component in &app.components {
        let files = folder.path().join(format!("mount-{}", component.id));
        let mount = Mount {
            files: &component.files,
            exclude: &component.exclude_files,
            root: folder.path(),
        };
        mount.build(&files).unwrap();
        let allowed_hosts =
            AllowedHosts::resolve(&component.allowed_outbound_hosts, &variables).unwrap();
        let part = Parts {
            code: code.clone(),
            environment: component.environment.clone().into_iter().collect(),
            variables: variables.expand_all(&component.variables).unwrap(),
            allowed_hosts,
            files: Some(files),
            is_bundled: component.id.starts_with("bundled"),
        };
        parts.insert(component.id.clone(), part);
    }
    Release::new(wasm, &app, parts, Box::new(folder)).unwrap()
}

impl Probes {
    /// A connection to which these bytes are sent.
    pub(crate) fn begin(&self, bytes: &[u8]) -> TcpStream {
        let mut stream = self.connect();
        stream.write_all(bytes).unwrap();
        stream
    }

    fn answering(self, text: &str) -> Probes {
        self.replace(text);
        self
    }

    /// Lets the manifest in `text` answer from now on.
    pub(crate) fn replace(&self, text: &str) {
        self.replace_with(text, &self.code);
    }

    /// The same with other code.
    pub(crate) fn replace_with(&self, text: &str, code: &Code) {
        let release = release(text, &self.wasm, code);
        self.current.replace(release.timed_by(self.clock.clone()));
    }

    /// Where the answers since the last call came from, in the order of the requests.
    pub(crate) fn observed(&self) -> Vec<Caching> {
        std::mem::take(&mut self.observed.lock().unwrap())
    }

    /// Asks the server to end.
    pub(crate) fn stop(&mut self) {
        drop(self.stop.take());
    }

    /// How serving ended.
    pub(crate) fn drained(mut self) -> Drained {
        RUNTIME.block_on(self.served.take().unwrap()).unwrap()
    }

    /// The status and body of `GET path`.
    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        self.send(&format!(
            "GET {path} HTTP/1.1\r\nHost: probe.test\r\nConnection: close\r\n\r\n"
        ))
    }

    /// The status and body of the response to `request`.
    pub(crate) fn send(&self, request: &str) -> (u16, String) {
        let answer = self.exchange(request);
        let (head, body) = answer
            .split_once("\r\n\r\n")
            .unwrap_or_else(|| panic!("no response but {answer:?}"));
        (
            head.split(' ').nth(1).unwrap().parse().unwrap(),
            body.to_owned(),
        )
    }

    /// All that the server sends until it closes the connection.
    pub(crate) fn exchange(&self, request: &str) -> String {
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        // A connection that is cut off is an answer too.
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }
}
