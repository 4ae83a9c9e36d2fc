//! Calls, as they are counted by gRPC's conventions. All series exist from the start: a first failure is an increase, too.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::exemplar::HistogramWithExemplars;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;
use tonic::Code;

use super::methods::{METHODS, Method, MethodIx, UNKNOWN};

/// Upper ends in seconds: a decision takes microseconds, a playbook that is validated takes seconds.
const BUCKETS: [f64; 19] = [
    0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
    0.5, 1.0, 2.5, 5.0, 10.0,
];

/// Names of codes, by number.
pub(in crate::telemetry) const CODES: [&str; 17] = [
    "OK",
    "Canceled",
    "Unknown",
    "InvalidArgument",
    "DeadlineExceeded",
    "NotFound",
    "AlreadyExists",
    "PermissionDenied",
    "ResourceExhausted",
    "FailedPrecondition",
    "Aborted",
    "OutOfRange",
    "Unimplemented",
    "Internal",
    "Unavailable",
    "DataLoss",
    "Unauthenticated",
];

/// Handles to the series of every method.
#[derive(Debug)]
pub(super) struct Calls(Vec<OfMethod>);

#[derive(Debug)]
struct OfMethod {
    started: Counter,
    handled: Vec<Counter>,
    seconds: HistogramWithExemplars<Exemplar>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
#[expect(clippy::struct_field_names, reason = "these are the labels that dashboards know")]
struct Labels {
    grpc_type: &'static str,
    grpc_service: &'static str,
    grpc_method: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
#[expect(clippy::struct_field_names, reason = "these are the labels that dashboards know")]
struct Handled {
    grpc_type: &'static str,
    grpc_service: &'static str,
    grpc_method: &'static str,
    grpc_code: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Exemplar {
    trace_id: String,
}

impl Calls {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let started = Family::<Labels, Counter>::default();
        let handled = Family::<Handled, Counter>::default();
        let seconds = Family::<Labels, HistogramWithExemplars<Exemplar>, fn() -> HistogramWithExemplars<Exemplar>>::new_with_constructor(histogram);
        registry.register("grpc_server_started", "Calls that arrived", started.clone());
        registry.register("grpc_server_handled", "Calls that ended, by code", handled.clone());
        registry.register("grpc_server_handling_seconds", "How long calls took", seconds.clone());
        let methods = METHODS.iter().chain([&UNKNOWN]);
        Self(
            methods
                .map(|method| OfMethod {
                    started: started.get_or_create_owned(&labels(method)),
                    handled: CODES.map(|code| handled.get_or_create_owned(&labels_of_end(method, code))).into(),
                    seconds: seconds.get_or_create_owned(&labels(method)),
                })
                .collect(),
        )
    }

    pub(super) fn started(&self, method: MethodIx) {
        if let Some(of) = self.0.get(method.place()) {
            of.started.inc();
        }
    }

    /// The call to `method` ended after `seconds`; `trace_id`: where it was traced.
    pub(super) fn handled(&self, method: MethodIx, end: (Code, f64), trace_id: Option<String>) {
        let (code, seconds) = end;
        let Some(of) = self.0.get(method.place()) else { return };
        if let Some(handled) = of.handled.get(code as usize) {
            handled.inc();
        }
        of.seconds.observe(seconds, trace_id.map(|trace_id| Exemplar { trace_id }), None);
    }
}

fn histogram() -> HistogramWithExemplars<Exemplar> {
    HistogramWithExemplars::new(BUCKETS.into_iter())
}

fn labels(method: &Method) -> Labels {
    Labels { grpc_type: method.flow.as_str(), grpc_service: method.service, grpc_method: method.name }
}

fn labels_of_end(method: &Method, code: &'static str) -> Handled {
    let Labels { grpc_type, grpc_service, grpc_method } = labels(method);
    Handled { grpc_type, grpc_service, grpc_method, grpc_code: code }
}
