//! Connections: how many there are, how long they stay, and that pages which compute do not hold them up.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use engine::{Clock, Connections, Drained, Limits, Server};
use tokio::runtime::Builder;
use tokio::sync::oneshot;

use crate::probe::{MANIFEST, Probes, serve, serve_bounded, serve_nothing};

const FIXED: &[u8] = b"GET /fixed HTTP/1.1\r\nHost: a\r\n\r\n";

fn bounded(connections: Connections) -> Probes {
    serve_bounded(MANIFEST, Limits::default(), connections)
}

fn hasty() -> Probes {
    bounded(Connections {
        quiet: Duration::from_millis(150),
        ..Connections::default()
    })
}

fn read_fixed(stream: &mut TcpStream) {
    let mut answer = Vec::new();
    while !answer.ends_with(b"fixed") {
        let mut piece = [0; 256];
        let length = stream.read(&mut piece).unwrap();
        assert!(length > 0, "{}", String::from_utf8_lossy(&answer));
        answer.extend_from_slice(&piece[..length]);
    }
}

fn rest(stream: &mut TcpStream) -> String {
    let mut rest = Vec::new();
    // A connection that is cut off is an answer too.
    let _ = stream.read_to_end(&mut rest);
    String::from_utf8_lossy(&rest).into_owned()
}

/// A server without a release, of which requests wait for one as long as this.
fn without_release(patience: Duration) -> Probes {
    let connections = Connections {
        patience,
        ..Connections::default()
    };
    serve_nothing(Limits::default(), connections, Clock::default())
}

#[test]
fn a_request_that_comes_before_the_first_release_is_answered_by_it() {
    let probes = without_release(Duration::from_secs(60));
    let mut stream = probes.begin(FIXED);
    probes.replace(MANIFEST);
    read_fixed(&mut stream);
}

