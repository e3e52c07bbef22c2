//! A release: an application that is ready to answer. One immutable value; nothing outside it remembers an older one.

use std::any::Any;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use wasmtime_wasi_http::Error as WasiError;

use crate::app::{App, Component, Target};
use crate::body::{RequestBody, ResponseBody};
use crate::cache::{CacheUsage, ResponseCache, fetch};
use crate::clock::Clock;
use crate::limits::Limits;
use crate::observation::Caching;
use crate::outbound_hosts::AllowedHosts;
use crate::refusal::{refusal, report};
use crate::request_fields;
use crate::routes::{MatchedPath, RouteError, Routes};
use crate::variables::Variables;
use crate::wasm::{CallError, Code, Runnable, Wasm};

/// Where Spin answers that it lives, before any route.
const HEALTH_PATH: &str = "/.well-known/spin/health";

/// What a component of an application runs as.
pub struct Parts {
    /// Its code.
    pub code: Code,
    /// The environment variables it sees.
    pub environment: Vec<(String, String)>,
    /// The variables it can ask for.
    pub variables: Variables,
    /// Where it may send requests.
    pub allowed_hosts: AllowedHosts,
    /// The folder it sees as `/`, if it has files.
    pub files: Option<PathBuf>,
    /// Whether it is one of bart's own, whose word counts on how long its responses may be stored.
    pub is_bundled: bool,
}

/// An application that is ready to answer requests.
pub struct Release {
    wasm: Arc<Wasm>,
    routes: Routes,
    /// The names of the triggers, in the order of the application.
    triggers: Vec<String>,
    /// What each trigger answers with, in the order of the application.
    answers: Vec<Answer>,
    components: BTreeMap<String, Answer>,
    /// What was answered, unless nothing is stored.
    cache: Option<ResponseCache>,
    /// What lives as long as the release, such as the trees of its files.
    _keeps: Box<dyn Any + Send + Sync>,
}

/// What a route leads to.
#[derive(Clone)]
enum Answer {
    Component(Arc<Runnable>),
    Static(Arc<StaticResponse>),
}

struct StaticResponse {
    status: StatusCode,
    headers: HeaderMap,
    body: bytes::Bytes,
}

/// A response, and who made it.
pub(crate) struct Answered {
    pub(crate) response: Response<ResponseBody>,
    /// The component, unless the engine answered itself.
    pub(crate) component: Option<Arc<str>>,
    pub(crate) caching: Caching,
}

/// On whose behalf a request runs: the client's request, and how many calls to self lie between.
#[derive(Clone)]
pub(crate) struct Caller {
    release: Arc<Release>,
    client: SocketAddr,
    authority: Arc<str>,
    depth: usize,
}

impl Release {
    /// Makes `app` ready: its routes, and its components with their parts, by component id. `keeps` is dropped with the release.
    ///
    /// # Errors
    ///
    /// When two routes clash or one is malformed.
    ///
    /// # Panics
    ///
    /// When `parts` lacks a component of `app`: the caller makes one from the other.
    pub fn new(
        wasm: &Arc<Wasm>,
        app: &App,
        mut parts: BTreeMap<String, Parts>,
        keeps: Box<dyn Any + Send + Sync>,
    ) -> Result<Release, RouteError> {
        let components: BTreeMap<String, Answer> = app
            .components
            .iter()
            .map(|component| {
                let parts = parts
                    .remove(&component.id)
                    .expect("every component of an application has parts");
                (component.id.clone(), Answer::component(component, parts))
            })
            .collect();
        let answers = app
            .triggers
            .iter()
            .map(|trigger| Answer::of(&trigger.target, &components))
            .collect();
        Ok(Release {
            wasm: Arc::clone(wasm),
            routes: Routes::build(&app.base_path, &app.triggers)?,
            triggers: app
                .triggers
                .iter()
                .map(|trigger| trigger.id.clone())
                .collect(),
            answers,
            components,
            cache: ResponseCache::new(&wasm.limits),
            _keeps: keeps,
        })
    }

    /// The same release, whose stored responses age by `clock`.
    #[must_use]
    pub fn timed_by(mut self, clock: Clock) -> Release {
        if let Some(cache) = &mut self.cache {
            cache.set_clock(clock);
        }
        self
    }

    /// What its stored responses take; `None` where none are stored.
    #[must_use]
    pub fn cache_usage(&self) -> Option<CacheUsage> {
        self.cache.as_ref().map(ResponseCache::usage)
    }

