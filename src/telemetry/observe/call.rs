//! One call, from its first byte to its end, which comes exactly once: with an answer, with an error, or because nobody wants it
//! any more.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::{HeaderMap, HeaderName, Response, StatusCode};
use opentelemetry::TraceId;
use opentelemetry::trace::Span as _;
use opentelemetry_sdk::trace::Span;
use tonic::Code;

use super::told::{CallerName, Told};
use super::{Observer, line};
use crate::telemetry::metrics::methods::MethodIx;
use crate::telemetry::traces;

/// Where a call says how it ended.
static STATUS: HeaderName = HeaderName::from_static("grpc-status");

/// A call that has started. Dropping it ends it as canceled.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) observer: Arc<Observer>,
    pub(super) method: MethodIx,
    pub(super) began: Instant,
    pub(super) is_logged: bool,
    /// The caller's trace, or ours.
    pub(super) trace: Option<TraceId>,
    pub(super) span: Option<Box<Span>>,
    /// Few calls have it, and all are moved about.
    pub(super) told: Option<Box<Told>>,
    pub(super) caller: Option<CallerName>,
    pub(super) is_over: bool,
}

/// How a call ended.
#[derive(Debug, Clone, Copy)]
pub(in crate::telemetry) struct End {
    pub(in crate::telemetry) method: MethodIx,
    pub(in crate::telemetry) code: Code,
    pub(in crate::telemetry) took: Duration,
}

impl Call {
    /// The answer has begun. Where there is nothing but a head, that is the end, too.
    pub(super) fn answered<B: http_body::Body>(&mut self, response: &mut Response<B>) {
        self.told = response.extensions_mut().remove().map(Box::new);
        self.caller = response.extensions_mut().remove();
        if let Some(code) = code(response.headers()) {
            self.end(code);
        } else if response.body().is_end_stream() {
            self.end(code_of_http(response.status()));
        }
    }

    /// It is over, if it was not before.
    pub(super) fn end(&mut self, code: Code) {
        if self.is_over {
            return;
        }
        self.is_over = true;
        let end = End { method: self.method, code, took: self.began.elapsed() };
        let trace_id = self.span.as_ref().map(|span| span.span_context().trace_id().to_string());
        self.observer.metrics.handled(self.method, (code, end.took.as_secs_f64()), trace_id);
        if self.is_logged || matches!(code, Code::Internal | Code::Unknown) {
            line::write(end, self);
        }
        if let Some(span) = self.span.take() {
            traces::end(*span, end, self.told.as_deref());
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.end(Code::Cancelled);
    }
}

/// The status that headers or trailers tell.
pub(super) fn code(headers: &HeaderMap) -> Option<Code> {
    headers.get(&STATUS).map(|code| Code::from_bytes(code.as_bytes()))
}

/// What clients take an answer for that is not of gRPC.
pub(super) fn code_of_http(status: StatusCode) -> Code {
    match status {
        StatusCode::BAD_REQUEST => Code::Internal,
        StatusCode::UNAUTHORIZED => Code::Unauthenticated,
        StatusCode::FORBIDDEN => Code::PermissionDenied,
        StatusCode::NOT_FOUND => Code::Unimplemented,
        StatusCode::TOO_MANY_REQUESTS
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT => Code::Unavailable,
        _ => Code::Unknown,
    }
}
