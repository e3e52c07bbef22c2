//! What a client and the log are told when a component gave no response.

use std::sync::Once;

use http::{HeaderValue, Response, StatusCode, header};

use crate::body::ResponseBody;
use crate::release::text;
use crate::wasm::CallError;

/// Overload is no failure of the component, and one line for each refused request would add to it.
pub(crate) fn report(error: &CallError, component: &str, path: &str) {
    static OVERLOADED: Once = Once::new();
    match error {
        CallError::Busy => OVERLOADED.call_once(|| {
            tracing::warn!(
                "requests are refused with 503, as all instances are taken: see the limits"
            );
        }),
        // Who found it out has told it.
        CallError::Unrunnable(_) => {}
        CallError::TooDeep | CallError::Timeout(_) | CallError::Failed(_) => {
            tracing::error!("component `{component}` failed on `{path}`: {error}");
        }
    }
}

pub(crate) fn refusal(error: &CallError) -> Response<ResponseBody> {
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
        CallError::Unrunnable(_) => text(
            StatusCode::NOT_IMPLEMENTED,
            "This part of the site cannot run here.\n",
        ),
        CallError::Failed(_) => text(
            StatusCode::INTERNAL_SERVER_ERROR,
            "The page could not be made.\n",
        ),
    }
}