    /// The routes that no request reaches since another trigger has the same, a line each.
    pub fn unreachable(&self) -> impl Iterator<Item = String> {
        let name = |trigger: usize| &self.triggers[trigger];
        self.routes.duplicates().iter().map(move |duplicate| {
            format!(
                "trigger `{}` is never reached: `{}` has the same route",
                name(duplicate.unreachable),
                name(duplicate.answers)
            )
        })
    }

    /// The code of the component that answers `path`, if one does.
    #[must_use]
    pub fn code_for(&self, path: &str) -> Option<&Code> {
        match &self.answers[self.routes.find(path)?.trigger] {
            Answer::Component(component) => Some(&component.code),
            Answer::Static(_) => None,
        }
    }

    /// The code of all components.
    pub fn codes(&self) -> impl Iterator<Item = &Code> {
        self.components.values().filter_map(|answer| match answer {
            Answer::Component(component) => Some(&component.code),
            Answer::Static(_) => None,
        })
    }

    /// How many instances of components run at this moment, for all releases that share a [`Wasm`].
    #[must_use]
    pub fn running_instances(&self) -> usize {
        self.wasm.admission.running()
    }

    /// The largest body that a request may have, in bytes.
    pub(crate) fn request_body_limit(&self) -> u64 {
        self.wasm.limits.request_body
    }

    /// The bounds of the engine.
    pub(crate) fn limits(&self) -> &Limits {
        &self.wasm.limits
    }

    /// Whether the component that answers a path is one of bart's own; `None` where no component answers it.
    pub(crate) fn is_bundled(&self, path: &str) -> Option<bool> {
        if path == HEALTH_PATH {
            return None;
        }
        match &self.answers[self.routes.find(path)?.trigger] {
            Answer::Component(component) => Some(component.is_bundled),
            Answer::Static(_) => None,
        }
    }

    /// The status with which `path` is answered. The request runs like a client's, but nobody observes it, and what is stored does not count.
    pub async fn probe(self: &Arc<Self>, path: &str) -> StatusCode {
        let request = Request::get(path)
            .header(header::HOST, "localhost")
            .body(RequestBody::Empty);
        match request {
            Ok(request) => {
                let client = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
                self.run(request, client).await.response.status()
            }
            Err(_) => StatusCode::BAD_REQUEST,
        }
    }

    /// Answers a request that came over a connection from `client`.
    pub(crate) async fn answer(
        self: &Arc<Self>,
        request: Request<RequestBody>,
        client: SocketAddr,
    ) -> Answered {
        let Some(cache) = &self.cache else {
            return self.run(request, client).await;
        };
        match cache.look_up(&request) {
            Some(answered) => answered,
            // In a box, as each connection has room for this future, and the other way is short.
            None => Box::pin(fetch(self, cache, request, client)).await,
        }
    }

    /// Answers a request without the cache.
    pub(crate) async fn run(
        self: &Arc<Self>,
        request: Request<RequestBody>,
        client: SocketAddr,
    ) -> Answered {
        self.run_with_internals(request, client)
            .await
            .without_internals()
    }

    /// The same, with the field in which bart's own components say how long the response may be stored.
    pub(crate) async fn run_with_internals(
        self: &Arc<Self>,
        request: Request<RequestBody>,
        client: SocketAddr,
    ) -> Answered {
        let authority = authority(&request);
        let caller = Caller {
            release: Arc::clone(self),
            client,
            authority,
            depth: 0,
        };
        caller.answer(request).await
    }
}

impl Answer {
    fn component(component: &Component, parts: Parts) -> Answer {
        Answer::Component(Arc::new(Runnable {
            id: Arc::from(component.id.as_str()),
            code: parts.code,
            environment: parts.environment,
            variables: parts.variables,
            allowed_hosts: parts.allowed_hosts,
            files: parts.files,
            is_bundled: parts.is_bundled,
        }))
    }

    fn component_id(&self) -> Option<&Arc<str>> {
        match self {
            Answer::Component(runnable) => Some(&runnable.id),
            Answer::Static(_) => None,
        }
    }

    fn of(target: &Target, components: &BTreeMap<String, Answer>) -> Answer {
        match target {
            Target::Component(id) => components
                .get(id)
                .expect("a manifest whose trigger names no component is refused")
                .clone(),
            Target::StaticResponse(response) => Answer::Static(Arc::new(StaticResponse {
                status: response.status,
                headers: without_framing(response.headers.clone()),
                body: response.body.clone().into(),
            })),
        }
    }
}

