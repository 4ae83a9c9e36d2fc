//! Sizes, and what a call over them is told.

use std::convert::Infallible;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::future::Either;
use http::{HeaderMap, Request, Response};
use pin_project_lite::pin_project;
use tonic::body::Body;
use tonic::{Code, Status};
use tower::{Layer, Service};

use crate::grpc::status;

/// Turns away calls with too much metadata, and tells of requests that are too large as the contract does.
#[derive(Debug, Clone, Copy)]
pub(in crate::server) struct Sizes {
    metadata_bytes: usize,
}

impl Sizes {
    pub(in crate::server) fn of(metadata_bytes: usize) -> Self {
        Self { metadata_bytes }
    }
}

impl<S> Layer<S> for Sizes {
    type Service = Measured<S>;

    fn layer(&self, inner: S) -> Measured<S> {
        Measured { inner, sizes: *self }
    }
}

#[derive(Debug, Clone)]
pub(in crate::server) struct Measured<S> {
    inner: S,
    sizes: Sizes,
}

impl<S> Service<Request<Body>> for Measured<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Either<Ready<Result<Response<Body>, Infallible>>, Refusals<S::Future>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let (size, most) = (size_of(request.headers()), self.sizes.metadata_bytes);
        if size > most {
            let message = format!("the metadata has {size} bytes, and {most} are taken");
            return Either::Left(ready(Ok(status::too_large(&message).into_http())));
        }
        Either::Right(Refusals { inner: self.inner.call(request) })
    }
}

fn size_of(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum()
}

pin_project! {
    pub(in crate::server) struct Refusals<F> {
        #[pin]
        inner: F,
    }
}

impl<F: Future<Output = Result<Response<Body>, Infallible>>> Future for Refusals<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().inner.poll(cx).map(|answered| answered.map(refusal))
    }
}

/// Turns the transport's `OUT_OF_RANGE` into what the contract says of a request that is too large. Nothing of ours is ever out of
/// range.
fn refusal(response: Response<Body>) -> Response<Body> {
    if !response.headers().contains_key(Status::GRPC_STATUS) {
        return response;
    }
    match Status::from_header_map(response.headers()) {
        Some(refused) if refused.code() == Code::OutOfRange => status::too_large(refused.message()).into_http(),
        _ => response,
    }
}
