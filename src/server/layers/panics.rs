//! A panic in a handler is one call's end, not its connection's: counted, and answered without detail.

use std::convert::Infallible;
use std::future::{Future, Ready, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::FutureExt as _;
use futures_util::future::{CatchUnwind, Either};
use http::{Request, Response};
use pin_project_lite::pin_project;
use tonic::body::Body;
use tower::{Layer, Service};

use crate::grpc::status;
use crate::telemetry::Metrics;

/// Answers `INTERNAL` where the inner service panics.
#[derive(Debug, Clone)]
pub(in crate::server) struct Panics(pub(in crate::server) Metrics);

impl<S> Layer<S> for Panics {
    type Service = Caught<S>;

    fn layer(&self, inner: S) -> Caught<S> {
        Caught { inner, metrics: self.0.clone() }
    }
}

#[derive(Debug, Clone)]
pub(in crate::server) struct Caught<S> {
    inner: S,
    metrics: Metrics,
}

impl<S> Service<Request<Body>> for Caught<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Either<Ready<Result<Response<Body>, Infallible>>, Catching<S::Future>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        match catch_unwind(AssertUnwindSafe(|| self.inner.call(request))) {
            Ok(answered) => Either::Right(Catching {
                inner: AssertUnwindSafe(answered).catch_unwind(),
                metrics: self.metrics.clone(),
            }),
            Err(_) => Either::Left(ready(Ok(answer(&self.metrics)))),
        }
    }
}

fn answer(metrics: &Metrics) -> Response<Body> {
    metrics.panicked();
    status::internal().into_http()
}

pin_project! {
    pub(in crate::server) struct Catching<F> {
        #[pin]
        inner: CatchUnwind<AssertUnwindSafe<F>>,
        metrics: Metrics,
    }
}

impl<F: Future<Output = Result<Response<Body>, Infallible>>> Future for Catching<F> {
    type Output = Result<Response<Body>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.inner.poll(cx).map(|answered| answered.unwrap_or_else(|_| Ok(answer(this.metrics))))
    }
}
