//! What one request, and all requests together, may use.

use std::time::Duration;

/// Bounds of the engine. Each has a documented default and a clear answer when it is reached.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Requests that run in Wasm at once. Further ones wait for `queue_timeout` and are then answered 503.
    pub concurrency: usize,
    /// How long a request waits for a free instance before it is answered 503 with `Retry-After`.
    pub queue_timeout: Duration,
    /// Time from the request to the end of its answer, or to the start of a streamed one. After it, 504.
    pub request_timeout: Duration,
    /// Each linear memory of one instance, in bytes; nearly all components have one. An instance that needs more traps: 500.
    pub memory: usize,
    /// How deep calls to `http://self` may nest. Deeper ones fail with `loop-detected`.
    pub self_call_depth: usize,
    /// Instances kept for calls to `http://self` at each depth, so that a full pool cannot wait for itself.
    pub self_calls: usize,
    /// Request bodies that announce more than this many bytes are refused: 413. Of others the component cannot read more.
    pub request_body: u64,
    /// Response bodies up to this many bytes are taken over before they are sent, which frees the instance.
    pub buffered_body: usize,
    /// Longer responses that stream at once. Each holds an instance as long as its reader reads; further ones are answered 503.
    pub streams: usize,
    /// A reader of a streamed response that takes less, in bytes per second, is cut off.
    pub minimum_throughput: u64,
    /// Responses that each release keeps to answer with again, in bytes; 0 keeps none. The oldest that nobody asks for make room.
    pub response_cache: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            concurrency: 64,
            queue_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(30),
            memory: 128 << 20,
            self_call_depth: 3,
            self_calls: 8,
            request_body: 16 << 20,
            buffered_body: 1 << 20,
            streams: 16,
            minimum_throughput: 4 << 10,
            response_cache: 0,
        }
    }
}

impl Limits {
    /// Instances that can exist at once: what the pooling allocator reserves.
    #[must_use]
    pub fn instances(&self) -> usize {
        self.concurrency + self.self_call_depth * self.self_calls
    }
}
