//! A release that runs: what it tells of itself, and how it ends.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::{registry, repository, serve_v1};
use crate::exchange::{self, Connection};
use crate::process::{bart, eventually};
use crate::registry::ScriptedRegistry;
use crate::scratch::Scratch;
use crate::serving::Serving;

#[test]
fn requests_in_flight_end_well_when_it_is_told_to_stop() {
    for signal in ["TERM", "INT"] {
        let registry = registry();
        let folder = Scratch::new();
        let serving = Serving::ready(&mut serve_v1(&folder, &registry));
        let address = serving.address;
        let answered = Arc::new(AtomicUsize::new(0));
        let clients: Vec<_> = (0..8)
            .map(|_| {
                let answered = Arc::clone(&answered);
                thread::spawn(move || ask_until_closed(address, &answered))
            })
            .collect();
        eventually("there is load", || answered.load(Ordering::Relaxed) > 100);
        serving.signal(signal);
        for client in clients {
            client.join().unwrap();
        }
        let status = serving.wait();
        assert_eq!(status.code(), Some(0), "{signal}");
        // The port is free again.
        drop(TcpListener::bind(address).unwrap());
    }
}

/// Asks over one connection until the server says of a response that it is the last. Every request is answered.
fn ask_until_closed(address: SocketAddr, answered: &AtomicUsize) {
    let mut connection = Connection::open(address);
    loop {
        let response = connection.get("/index.txt");
        assert_eq!(response.status, 200);
        assert!(response.text().contains("Line 1 of the index"));
        answered.fetch_add(1, Ordering::Relaxed);
        if response.header("connection") == Some("close") {
            return;
        }
    }
}

#[test]
fn metrics_tell_what_was_pulled_and_answered() {
    let registry = registry();
    let folder = Scratch::new();
    let serving = Serving::ready(&mut serve_v1(&folder, &registry));
    serving.get("/");
    serving.get("/second/nothing");
    serving.get("/second/nothing");
    let response = serving.ask("/metrics");
    assert!(
        response
            .header("content-type")
            .unwrap()
            .starts_with("application/openmetrics-text")
    );
    let text = response.text();
    for line in [
        "bart_requests_total{component=\"first\",status=\"200\"} 1",
        "bart_requests_total{component=\"second\",status=\"404\"} 2",
        // These components are not bart's own, and do not say how long their answers are good.
        "bart_response_cache_requests_total{result=\"bypass\"} 3",
        "bart_request_duration_seconds_count{component=\"first\"} 1",
        "bart_cache_hit 0",
        "bart_instances 0",
        "build_id=\"v1\"",
        "bart_startup_seconds{phase=\"serving\"}",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    assert!(!text.contains("bart_pulled_blobs 0"), "{text}");
    assert_eq!(serving.ask("/nothing").status, 404);
    assert_eq!(
        exchange::send(serving.admin, "POST", "/livez", &[]).status,
        405
    );
}

#[test]
fn the_cluster_is_answered_while_all_connections_are_taken() {
    let registry = registry();
    let folder = Scratch::new();
    let mut command = serve_v1(&folder, &registry);
    let mut serving = Serving::ready(command.env("BART_MAX_CONNECTIONS", "1"));
    let mut only = Connection::open(serving.address);
    assert_eq!(only.get("/index.txt").status, 200);
    let address = serving.address;
    let waiting = thread::spawn(move || exchange::send(address, "GET", "/index.txt", &[]).status);
    serving.line("all 1 connections are taken");
    assert_eq!(serving.ask("/livez").status, 200);
    assert_eq!(serving.ask("/readyz").status, 200);
    assert_eq!(only.get("/index.txt").status, 200);
    assert!(!waiting.is_finished(), "it has no place yet");
    drop(only);
    assert_eq!(waiting.join().unwrap(), 200);
}

#[test]
fn pages_are_answered_from_the_response_cache_unless_it_is_turned_off() {
    const MANIFEST: &str = r#"spin_manifest_version = 2
application = { name = "pages", version = "1.0.0" }

[[trigger.http]]
route = "/..."
component = "pages"

[component.pages]
source = "modules/bartholomew.wasm"
files = ["config/*", "content/*", "templates/*"]
"#;
    let site = Scratch::site(
        MANIFEST,
        &[
            ("config/site.toml", "title = \"A site\"\n"),
            ("templates/main.hbs", "{{page.head.title}}"),
            ("content/index.md", "title = \"Home\"\n---\n"),
        ],
    );
    let registry = ScriptedRegistry::start();
    let reference = format!("{}:v1", repository(&registry));
    let pushed = bart(site.path(), &["push", &reference, "--site", ".", "--quiet"])
        .env("HOME", site.path())
        .output()
        .unwrap();
    assert!(pushed.status.success(), "{pushed:?}");
    for (arguments, counts) in [
        (&[][..], [("hit", 2), ("miss", 1), ("bypass", 0)]),
        (
            &["--response-cache", "0"],
            [("hit", 0), ("miss", 0), ("bypass", 3)],
        ),
    ] {
        let folder = Scratch::new();
        let serving = Serving::ready(serve_v1(&folder, &registry).args(arguments));
        let bodies = ["/", "/?x", "/"].map(|path| serving.get(path).text());
        assert_eq!(bodies, ["Home"; 3], "{arguments:?}");
        let text = serving.ask("/metrics").text();
        for (result, count) in counts {
            let line = format!("bart_response_cache_requests_total{{result=\"{result}\"}} {count}");
            assert!(text.contains(&line), "{line} is not in\n{text}");
        }
        // A rule and a response.
        let entries = if arguments.is_empty() { 2 } else { 0 };
        let line = format!("bart_response_cache_entries {entries}\n");
        assert!(text.contains(&line), "{line} is not in\n{text}");
    }
}
