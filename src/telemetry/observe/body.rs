//! The body of an answer: its trailers tell how the call ended.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tonic::Code;

use super::call::{self, Call};

pin_project! {
    /// The body of a call that is observed; otherwise the same.
    #[derive(Debug)]
    pub struct ObservedBody<B> {
        #[pin]
        body: B,
        call: Call,
    }
}

impl<B> ObservedBody<B> {
    pub(super) fn new(body: B, call: Call) -> Self {
        Self { body, call }
    }
}

impl<B: Body> Body for ObservedBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        let frame = ready!(this.body.poll_frame(cx));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(trailers) = frame.trailers_ref() {
                    this.call.end(call::code(trailers).unwrap_or(Code::Unknown));
                }
            }
            // A stream of gRPC ends with trailers; one without them was cut.
            Some(Err(_)) | None => this.call.end(Code::Unknown),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
