//! The time from the start of a server to its first page.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// The pause between two attempts. It bounds how exact the result is.
const PAUSE: Duration = Duration::from_micros(200);

/// When it is not worth waiting any longer.
const PATIENCE: Duration = Duration::from_secs(120);

/// A server, ended when dropped.
struct Served(Child);

/// Starts a server that takes `--listen` and `--admin-listen`, asks it for `/` until it answers 200, and ends it.
pub(super) fn to_first_page(server: &mut Command) -> Result<Duration> {
    let address = free_address()?;
    server.args(["--listen", &address.to_string()]);
    server.args(["--admin-listen", "127.0.0.1:0"]);
    server.stdout(Stdio::null()).stderr(Stdio::null());
    let begin = Instant::now();
    let mut served = Served(server.spawn().context("failed to start the server")?);
    while !is_ok(address) {
        if let Some(status) = served
            .0
            .try_wait()
            .context("failed to look at the server")?
        {
            bail!("the server ended with {status}");
        }
        if begin.elapsed() > PATIENCE {
            bail!("the server shows no page");
        }
        thread::sleep(PAUSE);
    }
    Ok(begin.elapsed())
}

/// An address that nobody uses now.
fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port is free")?;
    listener.local_addr().context("no port is free")
}

/// Whether `/` is answered 200.
fn is_ok(address: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else {
        return false;
    };
    let request = format!("GET / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    let mut answer = Vec::new();
    let sent = stream.write_all(request.as_bytes());
    sent.is_ok() && stream.read_to_end(&mut answer).is_ok() && answer.starts_with(b"HTTP/1.1 200 ")
}

impl Drop for Served {
    fn drop(&mut self) {
        // Nothing can be done where it has ended before.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
