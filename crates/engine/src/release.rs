//! A release: an application that is ready to answer. One immutable value; nothing outside it remembers an older one.

use std::any::Any;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Once};

use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use wasmtime_wasi_http::Error as WasiError;

use crate::app::{App, Component, Target};
use crate::body::{RequestBody, ResponseBody};
use crate::outbound_hosts::AllowedHosts;
use crate::request_fields;
use crate::routes::{MatchedPath, RouteError, Routes};
use crate::variables::Variables;
use crate::wasm::{CallError, Module, Runnable, Wasm};

/// Where Spin answers that it lives, before any route.
const HEALTH_PATH: &str = "/.well-known/spin/health";

/// What a component of an application runs as.
pub struct Parts {
    /// Its compiled code, or in one line why it cannot run.
    pub module: Result<Module, String>,
    /// The environment variables it sees.
    pub environment: Vec<(String, String)>,
    /// The variables it can ask for.
    pub variables: Variables,
    /// Where it may send requests.
    pub allowed_hosts: AllowedHosts,
    /// The folder it sees as `/`, if it has files.
    pub files: Option<PathBuf>,
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
    /// What lives as long as the release, such as the trees of its files.
    _keeps: Box<dyn Any + Send + Sync>,
}

/// What a route leads to.
#[derive(Clone)]
enum Answer {
    Component(Arc<Runnable>),
    Unsupported {
        component: Arc<str>,
        reason: Arc<str>,
    },
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
            _keeps: keeps,
        })
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

    /// How many instances of components run at this moment, for all releases that share a [`Wasm`].
    #[must_use]
    pub fn running_instances(&self) -> usize {
        self.wasm.admission.running()
    }

    /// The largest body that a request may have, in bytes.
    pub(crate) fn request_body_limit(&self) -> u64 {
        self.wasm.limits.request_body
    }

    /// The status with which `path` is answered. The request runs like a client's, but nobody observes it.
    pub async fn probe(self: &Arc<Self>, path: &str) -> StatusCode {
        let request = Request::get(path)
            .header(header::HOST, "localhost")
            .body(RequestBody::Empty);
        match request {
            Ok(request) => {
                let client = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
                self.answer(request, client).await.response.status()
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
        let id = Arc::from(component.id.as_str());
        match parts.module {
            Err(reason) => Answer::Unsupported {
                component: id,
                reason: reason.into(),
            },
            Ok(module) => Answer::Component(Arc::new(Runnable {
                id,
                module,
                environment: parts.environment,
                variables: parts.variables,
                allowed_hosts: parts.allowed_hosts,
                files: parts.files,
            })),
        }
    }

    fn component_id(&self) -> Option<&Arc<str>> {
        match self {
            Answer::Component(runnable) => Some(&runnable.id),
            Answer::Unsupported { component, .. } => Some(component),
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
        }
    }
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
        Ok(self.deeper()?.answer(request).await.response)
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
        Ok(self.deeper()?.run(answer, request, &matched).await)
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
            Answer::Unsupported { component, reason } => {
                tracing::debug!("component `{component}` cannot run: {reason}");
                text(
                    StatusCode::NOT_IMPLEMENTED,
                    "This part of the site cannot run here.\n",
                )
            }
            Answer::Component(component) => {
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
            Ok(mut response) => {
                response.headers_mut().remove(web::freshness::FIELD);
                response
            }
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

/// Overload is no failure of the component, and one line for each refused request would add to it.
fn report(error: &CallError, component: &str, path: &str) {
    static OVERLOADED: Once = Once::new();
    match error {
        CallError::Busy => OVERLOADED.call_once(|| {
            tracing::warn!(
                "requests are refused with 503, as all instances are taken: see the limits"
            );
        }),
        CallError::TooDeep | CallError::Timeout(_) | CallError::Failed(_) => {
            tracing::error!("component `{component}` failed on `{path}`: {error}");
        }
    }
}

fn refusal(error: &CallError) -> Response<ResponseBody> {
    match error {
        CallError::Busy => {
            let mut response = text(
                StatusCode::SERVICE_UNAVAILABLE,
                "The site is busy. Try again soon.\n",
            );
            let headers = response.headers_mut();
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            response
        }
        CallError::Timeout(_) => text(StatusCode::GATEWAY_TIMEOUT, "The page took too long.\n"),
        CallError::TooDeep => text(
            StatusCode::LOOP_DETECTED,
            "The site calls itself without end.\n",
        ),
        CallError::Failed(_) => text(
            StatusCode::INTERNAL_SERVER_ERROR,
            "The page could not be made.\n",
        ),
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
