//! The response, sent through `wasi:http`.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};

use http::{Method, Response};
use wasi::http::types::{Fields, OutgoingBody, OutgoingResponse, ResponseOutparam};
use wasi::io::streams::{OutputStream, StreamError};
use web::range::Selection;

use crate::content::Content;

/// How much of a file is in memory at a time, in bytes.
const CHUNK: usize = 64 * 1024;

/// A head, and the bytes to send after it.
pub(crate) struct Reply {
    head: Response<()>,
    content: Content,
    offset: u64,
    length: u64,
}

impl Reply {
    /// A response with the selected bytes of a file.
    pub(crate) fn new(head: Response<()>, content: Content, selection: Selection) -> Self {
        let length = selection.length(content.length());
        Self {
            head,
            content,
            offset: selection.offset(),
            length,
        }
    }

    /// A response without content.
    pub(crate) fn empty(head: Response<()>) -> Self {
        Self::new(head, Content::Memory(Cow::Borrowed(&[])), Selection::Whole)
    }

    /// A response with a short text.
    pub(crate) fn text((head, content): (Response<()>, &'static str)) -> Self {
        Self::new(
            head,
            Content::Memory(Cow::Borrowed(content.as_bytes())),
            Selection::Whole,
        )
    }

    /// Sends the response. When that fails half-way the content is left unfinished, which the client sees.
    pub(crate) fn send(self, method: &Method, out: ResponseOutparam) -> io::Result<()> {
        let response = OutgoingResponse::new(fields(&self.head)?);
        response
            .set_status_code(self.head.status().as_u16())
            .map_err(|()| io::Error::other("the host refused the status"))?;
        // A body that is shorter than its `Content-Length` is an error to the host, and that of a HEAD always is: so
        // there is none.
        if *method == Method::HEAD || self.length == 0 {
            ResponseOutparam::set(out, Ok(response));
            return Ok(());
        }
        let body = response
            .body()
            .map_err(|()| io::Error::other("the host gave no body"))?;
        ResponseOutparam::set(out, Ok(response));
        let stream = body
            .write()
            .map_err(|()| io::Error::other("the host gave no stream"))?;
        match self.write(&stream) {
            // A client that leaves is no failure, and the rest is nobody's.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            written => written?,
        }
        drop(stream);
        OutgoingBody::finish(body, None).map_err(io::Error::other)
    }

    fn write(self, stream: &OutputStream) -> io::Result<()> {
        match self.content {
            Content::Memory(bytes) => write(stream, part(&bytes, self.offset, self.length))?,
            Content::File { file, .. } => copy(file, self.offset, self.length, stream)?,
        }
        match stream.flush() {
            Ok(()) => stream.subscribe().block(),
            // With the last byte of `Content-Length` the host may close the stream itself.
            Err(StreamError::Closed) => {}
            Err(error) => return Err(closed(error)),
        }
        Ok(())
    }
}

fn fields(head: &Response<()>) -> io::Result<Fields> {
    let entries: Vec<_> = head
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
        .collect();
    Fields::from_list(&entries).map_err(io::Error::other)
}

fn part(bytes: &[u8], offset: u64, length: u64) -> &[u8] {
    let index = |position| usize::try_from(position).unwrap_or(usize::MAX);
    bytes
        .get(index(offset)..index(offset + length))
        .unwrap_or_default()
}

fn copy(mut file: File, offset: u64, length: u64, stream: &OutputStream) -> io::Result<()> {
    if offset > 0 {
        file.seek(SeekFrom::Start(offset))?;
    }
    let at_most = |length: u64| usize::try_from(length).map_or(CHUNK, |length| length.min(CHUNK));
    let mut chunk = vec![0; at_most(length)];
    let mut left = length;
    while left > 0 {
        let wanted = at_most(left);
        file.read_exact(&mut chunk[..wanted])?;
        write(stream, &chunk[..wanted])?;
        left -= wanted as u64;
    }
    Ok(())
}

/// Writes as much at a time as the host takes, and waits while it takes nothing.
fn write(stream: &OutputStream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let room = stream.check_write().map_err(closed)?;
        if room == 0 {
            stream.subscribe().block();
            continue;
        }
        let count = usize::try_from(room).map_or(bytes.len(), |room| room.min(bytes.len()));
        let (now, later) = bytes.split_at(count);
        stream.write(now).map_err(closed)?;
        bytes = later;
    }
    Ok(())
}

fn closed(error: StreamError) -> io::Error {
    match error {
        StreamError::Closed => io::ErrorKind::BrokenPipe.into(),
        StreamError::LastOperationFailed(error) => io::Error::other(error.to_debug_string()),
    }
}
