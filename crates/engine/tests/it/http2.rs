//! Cleartext HTTP/2 on the port of HTTP/1.1: through a client, and frame by frame where no client would do it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use bytes::Bytes;
use engine::{Connections, Drained, Limits};
use http::{Request, Response, Version};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};

use crate::probe::{Probes, RUNTIME, serve, serve_bounded};

const MANIFEST: &str = r#"spin_manifest_version = 2
application = { name = "probes" }

[[trigger.http]]
route = "/..."
component = "probe"

[[trigger.http]]
route = "/fixed"
static_response = { body = "fixed", headers = { connection = "upgrade", "keep-alive" = "5", x-kind = "fixed" } }

[component.probe]
source = "probe.wasm"
"#;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Types of frames (RFC 9113 section 6).
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;

const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// `ENHANCE_YOUR_CALM` (RFC 9113 section 7).
const ENHANCE_YOUR_CALM: u32 = 11;

fn probes() -> Probes {
    serve(MANIFEST, Limits::default())
}

async fn connect(probes: &Probes) -> SendRequest<Full<Bytes>> {
    let stream = tokio::net::TcpStream::connect(probes.address)
        .await
        .unwrap();
    let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    sender
}

fn get(path: &str) -> Request<Full<Bytes>> {
    Request::get(format!("http://probe.test:81{path}"))
        .body(Full::default())
        .unwrap()
}

async fn text(response: Response<hyper::body::Incoming>) -> String {
    let body = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(body.to_vec()).unwrap()
}

/// A frame (RFC 9113 section 4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// `GET path` as fields (RFC 7541): three of the static table, a path and an authority without Huffman coding.
fn fields(path: &str) -> Vec<u8> {
    let mut fields = vec![0x82, 0x86, 0x04, u8::try_from(path.len()).unwrap()];
    fields.extend(path.as_bytes());
    fields.extend(b"\x41\x0aprobe.test");
    fields
}

/// A connection with an empty SETTINGS frame sent.
fn begin(probes: &Probes) -> TcpStream {
    probes.begin(&[PREFACE, &frame(SETTINGS, 0, 0, &[])].concat())
}

/// The next frame: its type, its stream, its payload. `None` at the end.
fn next(stream: &mut TcpStream) -> Option<(u8, u32, Vec<u8>)> {
    let mut head = [0; 9];
    stream.read_exact(&mut head).ok()?;
    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
    let id = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
    let mut payload = vec![0; length as usize];
    stream.read_exact(&mut payload).ok()?;
    Some((head[3], id, payload))
}

/// The error code of the GOAWAY that ends a connection. `None` when it just ends.
fn goodbye(stream: &mut TcpStream) -> Option<u32> {
    while let Some((kind, _, payload)) = next(stream) {
        if kind == GOAWAY {
            return Some(u32::from_be_bytes(payload[4..8].try_into().unwrap()));
        }
    }
    None
}

#[test]
fn a_client_that_knows_is_answered_in_http_2_and_components_see_its_host() {
    let probes = probes();
    RUNTIME.block_on(async {
        let mut sender = connect(&probes).await;
        let response = sender.send_request(get("/headers?q=1")).await.unwrap();
        assert_eq!(response.version(), Version::HTTP_2);
        let headers = text(response).await;
        for line in [
            "host: probe.test:81",
            "spin-path-info: /headers",
            "spin-full-url: http://probe.test:81/headers?q=1",
        ] {
            assert!(headers.lines().any(|found| found == line), "{headers}");
        }
        let response = sender.send_request(get("/fixed")).await.unwrap();
        assert_eq!(response.headers()["x-kind"], "fixed");
        for field in ["connection", "keep-alive", "transfer-encoding"] {
            assert!(!response.headers().contains_key(field), "{field}");
        }
        let body = Full::from(Bytes::from(vec![b'y'; 300 << 10]));
        let post = Request::post("http://probe.test/echo").body(body).unwrap();
        let response = sender.send_request(post).await.unwrap();
        assert_eq!(text(response).await, "307200 bytes");
    });
}

#[test]
fn requests_of_one_connection_are_answered_side_by_side() {
    let probes = serve(
        MANIFEST,
        Limits {
            request_timeout: Duration::from_secs(2),
            ..Limits::default()
        },
    );
    RUNTIME.block_on(async {
        let mut sender = connect(&probes).await;
        let endless = tokio::spawn(sender.send_request(get("/loop")));
        let response = sender.send_request(get("/fixed")).await.unwrap();
        assert_eq!(text(response).await, "fixed");
        assert!(!endless.is_finished());
        assert_eq!(endless.await.unwrap().unwrap().status(), 504);
        let response = sender.send_request(get("/body?3145728")).await.unwrap();
        assert_eq!(text(response).await.len(), 3 << 20);
    });
}

#[test]
fn a_preface_in_pieces_is_understood() {
    let probes = probes();
    let mut stream = probes.connect();
    stream.set_nodelay(true).unwrap();
    for byte in [PREFACE, &frame(SETTINGS, 0, 0, &[])].concat() {
        stream.write_all(&[byte]).unwrap();
    }
    let request = frame(HEADERS, END_STREAM | END_HEADERS, 1, &fields("/fixed"));
    stream.write_all(&request).unwrap();
    let body = loop {
        match next(&mut stream).unwrap() {
            (DATA, 1, payload) if !payload.is_empty() => break payload,
            _ => {}
        }
    };
    assert_eq!(body, b"fixed");
}

