//! One request through one fresh instance.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, Method, Request, Response, header};
use http_body::Body;
use http_body_util::BodyExt;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};
use wasmtime::Store;
use wasmtime_wasi_http::p2::bindings::http::types::{ErrorCode, Scheme};
use wasmtime_wasi_http::{WasiBody, WasiHttpView};

use super::guest::Guest;
use super::instance::{Instance, Progress};
use super::outbound::Outbound;
use super::stream::Pump;
use super::{Runnable, Wasm};
use crate::admission::{Refused, Slot};
use crate::body::{RequestBody, ResponseBody};
use crate::release::Caller;

/// How long a response is held back until it is whole, which frees its instance; one that takes longer is passed on as it comes.
const HELD_BACK: Duration = Duration::from_secs(1);

type Called = Result<Response<ResponseBody>, CallError>;

type Head = Result<Response<WasiBody>, ErrorCode>;

/// Why a component gave no response.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// No instance became free in time.
    #[error("all instances are taken")]
    Busy,
    /// Calls to `http://self` are nested too deeply.
    #[error("calls to `http://self` are nested too deeply")]
    TooDeep,
    /// The response did not come in time.
    #[error("no response within {0:?}")]
    Timeout(Duration),
    /// The component cannot run here: a predicate, as in "cannot run: ...".
    #[error("it {0}")]
    Unrunnable(Arc<str>),
    /// The component trapped, failed, or ended without a response.
    #[error("{0}")]
    Failed(String),
}

impl From<Refused> for CallError {
    fn from(refused: Refused) -> CallError {
        match refused {
            Refused::Busy => CallError::Busy,
            Refused::TooDeep => CallError::TooDeep,
        }
    }
}

impl Wasm {
    /// Runs `component` for one request, on the threads of instances. When the result is dropped before it is there, the instance is stopped.
    ///
    /// The future is boxed, since each connection keeps room for the largest there may be.
    pub(crate) fn call<'a>(
        self: &'a Arc<Self>,
        component: &Arc<Runnable>,
        request: Request<RequestBody>,
        caller: Caller,
    ) -> Pin<Box<dyn Future<Output = Called> + Send + 'a>> {
        let component = Arc::clone(component);
        Box::pin(async move {
            // Before the threads, since those are busy when there is none.
            let slot = self.admission.instance(caller.depth()).await?;
            let wasm = Arc::clone(self);
            let work = async move { wasm.run(&component, request, caller, slot).await };
            self.workers.run(work).await
        })
    }

    async fn run(
        &self,
        component: &Arc<Runnable>,
        request: Request<RequestBody>,
        caller: Caller,
        slot: Slot,
    ) -> Called {
        let depth = caller.depth();
        let without_body = *request.method() == Method::HEAD;
        let (instance, head) = self.start(component, request, caller, slot)?;
        let response = match timeout_at(instance.progress.deadline, head).await {
            Ok(Ok(Ok(response))) => response,
            Ok(Ok(Err(code))) => {
                return Err(CallError::Failed(format!(
                    "it answered with the error `{code:?}`"
                )));
            }
            Ok(Err(_)) => return Err(instance.failure().await),
            Err(_) => return Err(CallError::Timeout(self.limits.request_timeout)),
        };
        if without_body {
            // Whatever it announces and sends, nobody reads it (RFC 9110 section 9.3.2).
            return Ok(response.map(|_| ResponseBody::empty()));
        }
        self.take_over(response, instance, depth).await
    }

    fn start(
        &self,
        component: &Arc<Runnable>,
        request: Request<RequestBody>,
        caller: Caller,
        slot: Slot,
    ) -> Result<(Instance, oneshot::Receiver<Head>), CallError> {
        let outbound = Outbound::new(Arc::clone(component), caller);
        let guest = Guest::new(component, outbound, self.limits.memory).map_err(failed)?;
        let (sender, head) = oneshot::channel();
        let progress = Progress::new(self.limits.request_timeout);
        let (component, observed) = (Arc::clone(component), Arc::clone(&progress));
        let running = self.ticker.enter().map_err(failed)?;
        let instance = Instance::spawn(progress, async move {
            let _held = (slot, running);
            handle(guest, &component, request, sender, &observed).await
        });
        Ok((instance, head))
    }

    /// Reads a short body to its end, which frees the instance; a longer one goes on as a stream.
    async fn take_over(
        &self,
        response: Response<WasiBody>,
        instance: Instance,
        depth: usize,
    ) -> Result<Response<ResponseBody>, CallError> {
        let (parts, mut body) = response.into_parts();
        let declared = content_length(&parts.headers);
        let until = instance.progress.deadline.min(Instant::now() + HELD_BACK);
        let mut chunks = VecDeque::new();
        let mut size = 0;
        while size <= self.limits.buffered_body {
            match timeout_at(until, body.frame()).await {
                Err(_) if until == instance.progress.deadline => {
                    return Err(CallError::Timeout(self.limits.request_timeout));
                }
                Err(_) => break,
                Ok(None) => {
                    whole(size as u64, declared, instance).await?;
                    return Ok(Response::from_parts(parts, ResponseBody::Whole(chunks)));
                }
                Ok(Some(Err(error))) => return Err(CallError::Failed(error.to_string())),
                Ok(Some(Ok(frame))) => {
                    if let Ok(chunk) = frame.into_data() {
                        size += chunk.len();
                        chunks.push_back(chunk);
                    }
                }
            }
        }
        let slot = self.admission.stream(depth).await?;
        let length = declared.or_else(|| Some(body.size_hint().exact()? + size as u64));
        let pieces = Pump::start(instance, slot, &self.limits, length, chunks, body);
        Ok(Response::from_parts(
            parts,
            ResponseBody::Streamed { pieces, length },
        ))
    }
}

/// Whether a body that ended is all that its component had to say. A wrong length would make the client take a part of the next response
/// for a part of this one.
async fn whole(size: u64, declared: Option<u64>, instance: Instance) -> Result<(), CallError> {
    match declared {
        Some(declared) if declared == size => {}
        None if !instance.progress.failed() => {}
        Some(declared) if !instance.progress.failed() => {
            return Err(CallError::Failed(format!(
                "it sent {size} bytes and a `Content-Length` of {declared}"
            )));
        }
        Some(_) | None => return Err(instance.failure().await),
    }
    instance.detach();
    Ok(())
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

async fn handle(
    guest: Guest,
    component: &Runnable,
    request: Request<RequestBody>,
    response: oneshot::Sender<Head>,
    progress: &Progress,
) -> Result<(), CallError> {
    // At a start the first request waits for this, with its files open.
    let module = component.code.get().await.map_err(CallError::Unrunnable)?;
    let mut store = Store::new(module.0.engine(), guest);
    let unfinished = progress.begin();
    store.limiter(|guest| &mut guest.limits);
    store.set_epoch_deadline(1);
    store.epoch_deadline_async_yield_and_update(1);
    let http = &mut store.data_mut().http();
    let request = http
        .new_incoming_request(Scheme::Http, request)
        .map_err(failed)?;
    let outparam = http.new_response_outparam(response).map_err(failed)?;
    let proxy = module.0.instantiate_async(&mut store).await;
    let proxy = proxy.map_err(failed)?;
    let handler = proxy.wasi_http_incoming_handler();
    let handled = handler.call_handle(&mut store, request, outparam).await;
    handled.map_err(failed)?;
    unfinished.finish();
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "the shape of `map_err`")]
fn failed(error: wasmtime::Error) -> CallError {
    CallError::Failed(format!("{error:#}"))
}
