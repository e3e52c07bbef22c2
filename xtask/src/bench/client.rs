//! A client of one connection, for what `wrk` cannot do: wait for a first answer, read a body, ask an exact number of times.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::process::Group;

/// The pause between two attempts at a first answer. It bounds how exact the time is.
const PAUSE: Duration = Duration::from_micros(50);

/// When it is not worth waiting any longer.
const PATIENCE: Duration = Duration::from_secs(180);

/// A connection that stays open between requests.
pub(super) struct Connection {
    stream: BufReader<TcpStream>,
    address: SocketAddr,
}

/// An answer, whole.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// The fields in their order, names in lower case.
    pub(super) fields: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Connection {
    pub(super) fn open(address: SocketAddr) -> io::Result<Connection> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Connection {
            stream: BufReader::with_capacity(1024, stream),
            address,
        })
    }

    /// Asks for a path and reads the answer, which must have a `Content-Length`.
    pub(super) fn ask(&mut self, path: &str) -> io::Result<Answer> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.address);
        self.stream.get_mut().write_all(request.as_bytes())?;
        read_answer(&mut self.stream)
    }

    /// Whether the server has ended the connection, or sent what nobody asked for.
    pub(super) fn is_closed(&self) -> bool {
        let stream = self.stream.get_ref();
        let waits = stream.set_nonblocking(true).is_ok()
            && stream
                .peek(&mut [0])
                .is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock);
        !waits
    }
}

impl Answer {
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        let (_, value) = self.fields.iter().find(|(field, _)| field == name)?;
        Some(value)
    }
}

/// Asks a server that has just been started until it answers 200. No connection and other answers count as not yet.
///
/// # Errors
///
/// When the server ends, or never answers 200.
pub(super) fn first_answer(server: &mut Group, address: SocketAddr, path: &str) -> Result<Answer> {
    let begin = Instant::now();
    loop {
        let answer = Connection::open(address).and_then(|mut connection| connection.ask(path));
        if let Some(answer) = answer.ok().filter(|answer| answer.status == 200) {
            return Ok(answer);
        }
        let ended = server.ended().context("failed to look at the server")?;
        if let Some(status) = ended {
            bail!("the server ended with {status}");
        }
        if begin.elapsed() > PATIENCE {
            bail!("the server shows nothing at `{path}`");
        }
        thread::sleep(PAUSE);
    }
}

fn read_answer(stream: &mut impl BufRead) -> io::Result<Answer> {
    let status = line(stream)?;
    let status = status.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.ok_or_else(|| malformed("no status"))?;
    let mut fields = Vec::new();
    loop {
        let line = line(stream)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').ok_or_else(|| malformed("no field"))?;
        fields.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = fields.iter().find(|(name, _)| name == "content-length");
    let length: u64 = length
        .and_then(|(_, value)| value.parse().ok())
        .ok_or_else(|| malformed("no length"))?;
    let mut body = Vec::new();
    stream.take(length).read_to_end(&mut body)?;
    if body.len() as u64 != length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Answer {
        status,
        fields,
        body,
    })
}

fn line(stream: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end().to_owned())
}

fn malformed(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_ends_where_its_length_says() {
        let mut stream = &b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nETag: \"a\"\r\n\r\nhiHTTP"[..];
        let answer = read_answer(&mut stream).unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (200, &b"hi"[..]));
        assert_eq!(answer.field("etag"), Some("\"a\""));
        assert_eq!(stream, b"HTTP");
    }

    #[test]
    fn half_an_answer_is_an_error() {
        for text in [
            "",
            "HTTP/1.1 200 OK\r\n",
            "HTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi",
            "nonsense\r\n\r\n",
        ] {
            assert!(read_answer(&mut text.as_bytes()).is_err(), "{text:?}");
        }
    }
}
