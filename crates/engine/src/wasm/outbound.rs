//! The way out of a component: only to the hosts its manifest allows, and back into the same application.

use std::sync::{Arc, LazyLock};

use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Request, Response, header};
use http_body_util::BodyExt;
use wasmtime_wasi_http::{
    DEFAULT_FORBIDDEN_HEADERS, Error, ForbiddenHeaderFilter, RequestOptions, WasiBody,
    WasiHttpHooks, default_send_request,
};

use super::Runnable;
use crate::body::RequestBody;
use crate::fields;
use crate::outbound_hosts::Decision;
use crate::release::Caller;

type Worker = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Sent = Result<(Response<WasiBody>, Worker), Error>;

/// Decides about one instance's outgoing requests and sends them.
pub(crate) struct Outbound {
    component: Arc<Runnable>,
    caller: Caller,
}

impl Outbound {
    pub(crate) fn new(component: Arc<Runnable>, caller: Caller) -> Outbound {
        Outbound { component, caller }
    }
}

impl WasiHttpHooks for Outbound {
    /// As by default, but `host`: a component may know which host it was asked for, as on Spin. Outgoing requests get their own below.
    fn forbidden_header_filter(&mut self) -> ForbiddenHeaderFilter {
        static FILTER: LazyLock<ForbiddenHeaderFilter> = LazyLock::new(|| {
            Arc::new(|name| *name != header::HOST && DEFAULT_FORBIDDEN_HEADERS.contains(name))
        });
        Arc::clone(&FILTER)
    }

    fn set_host_header(&mut self) -> bool {
        false
    }

    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _transmitted: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        let target = match self.component.allowed_hosts.decide(request.uri()) {
            Decision::Refused => {
                tracing::warn!(
                    "refused a request of component `{}` to `{}`: it is not in its `allowed_outbound_hosts`",
                    self.component.id,
                    origin(&request)
                );
                return Box::new(std::future::ready(Err(Error::HttpRequestDenied)));
            }
            Decision::Host => return Box::new(send_outside(request, options)),
            Decision::Application => None,
            Decision::Component(id) => Some(id.to_owned()),
        };
        Box::new(send_inside(self.caller.clone(), target, request))
    }
}

fn origin(request: &Request<WasiBody>) -> String {
    let uri = request.uri();
    format!(
        "{}://{}",
        uri.scheme_str().unwrap_or("http"),
        uri.authority().map_or("", |authority| authority.as_str())
    )
}

/// To a component by its private name, or through the routes.
async fn send_inside(
    caller: Caller,
    component: Option<String>,
    mut request: Request<WasiBody>,
) -> Sent {
    // The host of the outer request, so that what is rendered inside names the public address.
    let host =
        HeaderValue::from_str(caller.authority()).map_err(|_| Error::HttpRequestUriInvalid)?;
    request.headers_mut().insert(header::HOST, host);
    let path = request.uri().path_and_query().cloned();
    *request.uri_mut() = path
        .unwrap_or_else(|| PathAndQuery::from_static("/"))
        .into();
    let request = request.map(RequestBody::Guest);
    let response = match component {
        Some(id) => caller.call_component(&id, request).await?,
        None => caller.call_application(request).await?,
    };
    let response = response.map(|body| body.map_err(Error::from).boxed_unsync());
    let nothing_left: Worker = Box::new(std::future::ready(Ok(())));
    Ok((response, nothing_left))
}

async fn send_outside(mut request: Request<WasiBody>, options: Option<RequestOptions>) -> Sent {
    let authority = request
        .uri()
        .authority()
        .map_or("", |authority| authority.as_str());
    let host = HeaderValue::from_str(authority).map_err(|_| Error::HttpRequestUriInvalid)?;
    request.headers_mut().insert(header::HOST, host);
    let (mut response, worker) = default_send_request(request, options).await?;
    remove_connection_options(response.headers_mut());
    let worker: Worker = Box::new(worker);
    Ok((response.map(BodyExt::boxed_unsync), worker))
}

/// Removes what was for this connection alone (RFC 9110 section 7.6.1): the component does not see `Connection`, and so could not.
fn remove_connection_options(headers: &mut HeaderMap) {
    let options = fields::members(headers, &header::CONNECTION);
    let options: Vec<String> = options.map(str::to_owned).collect();
    for option in options {
        headers.remove(option);
    }
}
