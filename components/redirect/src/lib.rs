//! The redirect: request, `Location`. The rules are in `web::redirect`; here they meet `wasi:http` and the variables of
//! Spin.

use http::{Method, Response};
use spin_sdk::variables;
use wasi::exports::http::incoming_handler::Guest;
use wasi::http::types::{
    ErrorCode, Fields, IncomingRequest, Method as WasiMethod, OutgoingResponse, ResponseOutparam,
};
use web::freshness::{self, Freshness};
use web::redirect::Redirect;

struct RedirectComponent;

wasi::http::proxy::export!(RedirectComponent);

impl Guest for RedirectComponent {
    fn handle(request: IncomingRequest, response: ResponseOutparam) {
        let target = request.path_with_query().unwrap_or_default();
        let path = target.split('?').next().unwrap_or_default();
        let mut answer =
            Redirect::from_variables(variable).answer(&method(&request.method()), path);
        answer
            .headers_mut()
            .insert(freshness::FIELD, Freshness::RELEASE.to_header_value());
        ResponseOutparam::set(response, outgoing(&answer));
    }
}

/// A variable of the component, or else of the environment, where its name is in upper case.
fn variable(name: &str) -> Option<String> {
    variables::get(name)
        .ok()
        .or_else(|| std::env::var(name.to_ascii_uppercase()).ok())
}

fn method(method: &WasiMethod) -> Method {
    match method {
        WasiMethod::Post => Method::POST,
        WasiMethod::Put => Method::PUT,
        // The others are all redirected alike.
        _ => Method::GET,
    }
}

fn outgoing(answer: &Response<()>) -> Result<OutgoingResponse, ErrorCode> {
    let entries: Vec<_> = answer
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
        .collect();
    let fields = Fields::from_list(&entries)
        .map_err(|error| ErrorCode::InternalError(Some(error.to_string())))?;
    let response = OutgoingResponse::new(fields);
    response
        .set_status_code(answer.status().as_u16())
        .map_err(|()| ErrorCode::InternalError(Some("the host refused the status".to_owned())))?;
    Ok(response)
}
