//! Streams that keep screens up to date.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::{Metrics, Shed};

/// A stream, or a subscription; it counts as open until this is dropped.
#[derive(Debug)]
pub struct Ongoing(Gauge);

/// Counters and gauges.
#[derive(Debug, Default)]
pub(super) struct Streams {
    open: Gauge,
    subscriptions: Gauge,
    shed_by_server: Counter,
    shed_for_caller: Counter,
    snapshots: Counter,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reason {
    reason: &'static str,
}

impl Metrics {
    /// A stream was opened.
    #[must_use]
    pub fn stream(&self) -> Ongoing {
        Ongoing::of(&self.0.streams.open)
    }

    /// A stream was subscribed to a conversation.
    #[must_use]
    pub fn subscription(&self) -> Ongoing {
        Ongoing::of(&self.0.streams.subscriptions)
    }

    /// A subscription was turned away because there were too many.
    pub fn subscription_shed(&self, shed: Shed) {
        match shed {
            Shed::Server => self.0.streams.shed_by_server.inc(),
            Shed::Caller => self.0.streams.shed_for_caller.inc(),
        };
    }

    /// A snapshot was sent.
    pub fn snapshot(&self) {
        self.0.streams.snapshots.inc();
    }
}

impl Ongoing {
    fn of(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Ongoing {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Streams {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let shed = Family::<Reason, Counter>::default();
        let streams = Self {
            shed_by_server: shed.get_or_create_owned(&Reason { reason: "server" }),
            shed_for_caller: shed.get_or_create_owned(&Reason { reason: "caller" }),
            ..Self::default()
        };
        registry.register("composure_streams_open", "Streams that are open", streams.open.clone());
        let subscriptions = "Conversations that streams are subscribed to";
        registry.register("composure_subscriptions", subscriptions, streams.subscriptions.clone());
        registry.register(
            "composure_subscriptions_shed",
            "Subscriptions turned away because there were too many",
            shed,
        );
        registry.register("composure_snapshots", "Snapshots sent to streams", streams.snapshots.clone());
        streams
    }
}
