//! HTTP/1.1 as far as a registry's clients need it, and the ways to break it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// With the query.
    pub(crate) path: String,
    /// By lower-case names.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

/// What a client gets.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// A whole answer.
    Whole {
        status: u16,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
    },
    /// These bytes, whatever they are, and then the end of the connection.
    Raw(Vec<u8>),
    /// Nothing, until the client leaves.
    Silence,
}

impl Request {
    /// `METHOD path`.
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// A header field.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// A parameter of the query, decoded as far as digests and names need it.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let (_, query) = self.path.split_once('?')?;
        query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.replace("%3A", ":").replace("%2F", "/"))
    }
}

impl Answer {
    /// An answer without a body.
    pub(crate) fn status(status: u16) -> Answer {
        Answer::Whole {
            status,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// With one more header field.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Answer {
        if let Answer::Whole { headers, .. } = &mut self {
            headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// With a body.
    pub(crate) fn body(mut self, bytes: impl Into<Vec<u8>>) -> Answer {
        if let Answer::Whole { body, .. } = &mut self {
            *body = bytes.into();
        }
        self
    }

    /// An error as registries write it.
    pub(crate) fn error(status: u16, code: &str, message: &str) -> Answer {
        let text = format!(r#"{{"errors":[{{"code":"{code}","message":"{message}"}}]}}"#);
        Answer::status(status)
            .with("Content-Type", "application/json")
            .body(text)
    }
}

/// The next request of a connection, if there is a whole one.
pub(super) fn read(connection: &mut TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(connection);
    // The greeting of TLS has no line's end to wait for.
    if !reader.fill_buf().ok()?.first()?.is_ascii_uppercase() {
        let refusal = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";
        // The client may have left.
        let _ = reader.get_mut().write_all(refusal);
        return None;
    }
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    // Clients send no request before the last one is answered, so nothing of the next one is in the buffer.
    let length = headers
        .get("content-length")
        .map_or(0, |length| length.parse().expect("a length"));
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request {
        method,
        path,
        headers,
        body,
    })
}

/// Sends an answer, and says whether the connection goes on.
pub(super) fn write(connection: &mut TcpStream, request: &Request, answer: Answer) -> bool {
    match answer {
        Answer::Whole {
            status,
            headers,
            body,
        } => {
            let mut head = format!("HTTP/1.1 {status} Scripted\r\n");
            for (name, value) in headers {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
            head.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
            let mut bytes = head.into_bytes();
            if request.method != "HEAD" {
                bytes.extend_from_slice(&body);
            }
            connection.write_all(&bytes).is_ok()
        }
        Answer::Raw(bytes) => {
            // A client that has left already is what some tests want.
            let _ = connection.write_all(&bytes);
            let _ = connection.shutdown(Shutdown::Both);
            false
        }
        Answer::Silence => {
            let _ = connection.read(&mut [0]);
            false
        }
    }
}
