//! A fair share of calls for each caller, so that one who floods the server slows nobody but itself.

use std::convert::Infallible;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::future::Either;
use http::{Request, Response};
use pin_project_lite::pin_project;
use tonic::body::Body;
use tower::{Layer, Service};

use super::crowd::Place;
use super::streams::lasts;
use crate::grpc::call::{CountedAs, Identified};
use crate::grpc::status;
use crate::server::peer::Peer;
use crate::shares::{Part, Share, Shares};
use crate::telemetry::{Metrics, Shed};

/// Turns calls away with `RESOURCE_EXHAUSTED` while their caller has its share of `calls`.
#[derive(Debug, Clone)]
pub(in crate::server) struct Fairness {
    pub(in crate::server) callers: Shares,
    pub(in crate::server) calls: usize,
    pub(in crate::server) metrics: Metrics,
}

impl<S> Layer<S> for Fairness {
    type Service = Fair<S>;

    fn layer(&self, inner: S) -> Fair<S> {
        Fair { inner, fairness: self.clone() }
    }
}

#[derive(Debug, Clone)]
pub(in crate::server) struct Fair<S> {
    inner: S,
    fairness: Fairness,
}

impl<S> Fair<S> {
    fn share(&self, request: &Request<Body>) -> Option<Arc<Share>> {
        match request.extensions().get::<Identified>() {
            Some(Identified(caller)) => Some(self.fairness.callers.of(caller.tenant())),
            None => request.extensions().get::<Arc<Peer>>().map(|peer| Arc::clone(&peer.share)),
        }
    }

    /// The caller's share, and a part of it where there is one.
    fn part(&self, request: &Request<Body>) -> Option<(Arc<Share>, Part)> {
        let share = self.share(request)?;
        let part = share.enter(self.fairness.calls)?;
        Some((share, part))
    }
}

impl<S> Service<Request<Body>> for Fair<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Either<Ready<Result<Response<Body>, Infallible>>, Holding<S::Future>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let Some((share, part)) = self.part(&request) else {
            self.fairness.metrics.shed(Shed::Caller);
            return Either::Left(ready(Ok(status::caller_overloads().into_http())));
        };
        let held = Held(Arc::new((part, request.extensions_mut().remove())));
        // For whatever goes on after it is answered.
        request.extensions_mut().insert(held.clone());
        // What a stream takes beside that is counted by the same name.
        if lasts(request.uri().path()).is_some() {
            request.extensions_mut().insert(CountedAs(Arc::clone(share.name())));
        }
        Either::Right(Holding { inner: self.inner.call(request), held })
    }
}

/// A call's part and its place in the crowd, until this and its clones are dropped.
#[derive(Debug, Clone)]
pub(super) struct Held(#[expect(dead_code, reason = "it is held, not read")] Arc<(Part, Option<Place>)>);

pin_project! {
    /// A call that keeps what it takes until it is answered.
    pub(in crate::server) struct Holding<F> {
        #[pin]
        inner: F,
        held: Held,
    }
}

impl<F: Future> Future for Holding<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().inner.poll(cx)
    }
}
