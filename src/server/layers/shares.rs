//! A fair share for each caller, so that one who floods the server slows nobody but itself.
//!
//! Of the calls that the server takes at a time, a caller may have as many as if everybody who has calls under way, and one more
//! caller, had equally many: alone it gets half, two get a third each. There is always room for whoever comes next.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use futures_util::future::Either;
use http::{Request, Response};
use pin_project_lite::pin_project;
use tonic::body::Body;
use tower::{Layer, Service};

use super::crowd::Place;
use super::identity::Identified;
use crate::grpc::status;
use crate::server::peer::Peer;
use crate::telemetry::{Metrics, Shed};

/// Callers that are kept in mind at least; beyond, those without calls are forgotten.
const MOST_IDLE: usize = 4_096;

/// The calls that one caller has under way.
#[derive(Debug)]
pub(in crate::server) struct Share {
    taken: AtomicUsize,
    /// Callers that have calls under way.
    busy: Arc<AtomicUsize>,
}

/// One of the calls, until it is dropped.
#[derive(Debug)]
pub(in crate::server) struct Part(Arc<Share>);

impl Share {
    /// A part, where the caller has less than its share of `calls`.
    fn enter(self: &Arc<Self>, calls: usize) -> Option<Part> {
        let before = self.taken.fetch_add(1, Ordering::Relaxed);
        if before == 0 {
            self.busy.fetch_add(1, Ordering::Relaxed);
        }
        let part = Part(Arc::clone(self));
        let share = calls / self.busy.load(Ordering::Relaxed).saturating_add(1);
        (before < share.max(1)).then_some(part)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        let Self(share) = self;
        if share.taken.fetch_sub(1, Ordering::Relaxed) == 1 {
            share.busy.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

/// All callers; cheap to clone.
#[derive(Debug, Clone, Default)]
pub(in crate::server) struct Callers {
    busy: Arc<AtomicUsize>,
    known: Arc<Mutex<HashMap<Box<str>, Arc<Share>>>>,
}

impl Callers {
    /// The share of the caller of this name.
    pub(in crate::server) fn share(&self, name: &str) -> Arc<Share> {
        // Nothing in here panics, and a map of counts can't be half changed.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(share) = known.get(name) {
            return Arc::clone(share);
        }
        if known.len() >= MOST_IDLE {
            known.retain(|_, share| Arc::strong_count(share) > 1);
        }
        let share = Arc::new(Share { taken: AtomicUsize::new(0), busy: Arc::clone(&self.busy) });
        known.insert(name.into(), Arc::clone(&share));
        share
    }
}

/// Turns calls away with `RESOURCE_EXHAUSTED` while their caller has its share of `calls`.
#[derive(Debug, Clone)]
pub(in crate::server) struct Shares {
    pub(in crate::server) callers: Callers,
    pub(in crate::server) calls: usize,
    pub(in crate::server) metrics: Metrics,
}

impl<S> Layer<S> for Shares {
    type Service = Shared<S>;

    fn layer(&self, inner: S) -> Shared<S> {
        Shared { inner, shares: self.clone() }
    }
}

#[derive(Debug, Clone)]
pub(in crate::server) struct Shared<S> {
    inner: S,
    shares: Shares,
}

impl<S> Shared<S> {
    fn part(&self, request: &Request<Body>) -> Option<Part> {
        let share = match request.extensions().get::<Identified>() {
            Some(Identified(caller)) => self.shares.callers.share(caller.tenant()),
            None => Arc::clone(&request.extensions().get::<Arc<Peer>>()?.share),
        };
        share.enter(self.shares.calls)
    }
}

impl<S> Service<Request<Body>> for Shared<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Either<Ready<Result<Response<Body>, Infallible>>, Sharing<S::Future>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let Some(part) = self.part(&request) else {
            self.shares.metrics.shed(Shed::Caller);
            return Either::Left(ready(Ok(status::caller_overloads().into_http())));
        };
        let held = Held(Arc::new((part, request.extensions_mut().remove())));
        // For whatever goes on after it is answered.
        request.extensions_mut().insert(held.clone());
        Either::Right(Sharing { inner: self.inner.call(request), held })
    }
}

/// A call's part and its place in the crowd, until this and its clones are dropped.
#[derive(Debug, Clone)]
pub(super) struct Held(#[expect(dead_code, reason = "it is held, not read")] Arc<(Part, Option<Place>)>);

pin_project! {
    /// A call that keeps what it takes until it is answered.
    pub(in crate::server) struct Sharing<F> {
        #[pin]
        inner: F,
        held: Held,
    }
}

impl<F: Future> Future for Sharing<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().inner.poll(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_caller_alone_gets_half() {
        let share = Callers::default().share("a");
        let parts: Vec<_> = std::iter::from_fn(|| share.enter(100)).collect();
        assert_eq!(parts.len(), 50);
        drop(parts);
        assert!(share.enter(100).is_some());
    }

    #[test]
    fn whoever_comes_next_finds_room_and_the_first_has_to_give() {
        let callers = Callers::default();
        let (flood, other) = (callers.share("flood"), callers.share("other"));
        let mut flooding: Vec<_> = std::iter::from_fn(|| flood.enter(90)).collect();
        assert_eq!(flooding.len(), 45);
        let others: Vec<_> = std::iter::from_fn(|| other.enter(90)).collect();
        assert_eq!(others.len(), 30);
        // Above its new share, the first gets nothing more until enough of its calls are answered.
        assert!(flood.enter(90).is_none());
        flooding.truncate(29);
        assert!(flood.enter(90).is_some());
    }

    #[test]
    fn everybody_may_have_one_call_however_many_there_are() {
        let callers = Callers::default();
        let shares: Vec<_> = (0..20).map(|at| callers.share(&at.to_string())).collect();
        let parts: Vec<_> = shares.iter().filter_map(|share| share.enter(10)).collect();
        assert_eq!(parts.len(), 20);
    }

    #[test]
    fn callers_without_calls_are_forgotten() {
        let callers = Callers::default();
        let kept = callers.share("kept");
        for at in 0..3 * MOST_IDLE {
            callers.share(&at.to_string());
        }
        assert!(callers.known.lock().unwrap().len() <= MOST_IDLE);
        assert!(Arc::ptr_eq(&kept, &callers.share("kept")));
    }
}
