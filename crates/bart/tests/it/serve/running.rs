//! A release that runs: what it tells of itself, and how it ends.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::{registry, serve_v1};
use crate::exchange::{self, Connection};
use crate::process::eventually;
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
        "bart_requests_total{component=\"second\",status=\"404\"} 1",
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
