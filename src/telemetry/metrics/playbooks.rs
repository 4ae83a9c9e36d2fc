//! Which playbooks decide: one series each, replaced all at once.

use std::sync::Arc;

use arc_swap::ArcSwap;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;

/// A playbook that decides where no version is named.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct PlaybookInfo {
    /// Its id.
    pub playbook: String,
    /// Its version.
    pub version: String,
    /// What it was compiled from.
    pub digest: String,
}

/// Those of now.
#[derive(Debug, Default)]
pub(super) struct Playbooks(ArcSwap<Vec<PlaybookInfo>>);

impl Playbooks {
    pub(super) fn replace(&self, playbooks: Vec<PlaybookInfo>) {
        self.0.store(Arc::new(playbooks));
    }
}

impl Collector for Playbooks {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let playbooks = self.0.load();
        if playbooks.is_empty() {
            return Ok(());
        }
        let help = "Playbooks that decide where no version is named.";
        let mut encoder = encoder.encode_descriptor("composure_playbook_info", help, None, MetricType::Gauge)?;
        for playbook in playbooks.iter() {
            ConstGauge::new(1_i64).encode(encoder.encode_family(playbook)?)?;
        }
        Ok(())
    }
}
