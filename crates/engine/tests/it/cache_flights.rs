//! Many requests at once for what is not stored.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

use engine::Caching::{Bypass, Hit, Miss};

use crate::caching::{Cached, request};

const RELEASE: &str = "probe-field: bart-cache-control: release";

/// How many ask at once.
const CLIENTS: usize = 8;

/// Where instances of the probe wait until the test lets them go on.
struct Gate(TcpListener);

impl Gate {
    fn new() -> Gate {
        Gate(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    fn field(&self) -> String {
        format!("probe-gate: http://{}/", self.0.local_addr().unwrap())
    }

    /// Waits for an instance.
    fn instance(&self) -> TcpStream {
        let (stream, _) = self.0.accept().unwrap();
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
        while !lines.next().unwrap().unwrap().is_empty() {}
        stream
    }
}

fn let_go(mut instance: TcpStream) {
    // The instance may have been stopped.
    let _ =
        instance.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
}

fn ask(cached: &Cached, path: &str, fields: &[&str]) -> TcpStream {
    let mut stream = cached.probes.connect();
    let request = request("GET", path, fields);
    stream.write_all(request.as_bytes()).unwrap();
    stream
}

/// The status and the body.
fn answer(mut stream: TcpStream) -> (u16, String) {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (
        head.split(' ').nth(1).unwrap().parse().unwrap(),
        body.to_owned(),
    )
}

#[test]
fn requests_for_the_same_are_answered_by_one_instance() {
    for path in ["/own/scripted/page", "/scripted/page"] {
        let cached = Cached::new();
        let gate = Gate::new();
        let gated = gate.field();
        let fields = [RELEASE, "probe-field: cache-control: max-age=60", &gated];
        let first = ask(&cached, path, &fields);
        let instance = gate.instance();
        let others: Vec<_> = (1..CLIENTS).map(|_| ask(&cached, path, &fields)).collect();
        // An instance of any of them would come to the gate, which lets in nobody else.
        let_go(instance);
        let (status, body) = answer(first);
        assert_eq!(status, 200);
        for other in others {
            assert_eq!(answer(other), (200, body.clone()), "{path}");
        }
        let observed = cached.probes.observed();
        assert_eq!(
            observed.iter().filter(|caching| **caching == Miss).count(),
            1
        );
        assert_eq!(
            observed.iter().filter(|caching| **caching == Hit).count(),
            CLIENTS - 1
        );
    }
}

#[test]
fn what_lives_for_seconds_is_made_once_when_it_is_over() {
    let cached = Cached::new();
    let path = "/own/scripted/page";
    let minute = "probe-field: bart-cache-control: max-age=60";
    let old = cached.get(path, &[minute]);
    cached.wait(60);
    let gate = Gate::new();
    let gated = gate.field();
    let first = ask(&cached, path, &[minute, &gated]);
    let instance = gate.instance();
    let others: Vec<_> = (1..CLIENTS)
        .map(|_| ask(&cached, path, &[minute, &gated]))
        .collect();
    let_go(instance);
    let new = answer(first);
    assert_ne!(new.1, old.body);
    for other in others {
        assert_eq!(answer(other), new);
    }
}

#[test]
fn a_leader_that_leaves_fails_nobody() {
    let cached = Cached::new();
    let path = "/own/scripted/page";
    let gate = Gate::new();
    let gated = gate.field();
    let leader = ask(&cached, path, &[RELEASE, &gated]);
    let instance = gate.instance();
    let others: Vec<_> = (1..CLIENTS)
        .map(|_| ask(&cached, path, &[RELEASE, &gated]))
        .collect();
    drop(leader);
    // One of the others comes to the gate in its place.
    let next = gate.instance();
    let_go(next);
    drop(instance);
    let mut bodies: Vec<_> = others.into_iter().map(answer).collect();
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    assert_eq!(bodies[0].0, 200);
}

#[test]
fn what_is_not_stored_is_waited_for_once() {
    let failing = ["probe-status: 500", RELEASE];
    let personal = ["probe-field: bart-cache-control: no-store"];
    for script in [&failing[..], &personal] {
        let cached = Cached::new();
        let path = "/own/scripted/page";
        let first = cached.get(path, script);
        assert_eq!(first.caching, Bypass);
        // From now on each runs by itself: all of them are at the gate at once.
        let gate = Gate::new();
        let gated = gate.field();
        let fields = [script, &[gated.as_str()]].concat();
        let asked: Vec<_> = (0..CLIENTS).map(|_| ask(&cached, path, &fields)).collect();
        let instances: Vec<_> = (0..CLIENTS).map(|_| gate.instance()).collect();
        instances.into_iter().for_each(let_go);
        let mut bodies: Vec<_> = asked.into_iter().map(answer).collect();
        bodies.sort();
        bodies.dedup();
        assert_eq!(bodies.len(), CLIENTS, "{bodies:?}");
        // As soon as it can be stored it is.
        assert_eq!(cached.get(path, &[RELEASE]).caching, Miss);
        assert_eq!(cached.get(path, &[RELEASE]).caching, Hit);
    }
}

#[test]
fn who_waits_for_what_is_not_stored_runs_by_itself() {
    let cached = Cached::new();
    let path = "/own/scripted/page";
    let gate = Gate::new();
    let gated = gate.field();
    let fields = ["probe-field: bart-cache-control: no-store", &gated];
    let first = ask(&cached, path, &fields);
    let leader = gate.instance();
    let others: Vec<_> = (1..CLIENTS).map(|_| ask(&cached, path, &fields)).collect();
    let_go(leader);
    let instances: Vec<_> = (1..CLIENTS).map(|_| gate.instance()).collect();
    instances.into_iter().for_each(let_go);
    let mut bodies: Vec<_> = others.into_iter().chain([first]).map(answer).collect();
    bodies.sort();
    bodies.dedup();
    assert_eq!(bodies.len(), CLIENTS, "{bodies:?}");
}

#[test]
fn a_trap_is_a_500_for_each_and_is_not_stored() {
    let cached = Cached::new();
    for _ in 0..2 {
        let answer = cached.get("/own/trap", &[]);
        assert_eq!((answer.caching, answer.status), (Bypass, 500));
    }
}

#[test]
fn what_is_made_while_its_address_changes_is_not_stored() {
    let minute = "probe-field: cache-control: max-age=60";
    for (changed, is_stored) in [("/scripted/page", false), ("/scripted/other", true)] {
        let cached = Cached::new();
        let gate = Gate::new();
        let gated = gate.field();
        let asked = ask(&cached, "/scripted/page", &[minute, &gated]);
        let instance = gate.instance();
        let change = cached.send("POST", changed, &["content-length: 0"]);
        assert_eq!(change.status, 200);
        let_go(instance);
        let (_, body) = answer(asked);
        let next = cached.get("/scripted/page", &[minute]);
        assert_eq!(next.body == body, is_stored, "{changed}");
    }
}
