//! Sends spans. A thread of the SDK calls it, a batch at a time.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use tonic::transport::Channel;

use super::collector::Collector;

#[derive(Debug)]
pub(super) struct Spans {
    client: TraceServiceClient<Channel>,
    collector: Collector,
    resource: ResourceAttributesWithSchema,
}

impl Spans {
    pub(super) fn new(collector: Collector) -> Self {
        let client = TraceServiceClient::new(collector.channel.clone());
        Self { client, collector, resource: ResourceAttributesWithSchema::default() }
    }
}

impl SpanExporter for Spans {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let resource_spans = group_spans_by_resource_and_scope(batch, &self.resource);
        let request = self.collector.request(ExportTraceServiceRequest { resource_spans });
        let mut client = self.client.clone();
        let sent = self.collector.bounded("traces", client.export(request)).await;
        sent.map(drop).map_err(|failed| OTelSdkError::InternalFailure(failed.to_string()))
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.resource = resource.into();
    }
}
