//! Spans of calls. Whether a call has one is decided before anything is made.

use opentelemetry::trace::{
    Span as _, SpanBuilder, SpanContext, SpanKind, Status as SpanStatus, TraceContextExt as _, TraceState, Tracer as _,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{SdkTracer, Span};
use tonic::Code;

use super::metrics::calls::CODES;
use super::metrics::methods::MethodIx;
use super::observe::{End, Parent, Share, Told};

/// Makes spans.
#[derive(Debug)]
pub(super) struct Traces {
    tracer: SdkTracer,
    /// Of the calls whose caller did not decide.
    share: Share,
}

impl Traces {
    pub(super) fn new(tracer: SdkTracer, share: Share) -> Self {
        Self { tracer, share }
    }

    /// The span of a call, if it is to be traced.
    pub(super) fn start(&self, method: MethodIx, parent: Option<Parent>) -> Option<Box<Span>> {
        let is_traced = parent.map_or_else(|| self.share.takes_next(), |parent| parent.flags.is_sampled());
        is_traced.then(|| self.span(method, parent))
    }

    fn span(&self, method: MethodIx, parent: Option<Parent>) -> Box<Span> {
        let mut context = Context::new();
        if let Some(Parent { trace, span, flags }) = parent {
            let remote = SpanContext::new(trace, span, flags, true, TraceState::NONE);
            context = context.with_remote_span_context(remote);
        }
        let method = method.method();
        let builder = SpanBuilder::from_name(method.path.trim_start_matches('/')).with_kind(SpanKind::Server);
        let builder = builder.with_attributes([
            KeyValue::new("rpc.system", "grpc"),
            KeyValue::new("rpc.service", method.service),
            KeyValue::new("rpc.method", method.name),
        ]);
        Box::new(self.tracer.build_with_context(builder, &context))
    }
}

/// The call is over.
pub(super) fn end(mut span: Span, end: End, told: Option<&Told>) {
    span.set_attribute(KeyValue::new("rpc.grpc.status_code", end.code as i64));
    if is_ours(end.code) {
        span.set_status(SpanStatus::error(CODES.get(end.code as usize).copied().unwrap_or_default()));
    }
    if let Some(Told { playbook, version, digest, stage, action, escalation }) = told {
        span.set_attribute(KeyValue::new("composure.playbook", playbook.clone()));
        span.set_attribute(KeyValue::new("composure.version", version.clone()));
        span.set_attribute(KeyValue::new("composure.digest", digest.clone()));
        span.set_attribute(KeyValue::new("composure.stage", stage.clone()));
        if let Some(action) = action {
            span.set_attribute(KeyValue::new("composure.action", action.clone()));
        }
        if let Some(escalation) = escalation {
            span.set_attribute(KeyValue::new("composure.escalation", *escalation));
        }
    }
    span.end();
}

/// Whether a call that ends like this failed on our side.
fn is_ours(code: Code) -> bool {
    matches!(
        code,
        Code::Unknown
            | Code::DeadlineExceeded
            | Code::Unimplemented
            | Code::Internal
            | Code::Unavailable
            | Code::DataLoss
    )
}
