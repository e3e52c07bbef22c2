//! A component for the engine's tests: shows what it was given, and misbehaves on request.

use std::fmt::Write;
use std::hash::{BuildHasher, RandomState};

use futures::{Sink, SinkExt};
use spin_sdk::http::{
    Headers, IncomingRequest, IncomingResponse, OutgoingResponse, Request, RequestBuilder,
    Response, ResponseOutparam,
};
use spin_sdk::{http_component, variables};

/// The size of the pieces of a long body, in bytes.
const PIECE: usize = 64 << 10;

/// What is between two neighbours alone (RFC 9110 section 7.6.1), and the length of a body, which is told anew.
const NOT_FORWARDED: [&str; 5] = [
    "connection",
    "content-length",
    "host",
    "keep-alive",
    "transfer-encoding",
];

#[http_component]
async fn handle(request: IncomingRequest, outparam: ResponseOutparam) {
    if let Ok(origin) = std::env::var("ORIGIN") {
        return forward(request, outparam, &origin).await;
    }
    let path = request.path_with_query().unwrap_or_default();
    let (path, query) = path.split_once('?').unwrap_or((&path, ""));
    let name = path.rsplit('/').next().unwrap_or_default();
    match name {
        _ if path.contains("/scripted/") => scripted(request, outparam).await,
        "headers" => answer(outparam, headers(&request)).await,
        "environment" => answer(outparam, environment()).await,
        "variable" => answer(outparam, format!("{:?}", variables::get(query))).await,
        "file" => answer(outparam, format!("{:?}", std::fs::read_to_string(query))).await,
        "write" => answer(outparam, write(query)).await,
        "connect" => {
            answer(
                outparam,
                format!("{:?}", std::net::TcpStream::connect(query).is_ok()),
            )
            .await
        }
        "fetch" => answer(outparam, fetch(query).await).await,
        "echo" => echo(request, outparam).await,
        "body" => drop(long_body(outparam, query).await),
        "print" => {
            eprintln!("printed by the probe");
            answer(outparam, String::new()).await;
        }
        "trap" => panic!("the probe was asked to"),
        "loop" => endless(),
        "memory" => exhaust(),
        "silence" => drop(outparam),
        "loop-while-streaming" => long_body_then_loop(outparam).await,
        "trap-after" => {
            // Dropping it would end the body, and then nothing would be missing.
            let _unfinished = long_body(outparam, query).await;
            panic!("the probe was asked to");
        }
        "declare" => declare(outparam, query).await,
        "drip" => drip(outparam).await,
        _ => answer(outparam, format!("no `{name}`")).await,
    }
}

async fn answer(outparam: ResponseOutparam, text: String) {
    let response = OutgoingResponse::new(Headers::new());
    outparam
        .set_with_body(response, text.into_bytes())
        .await
        .expect("the engine takes the body");
}

/// Answers as fields of the request say: `probe-status`, each `probe-field` one field of the response, `probe-body`, or a body that no other
/// instance has; before that asks the address in `probe-gate`.
async fn scripted(request: IncomingRequest, outparam: ResponseOutparam) {
    let entries = request.headers().entries();
    let lines = |wanted: &'static str| {
        let named = entries.iter().filter(move |(name, _)| name == wanted);
        named.map(|(_, value)| String::from_utf8_lossy(value).into_owned())
    };
    if let Some(gate) = lines("probe-gate").next() {
        let outcome = fetch(&gate).await;
        assert!(!outcome.starts_with("failed"), "{outcome}");
    }
    let fields: Vec<_> = lines("probe-field")
        .map(|line| {
            let (name, value) = line.split_once(": ").expect("a field");
            (name.to_owned(), value.as_bytes().to_vec())
        })
        .collect();
    let response = OutgoingResponse::new(Headers::from_list(&fields).expect("legal fields"));
    if let Some(status) = lines("probe-status").next() {
        let status = status.parse().expect("a status");
        response.set_status_code(status).expect("a legal status");
    }
    let number = RandomState::new().hash_one(0);
    let body = lines("probe-body")
        .next()
        .unwrap_or_else(|| format!("made by {number}"));
    // The body of a HEAD is refused.
    let _ = outparam.set_with_body(response, body.into_bytes()).await;
}

