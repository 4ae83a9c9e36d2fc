//! Sends metrics: once a minute, and a last time at the end.

use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_client::MetricsServiceClient;
use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::metrics::v1::{ResourceMetrics, ScopeMetrics};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::transform::common::tonic::Attributes;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::collector::Collector;
use super::points::{Moments, points};
use crate::telemetry::metrics::Metrics;

const EVERY: Duration = Duration::from_secs(60);

/// A task that sends; it ends when this is dropped.
#[derive(Debug)]
pub(super) struct Pushing {
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

impl Pushing {
    pub(super) fn start(collector: Collector, metrics: Metrics, resource: &opentelemetry_sdk::Resource) -> Self {
        let (stop, stopped) = oneshot::channel();
        let attributes = resource.iter().map(|(name, value)| KeyValue::new(name.clone(), value.clone()));
        let Attributes(attributes) = attributes.into();
        let resource = Resource { attributes, ..Resource::default() };
        let push = Push { collector, metrics, resource, moments: Moments::start() };
        let ended = push.collector.runtime.clone().spawn(push.run(stopped));
        Self { stop, ended }
    }

    /// Sends a last time.
    pub(super) async fn stop(self) {
        drop(self.stop);
        drop(self.ended.await);
    }
}

struct Push {
    collector: Collector,
    metrics: Metrics,
    resource: Resource,
    moments: Moments,
}

impl Push {
    async fn run(self, mut stopped: oneshot::Receiver<()>) {
        let mut ticks = interval_at(Instant::now() + EVERY, EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => self.send().await,
                _ = &mut stopped => return self.send().await,
            }
        }
    }

    async fn send(&self) {
        let mut client = MetricsServiceClient::new(self.collector.channel.clone());
        let sending = client.export(self.collector.request(self.message()));
        // What is not sent now is part of the next message.
        drop(self.collector.bounded("metrics", sending).await);
    }

    fn message(&self) -> ExportMetricsServiceRequest {
        let scope = InstrumentationScope { name: "composure".to_owned(), ..InstrumentationScope::default() };
        let (_, text) = self.metrics.render(Some("application/openmetrics-text"));
        let metrics = points(&text, self.moments);
        let scope = ScopeMetrics { scope: Some(scope), metrics, ..ScopeMetrics::default() };
        let resource = Some(self.resource.clone());
        let resource = ResourceMetrics { resource, scope_metrics: vec![scope], ..ResourceMetrics::default() };
        ExportMetricsServiceRequest { resource_metrics: vec![resource] }
    }
}
