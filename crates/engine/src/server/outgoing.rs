//! A response on its way: as long as a request is answered, its connection has no deadline of its own.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Response, Version};
use http_body::{Body, Frame, SizeHint};

use super::request::Client;
use crate::body::{BodyError, ResponseBody};

/// A request that is being answered, until this is dropped.
pub(super) struct Answering(Arc<Client>);

/// The body of a response. In HTTP/1 the request is being answered until its last byte has left it.
pub(super) struct Outgoing {
    body: ResponseBody,
    _answering: Option<Answering>,
}

impl Answering {
    pub(super) fn begin(client: Arc<Client>) -> Answering {
        client.pulse.begin();
        Answering(client)
    }

    pub(super) fn client(&self) -> &Client {
        &self.0
    }

    /// Sends `response`. An HTTP/2 client may never ask for its bytes, and yet take all that is written, so only the head counts there.
    pub(super) fn send(
        self,
        response: Response<ResponseBody>,
        version: Version,
    ) -> Response<Outgoing> {
        let answering = (version < Version::HTTP_2).then_some(self);
        response.map(|body| Outgoing {
            body,
            _answering: answering,
        })
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.pulse.end();
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