impl From<Response<ResponseBody>> for Answered {
    fn from(response: Response<ResponseBody>) -> Answered {
        Answered {
            response,
            component: None,
            caching: Caching::Bypass,
        }
    }
}

impl Answered {
    /// The same, for the client.
    pub(crate) fn without_internals(mut self) -> Answered {
        self.response = without_internals(self.response);
        self
    }
}

/// The response as anyone but the cache may see it.
fn without_internals(mut response: Response<ResponseBody>) -> Response<ResponseBody> {
    response.headers_mut().remove(web::freshness::FIELD);
    response
}

/// Where a response ends is the server's to say: a wrong length in a manifest would run into the next response (RFC 9112 section 6).
fn without_framing(mut headers: HeaderMap) -> HeaderMap {
    for name in [
        header::CONTENT_LENGTH,
        header::TRANSFER_ENCODING,
        header::CONNECTION,
    ] {
        headers.remove(name);
    }
    headers
}

impl Caller {
    /// How many calls to self lie between the client's request and this one.
    pub(crate) fn depth(&self) -> usize {
        self.depth
    }

    /// The authority that the client asked.
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    /// A request of a component to its own application.
    pub(crate) async fn call_application(
        &self,
        request: Request<RequestBody>,
    ) -> Result<Response<ResponseBody>, WasiError> {
        let answered = self.deeper()?.answer(request).await;
        Ok(without_internals(answered.response))
    }

    /// A request of a component to the component `id` of its application, whatever its routes.
    pub(crate) async fn call_component(
        &self,
        id: &str,
        request: Request<RequestBody>,
    ) -> Result<Response<ResponseBody>, WasiError> {
        let answer = self
            .release
            .components
            .get(id)
            .ok_or(WasiError::DestinationNotFound)?;
        let uri = request.uri().clone();
        let matched = MatchedPath::private(uri.path());
        let response = self.deeper()?.run(answer, request, &matched).await;
        Ok(without_internals(response))
    }

    fn deeper(&self) -> Result<Caller, WasiError> {
        if self.depth == self.release.wasm.limits.self_call_depth {
            return Err(WasiError::LoopDetected);
        }
        Ok(Caller {
            depth: self.depth + 1,
            ..self.clone()
        })
    }

    async fn answer(&self, request: Request<RequestBody>) -> Answered {
        let uri = request.uri().clone();
        if uri.path() == HEALTH_PATH {
            return text(StatusCode::OK, "OK").into();
        }
        let Some(found) = self.release.routes.find(uri.path()) else {
            return empty(StatusCode::NOT_FOUND).into();
        };
        let answer = &self.release.answers[found.trigger];
        Answered {
            response: self.run(answer, request, &found.matched).await,
            component: answer.component_id().cloned(),
            caching: Caching::Bypass,
        }
    }

    async fn run(
        &self,
        answer: &Answer,
        mut request: Request<RequestBody>,
        matched: &MatchedPath<'_, '_>,
    ) -> Response<ResponseBody> {
        match answer {
            Answer::Static(fixed) => fixed.response(),
            Answer::Component(component) => {
                if let Some(reason) = component.code.failure() {
                    return refusal(&CallError::Unrunnable(reason));
                }
                let uri = request.uri().clone();
                request_fields::set(
                    request.headers_mut(),
                    matched,
                    &uri,
                    &self.authority,
                    self.client,
                );
                self.call(component, request).await
            }
        }
    }

    async fn call(
        &self,
        component: &Arc<Runnable>,
        request: Request<RequestBody>,
    ) -> Response<ResponseBody> {
        let uri = request.uri().clone();
        match self
            .release
            .wasm
            .call(component, request, self.clone())
            .await
        {
            Ok(response) => response,
            Err(error) => {
                report(&error, &component.id, uri.path());
                refusal(&error)
            }
        }
    }
}

impl StaticResponse {
    fn response(&self) -> Response<ResponseBody> {
        let mut response = Response::new(ResponseBody::whole(self.body.clone()));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers.clone();
        response
    }
}

/// The host that the client asked, which the server has checked.
fn authority(request: &Request<RequestBody>) -> Arc<str> {
    let host = request.headers().get(header::HOST);
    let host = host.and_then(|host| host.to_str().ok());
    host.unwrap_or_default().into()
}

pub(crate) fn text(status: StatusCode, text: &'static str) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::whole(text));
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    response
}

fn empty(status: StatusCode) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::empty());
    *response.status_mut() = status;
    response
}
