//! What operators count. Whatever happens during a call is counted through handles that were made before.

mod accept;
pub(super) mod calls;
mod conversations;
mod decisions;
mod events;
pub(super) mod methods;
mod playbooks;
mod process;
mod streams;

use std::sync::Arc;

use prometheus_client::encoding::{EncodeLabelSet, prometheus_text, text};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use tonic::Code;

use accept::Exposition;
use calls::Calls;
use conversations::Conversations;
use decisions::Decisions;
use methods::MethodIx;

pub use conversations::{Evicted, StoreOperation, StoreResult};
pub use decisions::Decided;
pub use events::{CredentialSource, OpenConnection, Refused, Reload, Shed};
pub use playbooks::PlaybookInfo;
pub use streams::Ongoing;

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// All metrics of a server; clones count together.
#[derive(Debug, Clone)]
pub struct Metrics(Arc<All>);

#[derive(Debug)]
struct All {
    registry: Registry,
    calls: Calls,
    decisions: Decisions,
    conversations: Conversations,
    events: events::Events,
    streams: streams::Streams,
    playbooks: Arc<playbooks::Playbooks>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Build {
    version: &'static str,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Nothing has happened yet.
    #[must_use]
    pub fn new() -> Self {
        let mut registry = Registry::default();
        let build = Family::<Build, Gauge>::default();
        build.get_or_create_owned(&Build { version: env!("CARGO_PKG_VERSION") }).set(1);
        registry.register("composure_build_info", "The program", build);
        let calls = Calls::register(&mut registry);
        let decisions = Decisions::register(&mut registry);
        let conversations = Conversations::register(&mut registry);
        let events = events::Events::register(&mut registry);
        let streams = streams::Streams::register(&mut registry);
        let playbooks = Arc::new(playbooks::Playbooks::default());
        registry.register_collector(Box::new(Arc::clone(&playbooks)));
        registry.register_collector(Box::new(process::Process));
        Self(Arc::new(All { registry, calls, decisions, conversations, events, streams, playbooks }))
    }

    /// All of it as text, in the format that an `Accept` header wants, behind its content type.
    #[must_use]
    pub fn render(&self, accept: Option<&str>) -> (&'static str, String) {
        let mut text = String::new();
        let (content_type, written) = match accept::wanted(accept) {
            Exposition::OpenMetrics => (OPEN_METRICS, text::encode(&mut text, &self.0.registry)),
            Exposition::Prometheus => {
                (prometheus_text::CONTENT_TYPE, prometheus_text::encode(&mut text, &self.0.registry))
            }
        };
        if let Err(error) = written {
            // A string takes everything; only a metric of ours could refuse to be written.
            tracing::error!(%error, "cannot write all metrics");
        }
        (content_type, text)
    }

    /// A decision was made.
    pub fn decided(&self, decided: Decided<'_>) {
        self.0.decisions.count(decided);
    }

    /// These playbooks decide from now on where no version is named.
    pub fn set_playbooks(&self, playbooks: Vec<PlaybookInfo>) {
        self.0.playbooks.replace(playbooks);
    }

    pub(super) fn started(&self, method: MethodIx) {
        self.0.calls.started(method);
    }

    pub(super) fn handled(&self, method: MethodIx, end: (Code, f64), trace_id: Option<String>) {
        self.0.calls.handled(method, end, trace_id);
    }
}
