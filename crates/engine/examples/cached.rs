//! Answers the same request over one connection again and again, to count the instructions that an answer from the cache takes:
//! `cached WASM COUNT`, with a component of bart's own that needs no files.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use engine::manifest;
use engine::outbound_hosts::AllowedHosts;
use engine::variables::Variables;
use engine::{Code, Current, Limits, Parts, Release, Server, Wasm};
use tokio::runtime::{Builder, Runtime};
use tokio::task;

const MANIFEST: &str = r#"
spin_manifest_version = 2

[application]
name = "cached"

[[trigger.http]]
route = "/..."
component = "only"

[component.only]
source = "only.wasm"
"#;

const REQUEST: &[u8] =
    b"GET /page HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip, br\r\n\r\n";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [wasm, count] = &arguments[..] else {
        panic!("usage: cached WASM COUNT");
    };
    let count = count.parse().expect("COUNT is a number");
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime starts");
    let server = runtime.block_on(Server::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))));
    let server = server.expect("a port is free");
    let address = server.address().expect("it is bound");
    let current = Arc::new(Current::new(release(Path::new(wasm))));
    // Stored now.
    let client = runtime.spawn(async move {
        let asked = task::spawn_blocking(move || ask(address, count));
        asked.await.expect("the client does not panic");
    });
    let shutdown = async { client.await.expect("the client does not panic") };
    counted(&runtime, server.run(current, shutdown, Duration::ZERO));
}

/// What is counted: the thread of all connections.
#[inline(never)]
fn counted<T>(runtime: &Runtime, serving: impl Future<Output = T>) {
    runtime.block_on(serving);
}

/// A component that answers every path, the first time by an instance.
fn release(wasm: &Path) -> Release {
    let engine = Arc::new(Wasm::new(Limits::default()).expect("wasmtime starts"));
    let bytes = std::fs::read(wasm).expect("the component is there");
    let module = engine.compile(&bytes).expect("it is one of bart's own");
    let folder = tempfile::tempdir().expect("a folder can be made");
    let manifest = folder.path().join("spin.toml");
    #[expect(clippy::disallowed_methods, reason = "nobody reads it meanwhile")]
    std::fs::write(&manifest, MANIFEST).expect("it can be written");
    let app = manifest::read(&manifest).expect("the manifest is right");
    let variables = Variables::resolve(&app.variables, &BTreeMap::new()).expect("there are none");
    let component = &app.components[0];
    let part = Parts {
        code: Code::ready(Ok(module)),
        environment: Vec::new(),
        variables: variables
            .expand_all(&component.variables)
            .expect("there are none"),
        allowed_hosts: AllowedHosts::resolve(&component.allowed_outbound_hosts, &variables)
            .expect("there are none"),
        files: None,
        is_bundled: true,
    };
    let parts = BTreeMap::from([(component.id.clone(), part)]);
    Release::new(&engine, &app, parts, Box::new(folder)).expect("the route is right")
}

/// Asks so often, one request after the other.
fn ask(address: SocketAddr, count: usize) {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    let mut answer = [0; 4096];
    for _ in 0..count {
        stream.write_all(REQUEST).expect("the server reads");
        let length = stream.read(&mut answer).expect("the server answers");
        assert!(answer[..length].ends_with(b"\r\n\r\n"), "a whole head");
    }
}
