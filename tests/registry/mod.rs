//! A registry in the test's own process, on threads: it keeps what is pushed to it, records every request, and fails as a test tells it to.
//!
//! Any crate's tests can include this file by its path.

pub(crate) mod docker;
mod shelf;
mod wire;

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use shelf::Shelf;
pub(crate) use wire::{Answer, Request};

/// Answers a request instead of the registry, or leaves it to it.
type Script = Box<dyn FnMut(&Request) -> Option<Answer> + Send>;

/// The registry.
#[derive(Clone)]
pub(crate) struct ScriptedRegistry {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    shelf: Shelf,
    scripts: Vec<Script>,
    requests: Vec<Request>,
}

impl ScriptedRegistry {
    /// An empty one, on a free port of loopback.
    pub(crate) fn start() -> ScriptedRegistry {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let registry = ScriptedRegistry {
            address: listener.local_addr().expect("it is bound"),
            state: Arc::default(),
        };
        let served = registry.clone();
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let served = served.clone();
                thread::spawn(move || served.serve(connection));
            }
        });
        registry
    }

    /// Its address.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its host and port, as references have them.
    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }

    /// Lets `script` answer before the registry does, and before the scripts that were there.
    pub(crate) fn script(&self, script: impl FnMut(&Request) -> Option<Answer> + Send + 'static) {
        self.state().scripts.insert(0, Box::new(script));
    }

    /// Gives `answer` to the next `times` requests of a method whose path has `part` in it.
    pub(crate) fn fail(
        &self,
        method: &'static str,
        part: &'static str,
        times: usize,
        answer: Answer,
    ) {
        let mut left = times;
        self.script(move |request| {
            let meant = request.method == method && request.path.contains(part) && left > 0;
            meant.then(|| {
                left -= 1;
                answer.clone()
            })
        });
    }

    /// Puts a blob into a repository.
    pub(crate) fn put_blob(&self, repository: &str, bytes: &[u8]) {
        self.state().shelf.put_blob(repository, bytes);
    }

    /// Puts a manifest into a repository, under a tag.
    pub(crate) fn put_manifest(&self, repository: &str, tag: &str, bytes: &[u8]) {
        self.state().shelf.put_manifest(repository, tag, bytes);
    }

    /// The requests so far, as `METHOD path`, in the order in which they were answered.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.requests().iter().map(Request::line).collect()
    }

    /// The requests so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.state().requests.clone()
    }

    /// Forgets the requests so far.
    pub(crate) fn forget_requests(&self) {
        self.state().requests.clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, mut connection: TcpStream) {
        while let Some(request) = wire::read(&mut connection) {
            let answer = self.answer(&request);
            self.state().requests.push(request.clone());
            if !wire::write(&mut connection, &request, answer) {
                return;
            }
        }
    }

    fn answer(&self, request: &Request) -> Answer {
        let mut state = self.state();
        let scripted = state.scripts.iter_mut().find_map(|script| script(request));
        scripted.unwrap_or_else(|| state.shelf.answer(request))
    }
}
