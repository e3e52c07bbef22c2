//! Bodies of requests and responses as the engine passes them on.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::sync::mpsc;
use wasmtime_wasi_http::{Error as WasiError, WasiBody};

/// The body of a request, from a client or from a component that calls itself.
pub(crate) enum RequestBody {
    /// From a client, with the bytes it may still send.
    Client { incoming: Incoming, remaining: u64 },
    /// From a component.
    Guest(WasiBody),
    /// None, from the engine itself.
    Empty,
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = WasiError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, WasiError>>> {
        match self.get_mut() {
            RequestBody::Guest(body) => Pin::new(body).poll_frame(context),
            RequestBody::Empty => Poll::Ready(None),
            RequestBody::Client {
                incoming,
                remaining,
            } => {
                let frame = ready!(Pin::new(incoming).poll_frame(context));
                Poll::Ready(frame.map(|frame| within(frame?, remaining)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            RequestBody::Client { incoming, .. } => incoming.is_end_stream(),
            RequestBody::Guest(body) => body.is_end_stream(),
            RequestBody::Empty => true,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            RequestBody::Client { incoming, .. } => incoming.size_hint(),
            RequestBody::Guest(body) => body.size_hint(),
            RequestBody::Empty => SizeHint::with_exact(0),
        }
    }
}

fn within(frame: Frame<Bytes>, remaining: &mut u64) -> Result<Frame<Bytes>, WasiError> {
    let length = frame.data_ref().map_or(0, Bytes::len) as u64;
    *remaining = remaining
        .checked_sub(length)
        .ok_or(WasiError::HttpRequestBodySize(None))?;
    Ok(frame)
}

/// Why a streamed response ended early. The connection is closed, so that the client notices.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// The component failed or stopped sending, or the reader was too slow.
    #[error("the response ended early")]
    Unfinished,
}

impl From<BodyError> for WasiError {
    fn from(error: BodyError) -> WasiError {
        match error {
            BodyError::Unfinished => WasiError::HttpResponseIncomplete,
        }
    }
}

/// A part of a response that a component still produces.
#[derive(Debug)]
pub enum Piece {
    /// Bytes of the body.
    Chunk(Bytes),
    /// There are no more. Without it the body is unfinished.
    End,
}

/// The body of a response.
#[derive(Debug)]
pub enum ResponseBody {
    /// Bytes in one piece.
    Single(Bytes),
    /// Bytes that are all here, as their component wrote them.
    Whole(VecDeque<Bytes>),
    /// Bytes that a component still produces.
    Streamed {
        /// The next ones.
        pieces: mpsc::Receiver<Piece>,
        /// The length, where the component announced it.
        length: Option<u64>,
    },
}

impl ResponseBody {
    /// No bytes.
    #[must_use]
    pub fn empty() -> ResponseBody {
        ResponseBody::Single(Bytes::new())
    }

    /// These bytes.
    #[must_use]
    pub fn whole(bytes: impl Into<Bytes>) -> ResponseBody {
        ResponseBody::Single(bytes.into())
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match self.get_mut() {
            ResponseBody::Single(bytes) => {
                let bytes = std::mem::take(bytes);
                Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
            }
            ResponseBody::Whole(chunks) => {
                Poll::Ready(chunks.pop_front().map(|chunk| Ok(Frame::data(chunk))))
            }
            ResponseBody::Streamed { pieces, .. } => {
                Poll::Ready(match ready!(pieces.poll_recv(context)) {
                    Some(Piece::Chunk(chunk)) => Some(Ok(Frame::data(chunk))),
                    Some(Piece::End) => None,
                    None => Some(Err(BodyError::Unfinished)),
                })
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            ResponseBody::Single(bytes) => bytes.is_empty(),
            ResponseBody::Whole(chunks) => chunks.is_empty(),
            ResponseBody::Streamed { .. } => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            ResponseBody::Single(bytes) => SizeHint::with_exact(bytes.len() as u64),
            ResponseBody::Whole(chunks) => {
                SizeHint::with_exact(chunks.iter().map(|chunk| chunk.len() as u64).sum())
            }
            ResponseBody::Streamed {
                length: Some(length),
                ..
            } => SizeHint::with_exact(*length),
            ResponseBody::Streamed { length: None, .. } => SizeHint::new(),
        }
    }
}
