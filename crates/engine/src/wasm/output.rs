//! What a component writes to stdout and stderr: whole lines, to the log, under the component's name.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

/// Longer lines are split, so that a guest cannot make the engine hold what it never ends, in bytes.
const LONGEST_LINE: usize = 16 << 10;

/// One component's stdout and stderr during one request.
#[derive(Clone)]
pub(super) struct GuestOutput(Arc<Lines>);

struct Lines {
    component: Arc<str>,
    unfinished: Mutex<Vec<u8>>,
}

impl GuestOutput {
    pub(super) fn new(component: Arc<str>) -> GuestOutput {
        GuestOutput(Arc::new(Lines {
            component,
            unfinished: Mutex::default(),
        }))
    }
}

impl Lines {
    fn append(&self, bytes: &[u8]) {
        let mut unfinished = self
            .unfinished
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            unfinished.extend_from_slice(piece);
            if piece.ends_with(b"\n") || unfinished.len() >= LONGEST_LINE {
                self.log(&unfinished);
                unfinished.clear();
            }
        }
    }

    fn log(&self, line: &[u8]) {
        let line = String::from_utf8_lossy(line);
        let line = line.trim_end();
        if !line.is_empty() {
            tracing::info!(target: "guest", component = %self.component, "{line}");
        }
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        let unfinished = std::mem::take(
            self.unfinished
                .get_mut()
                .unwrap_or_else(PoisonError::into_inner),
        );
        self.log(&unfinished);
    }
}

impl IsTerminal for GuestOutput {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for GuestOutput {
    /// Only WASI 0.3 asks for this form, which the engine does not link.
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(tokio::io::sink())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

impl OutputStream for GuestOutput {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.0.append(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(LONGEST_LINE)
    }
}

#[async_trait]
impl Pollable for GuestOutput {
    async fn ready(&mut self) {}
}
