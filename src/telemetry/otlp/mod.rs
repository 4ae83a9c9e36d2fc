//! A collector, and what is sent to it in OTLP over gRPC: spans as they end, metrics every minute.
//!
//! It may be down, slow or refuse: what can't be sent is dropped, callers notice nothing, and a line a minute tells.

mod collector;
mod exposition;
mod failures;
mod points;
mod push;
mod spans;

use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracerProvider};
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use uuid::Uuid;

use super::metrics::Metrics;
use super::observe::Share;
use super::settings::OtlpSettings;
use super::traces::Traces;
use collector::Collector;
use push::Pushing;
use spans::Spans;

pub(super) use collector::Unusable;

/// Spans that wait to be sent; further ones are dropped.
const MOST_SPANS: usize = 2_048;
/// Sent at once.
const BATCH: usize = 512;
/// How long the first of a batch waits for others.
const GATHER: Duration = Duration::from_secs(2);

/// What is sent, and by whom.
#[derive(Debug)]
pub(super) struct Exports {
    provider: SdkTracerProvider,
    /// Of calls.
    share: f64,
    pushing: Option<Pushing>,
}

impl Exports {
    /// Starts sending. It takes a runtime to run on.
    ///
    /// # Errors
    ///
    /// The settings can't be used.
    pub(super) fn start(settings: OtlpSettings, metrics: &Metrics) -> Result<Self, Unusable> {
        let OtlpSettings { endpoint, traces: share, metrics: is_pushed, headers } = settings;
        let collector = Collector::at(&endpoint, headers.as_ref())?;
        let resource = resource();
        let batches = BatchConfigBuilder::default()
            .with_max_queue_size(MOST_SPANS)
            .with_max_export_batch_size(BATCH)
            .with_scheduled_delay(GATHER)
            .build();
        let spans = Spans::new(collector.clone());
        let processor = BatchSpanProcessor::builder(spans).with_batch_config(batches).build();
        let provider = SdkTracerProvider::builder()
            .with_sampler(Sampler::AlwaysOn)
            .with_resource(resource.clone())
            .with_span_processor(processor)
            .build();
        let pushing = is_pushed.then(|| Pushing::start(collector, metrics.clone(), &resource));
        Ok(Self { provider, share, pushing })
    }

    /// Makes the spans that are sent.
    pub(super) fn traces(&self) -> Traces {
        Traces::new(self.provider.tracer("composure"), Share::of(self.share))
    }

    /// Sends what waits, no longer than `deadline`.
    pub(super) async fn stop(self, deadline: Duration) {
        let provider = self.provider;
        let spans = spawn_blocking(move || provider.shutdown_with_timeout(deadline));
        let metrics = async {
            if let Some(pushing) = self.pushing {
                pushing.stop().await;
            }
        };
        if timeout(deadline, async { tokio::join!(spans, metrics) }).await.is_err() {
            tracing::warn!("the collector did not take the last traces and metrics in time");
        }
    }
}

/// Who sends. Two servers are never the same instance, nor is one that was started again.
fn resource() -> Resource {
    let instance = Uuid::new_v4().to_string();
    Resource::builder_empty()
        .with_attributes([
            KeyValue::new("service.name", "composure"),
            KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
            KeyValue::new("service.instance.id", instance),
        ])
        .build()
}
