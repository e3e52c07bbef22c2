//! What a request carries: nothing, bytes, or a file that is read while it is sent.

use std::fmt;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use futures::stream::{self, TryStreamExt};
use reqwest::Body;
use tokio::fs::File;
use tokio::io::AsyncReadExt;

use super::Registry;
use super::error::Fault;
use super::progress::{Event, Progress};
use crate::descriptor::Descriptor;
use crate::digest::Digest;
use crate::reference::Repository;
use crate::release::{self, Holds, Layer};

/// How much is handed to the connection at once, in bytes.
const CHUNK: usize = 64 << 10;

/// Where the bytes of a blob are.
#[derive(Clone, Debug)]
pub enum Source {
    /// In memory.
    Memory(Bytes),
    /// In a file.
    File(PathBuf),
    /// In a layer that is made of files each time it is sent, and is in memory meanwhile.
    Made(Box<Layer>),
    /// In another registry, from where they are passed on as they come.
    Elsewhere(Box<Elsewhere>),
}

/// A blob in another registry.
#[derive(Clone)]
pub struct Elsewhere {
    /// The way there.
    pub registry: Registry,
    /// The repository that has it.
    pub repository: Repository,
    /// The blob.
    pub descriptor: Descriptor,
}

impl fmt::Debug for Elsewhere {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digest = self.descriptor.digest;
        write!(formatter, "{digest} of {}", self.repository)
    }
}

/// The body of a request.
pub(super) enum Payload {
    Empty,
    Bytes(Bytes),
    Blob {
        source: Source,
        size: u64,
        watch: Watch,
    },
}

/// Who hears of bytes on their way.
#[derive(Clone)]
pub(super) struct Watch {
    pub(super) digest: Digest,
    pub(super) progress: Progress,
}

impl Payload {
    /// How many bytes it has.
    pub(super) fn size(&self) -> u64 {
        match self {
            Payload::Empty => 0,
            Payload::Bytes(bytes) => bytes.len() as u64,
            Payload::Blob { size, .. } => *size,
        }
    }

    /// Says that what was sent of it does not count.
    pub(super) fn begins_again(&self) {
        if let Payload::Blob { watch, .. } = self {
            watch.progress.tell(Event::BlobRestarted(watch.digest));
        }
    }

    /// Begins to read it. `pulse` counts the bytes that go out.
    pub(super) async fn open(&self, pulse: &Arc<AtomicU64>) -> Result<Body, Fault> {
        match self {
            Payload::Empty => Ok(Body::from(Bytes::new())),
            Payload::Bytes(bytes) => Ok(Body::from(bytes.clone())),
            Payload::Blob {
                source: Source::Memory(bytes),
                watch,
                ..
            } => Ok(from_memory(bytes.clone(), watch.clone(), Arc::clone(pulse))),
            Payload::Blob {
                source: Source::File(path),
                size,
                watch,
            } => {
                let read = |source| Fault::Read {
                    path: path.clone(),
                    source,
                };
                let file = File::open(path).await.map_err(read)?;
                if file.metadata().await.map_err(read)?.len() != *size {
                    return Err(Fault::Changed { path: path.clone() });
                }
                Ok(from_file(file, *size, watch.clone(), Arc::clone(pulse)))
            }
            Payload::Blob {
                source: Source::Made(layer),
                watch,
                ..
            } => {
                let bytes = make(layer.as_ref().clone()).await?;
                Ok(from_memory(bytes, watch.clone(), Arc::clone(pulse)))
            }
            Payload::Blob {
                source: Source::Elsewhere(elsewhere),
                watch,
                ..
            } => from_elsewhere(elsewhere, watch.clone(), Arc::clone(pulse)),
        }
    }
}

impl From<&Layer> for Source {
    fn from(layer: &Layer) -> Source {
        let source = match &layer.holds {
            Holds::Config(bytes) | Holds::LockedApp(bytes) => {
                return Source::Memory(bytes.clone());
            }
            Holds::Pack(_) => return Source::Made(Box::new(layer.clone())),
            Holds::Component { source, .. } => source,
            Holds::File(content) => content.source(),
        };
        match source {
            release::Source::Bytes(bytes) => Source::Memory(bytes.clone()),
            release::Source::File(path) => Source::File(path.clone()),
        }
    }
}

/// The bytes of a layer that is made of files.
async fn make(layer: Layer) -> Result<Bytes, Fault> {
    let read = move || {
        let mut bytes = Vec::new();
        layer
            .open()
            .and_then(|mut reader| reader.read_to_end(&mut bytes))
            .map(|_| Bytes::from(bytes))
    };
    let made = tokio::task::spawn_blocking(read).await;
    // Only a panic or the end of the runtime ends such a task early.
    made.unwrap_or_else(|error| Err(io::Error::other(error)))
        .map_err(Fault::Pack)
}

fn from_memory(bytes: Bytes, watch: Watch, pulse: Arc<AtomicU64>) -> Body {
    let chunks = stream::unfold(bytes, move |mut rest| {
        let chunk = rest.split_to(rest.len().min(CHUNK));
        let next = (!chunk.is_empty()).then(|| {
            watch.sent(chunk.len(), &pulse);
            (Ok::<_, io::Error>(chunk), rest)
        });
        async { next }
    });
    Body::wrap_stream(chunks)
}

fn from_file(file: File, size: u64, watch: Watch, pulse: Arc<AtomicU64>) -> Body {
    // A file that grows meanwhile is cut where it was to end; the registry finds that its digest is wrong.
    let state = (file.take(size), watch, pulse);
    let chunks = stream::try_unfold(state, |(mut file, watch, pulse)| async move {
        let mut chunk = Vec::with_capacity(CHUNK);
        let count = (&mut file)
            .take(CHUNK as u64)
            .read_to_end(&mut chunk)
            .await?;
        if count == 0 {
            return Ok::<_, io::Error>(None);
        }
        watch.sent(count, &pulse);
        Ok(Some((Bytes::from(chunk), (file, watch, pulse))))
    });
    Body::wrap_stream(chunks)
}

/// No `async fn`: the type of its future would have to contain itself, as asking the other registry sends a request too.
fn from_elsewhere(
    elsewhere: &Elsewhere,
    watch: Watch,
    pulse: Arc<AtomicU64>,
) -> Result<Body, Fault> {
    let blob = elsewhere
        .registry
        .blob(&elsewhere.repository, &elsewhere.descriptor)
        .map_err(|error| error.fault)?;
    let chunks = blob
        .into_stream()
        .inspect_ok(move |chunk| watch.sent(chunk.len(), &pulse));
    Ok(Body::wrap_stream(chunks))
}

impl Watch {
    fn sent(&self, count: usize, pulse: &AtomicU64) {
        let count = count as u64;
        pulse.fetch_add(count, Ordering::Relaxed);
        self.progress.tell(Event::Bytes {
            digest: self.digest,
            count,
        });
    }
}
