//! As many calls as the server can answer in time; the rest is turned away at once, before it costs anything.
//!
//! A call counts from the moment that its headers are here, so that calls which wait for their turn count too.

use std::convert::Infallible;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use futures_util::future::Either;
use http::{Request, Response};
use pin_project_lite::pin_project;
use tonic::body::Body;
use tower::{Layer, Service};

use crate::grpc::status;
use crate::telemetry::{Metrics, Shed};

/// Calls under way.
#[derive(Debug, Default)]
pub(in crate::server) struct Count(AtomicUsize);

/// One of them, until it is dropped.
#[derive(Debug)]
pub(in crate::server) struct Place(Arc<Count>);

impl Count {
    /// A place, where there are fewer than `limit` taken.
    fn enter(self: &Arc<Self>, limit: usize) -> Option<Place> {
        let place = Place(Arc::clone(self));
        // A place that is given back at once does no harm.
        (self.0.fetch_add(1, Ordering::Relaxed) < limit).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Turns calls away with `RESOURCE_EXHAUSTED` while `limit` others are under way.
#[derive(Debug, Clone)]
pub(in crate::server) struct Crowd {
    count: Arc<Count>,
    limit: usize,
    metrics: Metrics,
}

impl Crowd {
    pub(in crate::server) fn of(limit: usize, metrics: Metrics) -> Self {
        Self { count: Arc::default(), limit, metrics }
    }
}

impl<S> Layer<S> for Crowd {
    type Service = Crowded<S>;

    fn layer(&self, inner: S) -> Crowded<S> {
        Crowded { inner, crowd: self.clone() }
    }
}

#[derive(Debug, Clone)]
pub(in crate::server) struct Crowded<S> {
    inner: S,
    crowd: Crowd,
}

impl<S> Service<Request<Body>> for Crowded<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Either<Ready<Result<Response<Body>, Infallible>>, Placed<S::Future>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let Some(place) = self.crowd.count.enter(self.crowd.limit) else {
            self.crowd.metrics.shed(Shed::Server);
            return Either::Left(ready(Ok(status::overloaded().into_http())));
        };
        Either::Right(Placed { inner: self.inner.call(request), place })
    }
}

pin_project! {
    /// A call that keeps its place until it is answered.
    pub(in crate::server) struct Placed<F> {
        #[pin]
        inner: F,
        place: Place,
    }
}

impl<F: Future> Future for Placed<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().inner.poll(cx)
    }
}
