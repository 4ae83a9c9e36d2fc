//! The layer that sees every call: it counts them, times them, writes their lines and their spans. It changes nothing of what
//! passes through.

mod body;
mod call;
mod line;
mod parent;
mod share;
mod told;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use http::{Request, Response};
use pin_project_lite::pin_project;
use tonic::Code;
use tower::{Layer, Service};
use tracing::Level;

use super::logs::CALLS;
use super::metrics::Metrics;
use super::metrics::methods::MethodIx;
use super::traces::Traces;
use call::Call;

pub use body::ObservedBody;
pub(super) use call::End;
pub(super) use parent::Parent;
pub(super) use share::Share;
pub use told::{CallerName, Told, Wanted};

/// What calls are told to.
#[derive(Debug)]
pub(super) struct Observer {
    pub(super) metrics: Metrics,
    pub(super) lines: Share,
    pub(super) traces: Option<Traces>,
}

/// Observes all calls; goes around everything else that answers them.
#[derive(Debug, Clone)]
pub struct Observe(Arc<Observer>);

/// A service whose calls are observed.
#[derive(Debug, Clone)]
pub struct Observed<S> {
    service: S,
    observer: Arc<Observer>,
}

pin_project! {
    /// A call that is being answered.
    #[derive(Debug)]
    pub struct Observing<F> {
        #[pin]
        answer: F,
        call: Option<Call>,
    }
}

impl Observe {
    /// Counts calls in `metrics`. Only those that fail on our side have a line, and none has a span.
    #[must_use]
    pub fn counting(metrics: Metrics) -> Self {
        Self::new(Observer { metrics, lines: Share::None, traces: None })
    }

    pub(super) fn new(observer: Observer) -> Self {
        Self(Arc::new(observer))
    }
}

impl<S> Layer<S> for Observe {
    type Service = Observed<S>;

    fn layer(&self, service: S) -> Observed<S> {
        Observed { service, observer: Arc::clone(&self.0) }
    }
}

impl<S, B, R> Service<Request<B>> for Observed<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: http_body::Body,
{
    type Response = Response<ObservedBody<R>>;
    type Error = S::Error;
    type Future = Observing<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let call = start(&self.observer, &mut request);
        Observing { answer: self.service.call(request), call: Some(call) }
    }
}

impl<F, R, E> Future for Observing<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: http_body::Body,
{
    type Output = Result<Response<ObservedBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let answer = ready!(this.answer.poll(cx));
        let Some(mut call) = this.call.take() else { return Poll::Pending };
        Poll::Ready(match answer {
            Ok(mut response) => {
                call.answered(&mut response);
                Ok(response.map(|body| ObservedBody::new(body, call)))
            }
            Err(error) => {
                call.end(Code::Unknown);
                Err(error)
            }
        })
    }
}

fn start<B>(observer: &Arc<Observer>, request: &mut Request<B>) -> Call {
    let method = MethodIx::of(request.uri().path());
    observer.metrics.started(method);
    let parent = parent::parent(request.headers());
    let span = observer.traces.as_ref().and_then(|traces| traces.start(method, parent));
    let trace = parent.map(|parent| parent.trace);
    let trace =
        trace.or_else(|| span.as_ref().map(|span| opentelemetry::trace::Span::span_context(&**span).trace_id()));
    let is_logged = tracing::enabled!(target: CALLS, Level::INFO)
        && trace.map_or_else(|| observer.lines.takes_next(), |trace| observer.lines.takes(trace));
    if is_logged || span.is_some() {
        request.extensions_mut().insert(Wanted);
    }
    let (told, caller, began) = (None, None, Instant::now());
    Call { observer: Arc::clone(observer), method, began, is_logged, trace, span, told, caller, is_over: false }
}
