//! A response that is too long to be taken over: it goes on at the pace of its reader, within the minimum throughput.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use http_body::Frame;
use http_body_util::BodyExt;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};
use wasmtime_wasi_http::WasiBody;

use super::instance::Instance;
use crate::admission::Slot;
use crate::body::Piece;
use crate::limits::Limits;

/// Moves a body from an instance to its reader, and stops the instance when either gives up.
pub(super) struct Pump {
    sender: mpsc::Sender<Piece>,
    instance: Instance,
    _slot: Slot,
    patience: Duration,
    minimum_throughput: u64,
    /// The length that the component announced.
    length: Option<u64>,
    /// Bytes that the reader took.
    sent: u64,
    /// Time that the reader made the component wait.
    waited: Duration,
}

/// The component or the reader gave up.
struct CutOff;

impl Pump {
    /// Starts to move `chunks` and what is left of `body`, and gives the reader's end.
    pub(super) fn start(
        instance: Instance,
        slot: Slot,
        limits: &Limits,
        length: Option<u64>,
        chunks: VecDeque<Bytes>,
        body: WasiBody,
    ) -> mpsc::Receiver<Piece> {
        let (sender, pieces) = mpsc::channel(1);
        instance.progress.stream();
        let pump = Pump {
            sender,
            instance,
            _slot: slot,
            patience: limits.request_timeout,
            minimum_throughput: limits.minimum_throughput.max(1),
            length,
            sent: 0,
            waited: Duration::ZERO,
        };
        tokio::spawn(pump.run(chunks, body));
        pieces
    }

    async fn run(mut self, chunks: VecDeque<Bytes>, body: WasiBody) {
        // Without an end the reader sees that something is missing, and dropping the instance stops it.
        if self.move_all(chunks, body).await.is_ok() {
            // A reader that left now has all it wanted.
            let _ = self.sender.send(Piece::End).await;
            self.instance.detach();
        }
    }

    async fn move_all(
        &mut self,
        chunks: VecDeque<Bytes>,
        mut body: WasiBody,
    ) -> Result<(), CutOff> {
        for chunk in chunks {
            self.send(chunk).await?;
        }
        while let Some(frame) = self.next(&mut body).await? {
            // Trailers are left out, as they are of responses that are taken over.
            if let Ok(chunk) = frame.into_data() {
                self.send(chunk).await?;
            }
        }
        match self.length {
            Some(length) if length == self.sent => Ok(()),
            None if !self.instance.progress.failed() => Ok(()),
            Some(_) | None => Err(CutOff),
        }
    }

    async fn next(&self, body: &mut WasiBody) -> Result<Option<Frame<Bytes>>, CutOff> {
        tokio::select! {
            frame = timeout(self.patience, body.frame()) => match frame {
                Ok(Some(Ok(frame))) => Ok(Some(frame)),
                Ok(None) => Ok(None),
                Ok(Some(Err(_))) | Err(_) => Err(CutOff),
            },
            () = self.sender.closed() => Err(CutOff),
        }
    }

    /// The reader may wait for `patience` in all, and for what it took at the minimum throughput.
    async fn send(&mut self, chunk: Bytes) -> Result<(), CutOff> {
        self.sent += chunk.len() as u64;
        let due = Duration::from_secs(self.sent / self.minimum_throughput);
        let budget = (self.patience + due).saturating_sub(self.waited);
        let start = Instant::now();
        let sent = timeout(budget, self.sender.send(Piece::Chunk(chunk))).await;
        self.waited += start.elapsed();
        match sent {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(CutOff),
        }
    }
}