/// Asks another server instead, and answers as it does.
async fn forward(request: IncomingRequest, outparam: ResponseOutparam, origin: &str) {
    let path = request.path_with_query().unwrap_or_default();
    let mut asked = RequestBuilder::new(request.method(), format!("{origin}{path}"));
    for (name, value) in request.headers().entries() {
        if !NOT_FORWARDED.contains(&name.as_str()) && !name.starts_with("spin-") {
            asked.header(name, String::from_utf8_lossy(&value));
        }
    }
    asked.body(request.into_body().await.expect("a whole request"));
    let Ok(response) = spin_sdk::http::send::<_, IncomingResponse>(asked.build()).await else {
        return drop(outparam);
    };
    let mut fields = response.headers().entries();
    fields.retain(|(name, _)| !NOT_FORWARDED.contains(&name.as_str()));
    let answer = OutgoingResponse::new(Headers::from_list(&fields).expect("legal fields"));
    let status = answer.set_status_code(response.status());
    status.expect("a legal status");
    let body = response.into_body().await.unwrap_or_default();
    // The body of a HEAD is refused.
    let _ = outparam.set_with_body(answer, body).await;
}

fn headers(request: &IncomingRequest) -> String {
    let mut lines = String::new();
    let mut entries = request.headers().entries();
    entries.sort();
    for (name, value) in entries {
        writeln!(lines, "{name}: {}", String::from_utf8_lossy(&value)).expect("strings grow");
    }
    lines
}

fn environment() -> String {
    let mut entries: Vec<_> = std::env::vars()
        .map(|(name, value)| format!("{name}={value}\n"))
        .collect();
    entries.sort();
    entries.concat()
}

#[expect(clippy::disallowed_methods, reason = "it is refused")]
fn write(path: &str) -> String {
    format!("{:?}", std::fs::write(path, "x"))
}

async fn fetch(url: &str) -> String {
    match spin_sdk::http::send::<_, Response>(Request::get(url).build()).await {
        Ok(response) => format!(
            "{} {}",
            response.status(),
            String::from_utf8_lossy(response.body())
        ),
        Err(error) => format!("failed: {error}"),
    }
}

async fn echo(request: IncomingRequest, outparam: ResponseOutparam) {
    match request.into_body().await {
        Ok(body) => answer(outparam, format!("{} bytes", body.len())).await,
        Err(error) => answer(outparam, format!("failed: {error}")).await,
    }
}

/// Sends so many bytes; the body ends when what is returned is dropped.
async fn long_body(outparam: ResponseOutparam, length: &str) -> impl Sink<Vec<u8>> + use<> {
    let mut left: usize = length.parse().expect("a number of bytes");
    let response = OutgoingResponse::new(Headers::new());
    let mut body = response.take_body();
    outparam.set(response);
    while left > 0 {
        let piece = vec![b'x'; left.min(PIECE)];
        left -= piece.len();
        if body.send(piece).await.is_err() {
            break;
        }
    }
    body
}

/// `DECLARED,SENT`: a `Content-Length` and how many bytes really follow.
async fn declare(outparam: ResponseOutparam, lengths: &str) {
    let (declared, sent) = lengths.split_once(',').expect("two lengths");
    let fields = [("content-length".to_owned(), declared.as_bytes().to_vec())];
    let fields = Headers::from_list(&fields).expect("a legal field");
    let response = OutgoingResponse::new(fields);
    let body = vec![b'x'; sent.parse().expect("a number of bytes")];
    // The host may refuse what is not as declared.
    let _ = outparam.set_with_body(response, body).await;
}

async fn drip(outparam: ResponseOutparam) {
    let response = OutgoingResponse::new(Headers::new());
    let mut body = response.take_body();
    outparam.set(response);
    for _ in 0..2 {
        if body.send(b"drop".to_vec()).await.is_err() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(1200));
    }
}

async fn long_body_then_loop(outparam: ResponseOutparam) {
    let response = OutgoingResponse::new(Headers::new());
    let mut body = response.take_body();
    outparam.set(response);
    for _ in 0..32 {
        if body.send(vec![b'x'; PIECE]).await.is_err() {
            return;
        }
    }
    endless();
}

fn endless() {
    let mut turns = 0_u64;
    loop {
        turns = std::hint::black_box(turns.wrapping_add(1));
    }
}

fn exhaust() {
    let mut hoard = Vec::new();
    loop {
        hoard.push(vec![1_u8; 1 << 20]);
        std::hint::black_box(&hoard);
    }
}
