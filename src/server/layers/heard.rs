//! What comes in on a stream, which is of no use once its answer is over: whoever still waits for more would keep the stream open for
//! as long as its client does.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use http_body::Frame;
use tokio::sync::oneshot;
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::Bytes;

/// Goes with the answer: what is heard is over when this is dropped.
#[derive(Debug)]
pub(super) struct Listening(#[expect(dead_code, reason = "it is held, not used")] oneshot::Sender<Infallible>);

/// The body of a request that is over when its answer is.
#[derive(Debug)]
struct Heard {
    /// `None`: it is over.
    body: Option<Body>,
    over: oneshot::Receiver<Infallible>,
}

/// `body` for as long as somebody is listening.
pub(super) fn while_listening(body: Body) -> (Body, Listening) {
    let (listening, over) = oneshot::channel();
    (Body::new(Heard { body: Some(body), over }), Listening(listening))
}

impl http_body::Body for Heard {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if self.body.is_some() && Pin::new(&mut self.over).poll(cx).is_ready() {
            self.body = None;
        }
        match &mut self.body {
            Some(body) => Pin::new(body).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }
}
