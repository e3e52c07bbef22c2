//! A visitor.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use anyhow::{Context, Result, bail};

/// Asks for a path, which must be answered 200 with `part` in it.
pub(super) fn expect(address: SocketAddr, path: &str, part: &str) -> Result<()> {
    let asked = || format!("failed to read `http://{address}{path}`");
    let mut stream = TcpStream::connect(address).with_context(asked)?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).with_context(asked)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).with_context(asked)?;
    let answer = String::from_utf8_lossy(&answer);
    if !answer.starts_with("HTTP/1.1 200 ") || !answer.contains(part) {
        bail!("`{path}` is answered without `{part}`: {answer}");
    }
    Ok(())
}
