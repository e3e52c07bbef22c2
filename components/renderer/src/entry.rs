//! The handler that the host calls.

#![expect(
    unsafe_code,
    reason = "`http_component` writes the exported functions, which are unsafe, into this module"
)]

use spin_sdk::http::{IncomingRequest, ResponseOutparam};
use spin_sdk::http_component;

use crate::request::Request;

#[http_component]
async fn handle(incoming: IncomingRequest, response: ResponseOutparam) {
    let request = Request::read(&incoming);
    let reply = crate::reply(&request);
    if let Err(error) = reply.send(&request.method, response).await {
        eprintln!("failed to send `{}`: {error}", request.page.path_info);
    }
}
