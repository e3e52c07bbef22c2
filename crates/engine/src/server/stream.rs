//! The bytes of a connection: what its first ones say of the protocol, and what the client takes.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::pulse::Pulse;

/// What a client that knows that we speak HTTP/2 sends first (RFC 9113 section 3.4).
const PREFACE: [u8; 24] = *b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The stream to a client.
pub(super) struct ClientStream {
    stream: TcpStream,
    /// What was read already and is still to be handed on.
    opening: Bytes,
    pulse: Arc<Pulse>,
}

/// What a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Http1,
    Http2,
}

impl ClientStream {
    /// Reads until the protocol is known: mostly the start of the first request. `None` when the client leaves before.
    pub(super) async fn open(
        mut stream: TcpStream,
        pulse: Arc<Pulse>,
    ) -> io::Result<Option<(ClientStream, Protocol)>> {
        let mut opening = [0; PREFACE.len()];
        let mut length = 0;
        let protocol = loop {
            let read = stream.read(&mut opening[length..]).await?;
            if read == 0 {
                return Ok(None);
            }
            length += read;
            if opening[..length] != PREFACE[..length] {
                break Protocol::Http1;
            }
            if length == PREFACE.len() {
                break Protocol::Http2;
            }
        };
        let opening = Bytes::copy_from_slice(&opening[..length]);
        Ok(Some((
            ClientStream::resume(stream, opening, pulse),
            protocol,
        )))
    }

    /// The stream after `opening`, which was read before.
    pub(super) fn resume(stream: TcpStream, opening: Bytes, pulse: Arc<Pulse>) -> ClientStream {
        ClientStream {
            stream,
            opening,
            pulse,
        }
    }

    /// The connection itself.
    pub(super) fn into_inner(self) -> TcpStream {
        self.stream
    }

    /// Sends `bytes` if that needs no waiting.
    pub(super) fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.try_write(bytes)
    }

    fn noted(&self, result: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        self.pulse.wrote(matches!(result, Poll::Ready(Ok(1..))));
        result
    }
}

impl AsyncRead for ClientStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.opening.is_empty() {
            let length = self.opening.len().min(buffer.remaining());
            buffer.put_slice(&self.opening.split_to(length));
        }
        if buffer.filled().is_empty() {
            return Pin::new(&mut self.stream).poll_read(context, buffer);
        }
        // The rest of the request is mostly there too.
        match Pin::new(&mut self.stream).poll_read(context, buffer) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Ready(Ok(())) | Poll::Pending => Poll::Ready(Ok(())),
        }
    }
}

impl AsyncWrite for ClientStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.noted(result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.noted(result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