#[test]
fn a_request_for_which_no_release_comes_is_told_to_try_again() {
    let probes = without_release(Duration::from_millis(10));
    let mut stream = probes.begin(b"GET /fixed HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    let answer = rest(&mut stream);
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(answer.contains("retry-after: 1\r\n"), "{answer}");
}

#[test]
fn a_connection_on_which_nothing_comes_is_closed_without_a_word() {
    let probes = hasty();
    let cases: [(&str, &[u8]); 4] = [
        ("nothing at all", b""),
        ("a start that may be either protocol", b"P"),
        (
            "a preface of HTTP/2 that does not end",
            b"PRI * HTTP/2.0\r\n",
        ),
        ("blank lines", b"\r\n"),
    ];
    for (name, bytes) in cases {
        let mut stream = probes.begin(bytes);
        assert!(!rest(&mut stream).contains("200"), "{name}");
    }
    let mut stream = probes.begin(FIXED);
    read_fixed(&mut stream);
    assert_eq!(rest(&mut stream), "", "after an answer");
}

#[test]
fn a_connection_that_rested_answers_again() {
    let probes = bounded(Connections {
        quiet: Duration::from_secs(3),
        ..Connections::default()
    });
    // It rests after two looks at the latest, which are two thirds of the time, and on a machine that stands still it may be closed before we ask.
    let is_answered = || {
        let mut stream = probes.begin(FIXED);
        read_fixed(&mut stream);
        let pause = Duration::from_millis(2100);
        stream.set_read_timeout(Some(pause)).unwrap();
        if stream.read(&mut [0]).is_ok() {
            return false;
        }
        stream.set_read_timeout(None).unwrap();
        stream
            .write_all(b"GET /fixed HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            .unwrap();
        rest(&mut stream).ends_with("fixed")
    };
    assert!((0..3).any(|_| is_answered()));
}

#[test]
fn a_client_that_does_not_end_its_request_is_told_so() {
    let probes = hasty();
    for before in [&b""[..], FIXED] {
        let mut stream = probes.begin(before);
        if !before.is_empty() {
            read_fixed(&mut stream);
        }
        stream.write_all(b"GET /fixed HTTP/1.1\r\nHost:").unwrap();
        let answer = rest(&mut stream);
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert!(answer.contains("connection: close\r\n"), "{answer}");
    }
}

#[test]
fn drops_of_a_head_do_not_hold_a_connection() {
    let probes = hasty();
    let mut stream = probes.begin(b"GET /fixed HTTP/1.1\r\nx: ");
    stream
        .set_read_timeout(Some(Duration::from_millis(10)))
        .unwrap();
    let mut start = [0; 12];
    // A drop whenever the server has had no word for a while.
    while let Err(error) = stream.read_exact(&mut start) {
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
        stream.write_all(b"y").unwrap();
    }
    assert_eq!(&start, b"HTTP/1.1 408");
}

#[test]
fn a_reader_that_takes_nothing_is_left() {
    let probes = serve_bounded(
        MANIFEST,
        Limits {
            // Nothing but the connection's own limit can end it.
            buffered_body: 128 << 20,
            request_timeout: Duration::from_secs(3600),
            ..Limits::default()
        },
        Connections {
            most: 1,
            quiet: Duration::from_millis(150),
            ..Connections::default()
        },
    );
    let mut stuck = probes.begin(b"GET /body?67108864 HTTP/1.1\r\nHost: a\r\n\r\n");
    let mut start = [0; 16];
    stuck.read_exact(&mut start).unwrap();
    // The only place is free again.
    assert_eq!(probes.get("/fixed").0, 200);
}

#[test]
fn a_page_that_takes_long_keeps_its_connection() {
    let probes = serve_bounded(
        MANIFEST,
        Limits {
            request_timeout: Duration::from_millis(900),
            ..Limits::default()
        },
        Connections {
            quiet: Duration::from_millis(90),
            ..Connections::default()
        },
    );
    assert_eq!(probes.get("/loop").0, 504);
}

#[test]
fn more_clients_than_places_wait_for_one() {
    let mut probes = bounded(Connections {
        most: 2,
        ..Connections::default()
    });
    let mut first = probes.begin(FIXED);
    let mut second = probes.begin(FIXED);
    read_fixed(&mut first);
    read_fixed(&mut second);
    let mut third = probes.begin(FIXED);
    third.set_nonblocking(true).unwrap();
    // The two that are in go on, and the third is not answered before them.
    for _ in 0..100 {
        first.write_all(FIXED).unwrap();
        read_fixed(&mut first);
    }
    let early = third.read(&mut [0]).map_err(|error| error.kind());
    assert_eq!(early, Err(ErrorKind::WouldBlock));
    drop(second);
    third.set_nonblocking(false).unwrap();
    read_fixed(&mut third);
    drop((first, third));
    probes.stop();
    assert_eq!(probes.drained(), Drained::All);
}

#[test]
fn a_server_that_ends_answers_what_is_on_its_way_and_closes_the_rest() {
    let mut probes = bounded(Connections::default());
    let mut idle = probes.begin(FIXED);
    read_fixed(&mut idle);
    let silent = probes.connect();
    let mut unread = probes.begin(b"GET /fixed HT");
    let mut asking = probes.begin(FIXED);
    read_fixed(&mut asking);
    probes.stop();
    asking.write_all(FIXED).unwrap();
    unread.write_all(b"TP/1.1\r\nHost: a\r\n\r\n").unwrap();
    for answer in [rest(&mut asking), rest(&mut unread)] {
        assert!(answer.ends_with("fixed"), "{answer}");
    }
    assert_eq!(rest(&mut idle), "");
    drop(silent);
    assert_eq!(probes.drained(), Drained::All);
}

#[test]
fn pages_that_compute_hold_up_no_connection() {
    let probes = serve(
        MANIFEST,
        Limits {
            request_timeout: Duration::from_secs(60),
            ..Limits::default()
        },
    );
    // As `bart` runs it: one thread for all connections. A component yields every 10 ms, so that the requests below would take minutes on its thread.
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let server = runtime
        .block_on(Server::bind("127.0.0.1:0".parse().unwrap()))
        .unwrap();
    let address = server.address().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let current = probes.current.clone();
    let serving = thread::spawn(move || {
        let stopped = async { drop(stopped.await) };
        runtime.block_on(server.run(current, stopped, Duration::ZERO))
    });
    let endless: Vec<TcpStream> = (0..4)
        .map(|_| {
            let mut stream = TcpStream::connect(address).unwrap();
            stream
                .write_all(b"GET /loop HTTP/1.1\r\nHost: a\r\n\r\n")
                .unwrap();
            stream
        })
        .collect();
    let mut stream = TcpStream::connect(address).unwrap();
    for _ in 0..3000 {
        stream.write_all(FIXED).unwrap();
        read_fixed(&mut stream);
    }
    for mut stream in endless {
        stream.set_nonblocking(true).unwrap();
        let early = stream.read(&mut [0]).map_err(|error| error.kind());
        assert_eq!(early, Err(ErrorKind::WouldBlock), "it still computes");
    }
    drop(stop);
    assert_eq!(serving.join().unwrap(), Drained::DeadlinePassed);
}