#[test]
fn requests_that_are_taken_back_at_once_end_the_connection() {
    let probes = probes();
    let mut stream = begin(&probes);
    let mut writer = stream.try_clone().unwrap();
    let flood = std::thread::spawn(move || {
        for id in (1..20_001).step_by(2) {
            let open = frame(HEADERS, END_STREAM | END_HEADERS, id, &fields("/loop"));
            let reset = frame(RST_STREAM, 0, id, &8_u32.to_be_bytes());
            if writer.write_all(&[open, reset].concat()).is_err() {
                return;
            }
        }
    });
    assert_eq!(goodbye(&mut stream), Some(ENHANCE_YOUR_CALM));
    drop(stream);
    flood.join().unwrap();
    assert_eq!(probes.get("/fixed").0, 200, "others are answered");
}

#[test]
fn a_list_of_fields_without_end_ends_the_connection() {
    let probes = probes();
    let mut stream = begin(&probes);
    let mut writer = stream.try_clone().unwrap();
    let flood = std::thread::spawn(move || {
        let open = frame(HEADERS, END_STREAM, 1, &fields("/fixed"));
        let mut sent = writer.write_all(&open);
        // A new field of 100 letters in each frame, in no table.
        let field = [&b"\x00\x01x\x64"[..], &[b'y'; 100]].concat();
        while sent.is_ok() {
            sent = writer.write_all(&frame(CONTINUATION, 0, 1, &field));
        }
    });
    let code = goodbye(&mut stream);
    drop(stream);
    flood.join().unwrap();
    assert_ne!(code, Some(0), "it is no friendly goodbye");
    assert_eq!(probes.get("/fixed").0, 200, "others are answered");
}

#[test]
fn more_requests_than_a_client_may_have_open_are_refused() {
    let probes = serve(
        MANIFEST,
        Limits {
            request_timeout: Duration::from_secs(60),
            ..Limits::default()
        },
    );
    let mut stream = begin(&probes);
    for id in (1..400).step_by(2) {
        let open = frame(HEADERS, END_STREAM | END_HEADERS, id, &fields("/loop"));
        stream.write_all(&open).unwrap();
    }
    let refused = loop {
        match next(&mut stream) {
            Some((RST_STREAM, id, _)) => break id,
            Some(_) => {}
            None => panic!("the connection ended"),
        }
    };
    assert_eq!(refused, 201, "the first one above 100");
}

#[test]
fn large_heads_and_bodies_are_refused() {
    let probes = serve(
        MANIFEST,
        Limits {
            request_body: 1000,
            ..Limits::default()
        },
    );
    RUNTIME.block_on(async {
        let mut sender = connect(&probes).await;
        let mut large = get("/fixed");
        let value = "y".repeat(40 << 10).parse().unwrap();
        large.headers_mut().insert("x", value);
        let status = sender.send_request(large).await.map(|head| head.status());
        assert!(
            status.is_err() || status.as_ref().unwrap() == &431,
            "{status:?}"
        );
        let mut sender = connect(&probes).await;
        let long = get(&format!("/fixed?{}", "q".repeat(9 << 10)));
        assert_eq!(sender.send_request(long).await.unwrap().status(), 414);
        let post = Request::post("http://probe.test/echo");
        let post = post
            .body(Full::from(Bytes::from(vec![b'y'; 1001])))
            .unwrap();
        assert_eq!(sender.send_request(post).await.unwrap().status(), 413);
        let connect = Request::connect("probe.test:80")
            .body(Full::default())
            .unwrap();
        assert_eq!(sender.send_request(connect).await.unwrap().status(), 501);
    });
}

#[test]
fn a_server_that_ends_says_so_and_answers_what_has_begun() {
    let mut probes = serve(
        MANIFEST,
        Limits {
            request_timeout: Duration::from_secs(1),
            ..Limits::default()
        },
    );
    let mut stream = begin(&probes);
    let open = frame(HEADERS, END_STREAM | END_HEADERS, 1, &fields("/loop"));
    stream.write_all(&open).unwrap();
    // Its SETTINGS show that the connection is there.
    assert_eq!(next(&mut stream).unwrap().0, SETTINGS);
    probes.stop();
    let (mut goodbyes, mut answered) = (0, false);
    while let Some((kind, id, _)) = next(&mut stream) {
        goodbyes += u32::from(kind == GOAWAY);
        answered |= kind == HEADERS && id == 1;
        // A client answers a PING; this one is gone once it was told.
        if goodbyes > 0 && answered {
            break;
        }
    }
    assert!(goodbyes > 0 && answered, "{goodbyes}, {answered}");
    drop(stream);
    assert_eq!(probes.drained(), Drained::All);
}

#[test]
fn a_quiet_connection_ends_with_a_goodbye() {
    let probes = serve_bounded(
        MANIFEST,
        Limits::default(),
        Connections {
            quiet: Duration::from_millis(150),
            ..Connections::default()
        },
    );
    assert_eq!(goodbye(&mut begin(&probes)), Some(0));
}
