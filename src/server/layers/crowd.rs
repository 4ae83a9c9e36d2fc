//! As many calls as the server can answer in time; the rest is turned away at once, before it costs anything.
//!
//! A call counts from the moment that its headers are here, so that calls which wait for their turn count too. Its place travels with
//! the request: where it is turned away further in, the place is free at once, and not only when its answer is taken. Otherwise
//! whoever sends more than its share would crowd out others with calls that nobody works on.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::future::Either;
use http::{Request, Response};
use tonic::body::Body;
use tower::{Layer, Service};

use crate::grpc::status;
use crate::shares::{Count, Taken};
use crate::telemetry::{Metrics, Shed};

/// One of the calls under way, until it and its clones are dropped; in the extensions of its request.
#[derive(Debug, Clone)]
pub(super) struct Place(#[expect(dead_code, reason = "it is held, not read")] Arc<Taken>);

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
    type Future = Either<Ready<Result<Response<Body>, Infallible>>, S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let Some(taken) = self.crowd.count.enter(self.crowd.limit) else {
            self.crowd.metrics.shed(Shed::Server);
            return Either::Left(ready(Ok(status::overloaded().into_http())));
        };
        request.extensions_mut().insert(Place(Arc::new(taken)));
        Either::Right(self.inner.call(request))
    }
}
