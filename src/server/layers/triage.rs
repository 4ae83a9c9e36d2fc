//! Questions about our health are answered whatever else is going on.

use std::convert::Infallible;
use std::task::{Context, Poll};

use futures_util::future::Either;
use http::{Request, Response};
use tonic::body::Body;
use tower::{Layer, Service};

const HEALTH: &str = "/grpc.health.v1.Health/";

/// Leads them past everything further in.
#[derive(Debug, Clone)]
pub(in crate::server) struct HealthFirst<H>(pub(in crate::server) H);

impl<S, H: Clone> Layer<S> for HealthFirst<H> {
    type Service = Triage<S, H>;

    fn layer(&self, inner: S) -> Triage<S, H> {
        Triage { inner, health: self.0.clone() }
    }
}

#[derive(Debug, Clone)]
pub(in crate::server) struct Triage<S, H> {
    inner: S,
    health: H,
}

impl<S, H> Service<Request<Body>> for Triage<S, H>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
    H: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Either<H::Future, S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        if request.uri().path().starts_with(HEALTH) {
            Either::Left(self.health.call(request))
        } else {
            Either::Right(self.inner.call(request))
        }
    }
}
