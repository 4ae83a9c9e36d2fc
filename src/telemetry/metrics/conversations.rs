//! Conversations that are held for their callers, and the store that holds them.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::Metrics;

/// Upper ends in seconds: a store is near, and nobody waits for one that is not.
const BUCKETS: [f64; 14] =
    [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 10.0];

/// Which bound a conversation was given up for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evicted {
    /// There may be so many.
    Count,
    /// They may take so many bytes.
    Bytes,
}

/// What a store outside of the process is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreOperation {
    /// A conversation.
    Get,
    /// To write one.
    Put,
    /// To forget one.
    Delete,
    /// Promises that fall due.
    Due,
    /// To tell of changes.
    Listen,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreResult {
    /// It did.
    Done,
    /// Somebody else wrote before.
    Outrun,
    /// It did not answer in time.
    Late,
    /// It answered with an error, or could not be reached.
    Failed,
}

/// Counters, gauges and histograms of it.
#[derive(Debug)]
pub(super) struct Conversations {
    held: Gauge,
    bytes: Gauge,
    evicted_by_count: Counter,
    evicted_by_bytes: Counter,
    expired: Counter,
    degraded: Counter,
    operations: Family<Operation, Counter>,
    seconds: Family<OperationSeconds, Histogram, fn() -> Histogram>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reason {
    reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Operation {
    operation: &'static str,
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OperationSeconds {
    operation: &'static str,
}

impl Metrics {
    /// So many more conversations are held in memory, and so many more bytes of them; or fewer.
    pub fn conversations_changed(&self, conversations: i64, bytes: i64) {
        self.0.conversations.held.inc_by(conversations);
        self.0.conversations.bytes.inc_by(bytes);
    }

    /// A conversation was given up before its time.
    pub fn conversation_evicted(&self, evicted: Evicted) {
        match evicted {
            Evicted::Count => self.0.conversations.evicted_by_count.inc(),
            Evicted::Bytes => self.0.conversations.evicted_by_bytes.inc(),
        };
    }

    /// Nobody wrote to a conversation for as long as it was to be held.
    pub fn conversation_expired(&self) {
        self.0.conversations.expired.inc();
    }

    /// A call was answered without what the store holds.
    pub fn degraded(&self) {
        self.0.conversations.degraded.inc();
    }

    /// A store outside of the process was asked for something, and this came of it after `took`.
    pub fn store_operation(&self, operation: StoreOperation, result: StoreResult, took: Duration) {
        let (operation, result) = (operation.as_str(), result.as_str());
        self.0.conversations.operations.get_or_create(&Operation { operation, result }).inc();
        self.0.conversations.seconds.get_or_create(&OperationSeconds { operation }).observe(took.as_secs_f64());
    }
}

impl StoreOperation {
    const ALL: [Self; 5] = [Self::Get, Self::Put, Self::Delete, Self::Due, Self::Listen];

    fn as_str(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Put => "put",
            Self::Delete => "delete",
            Self::Due => "due",
            Self::Listen => "listen",
        }
    }
}

impl StoreResult {
    const ALL: [Self; 4] = [Self::Done, Self::Outrun, Self::Late, Self::Failed];

    fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Outrun => "outrun",
            Self::Late => "late",
            Self::Failed => "failed",
        }
    }
}

impl Conversations {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let evicted = Family::<Reason, Counter>::default();
        let conversations = Self {
            held: Gauge::default(),
            bytes: Gauge::default(),
            evicted_by_count: evicted.get_or_create_owned(&Reason { reason: "count" }),
            evicted_by_bytes: evicted.get_or_create_owned(&Reason { reason: "bytes" }),
            expired: Counter::default(),
            degraded: Counter::default(),
            operations: operations(),
            seconds: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
        };
        let help = "Conversations given up before their time, by the bound that they were given up for";
        registry.register("composure_conversations_evicted", help, evicted);
        conversations.register_rest(registry);
        conversations
    }

    fn register_rest(&self, registry: &mut Registry) {
        registry.register("composure_conversations_held", "Conversations held in memory", self.held.clone());
        registry.register("composure_conversations_bytes", "Bytes that they take", self.bytes.clone());
        let expired = "Conversations forgotten because nobody wrote to them any more";
        registry.register("composure_conversations_expired", expired, self.expired.clone());
        let degraded = "Calls answered without what the store holds, because it could not be reached";
        registry.register("composure_degraded", degraded, self.degraded.clone());
        let operations = "What a store outside of the process was asked for, by what came of it";
        registry.register("composure_store_operations", operations, self.operations.clone());
        for operation in StoreOperation::ALL {
            drop(self.seconds.get_or_create_owned(&OperationSeconds { operation: operation.as_str() }));
        }
        registry.register("composure_store_operation_seconds", "How long that took", self.seconds.clone());
    }
}

/// All series exist from the start: a first failure is an increase, too.
fn operations() -> Family<Operation, Counter> {
    let family = Family::<Operation, Counter>::default();
    for operation in StoreOperation::ALL {
        for result in StoreResult::ALL {
            let labels = Operation { operation: operation.as_str(), result: result.as_str() };
            drop(family.get_or_create_owned(&labels));
        }
    }
    family
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happens_to_conversations_is_counted_under_names_that_are_known_before() {
        let metrics = Metrics::new();
        let (_, before) = metrics.render(None);
        metrics.conversations_changed(3, 4_000);
        metrics.conversations_changed(-1, -1_000);
        metrics.conversation_evicted(Evicted::Bytes);
        metrics.conversation_expired();
        metrics.degraded();
        metrics.store_operation(StoreOperation::Put, StoreResult::Outrun, Duration::from_micros(300));
        let (_, after) = metrics.render(None);
        for line in [
            "composure_conversations_held 2",
            "composure_conversations_bytes 3000",
            r#"composure_conversations_evicted_total{reason="bytes"} 1"#,
            r#"composure_conversations_evicted_total{reason="count"} 0"#,
            "composure_conversations_expired_total 1",
            "composure_degraded_total 1",
            r#"composure_store_operations_total{operation="put",result="outrun"} 1"#,
            r#"composure_store_operations_total{operation="listen",result="failed"} 0"#,
            r#"composure_store_operation_seconds_bucket{operation="put",le="0.0005"} 1"#,
        ] {
            assert!(after.lines().any(|found| found == line), "{line} in {after}");
        }
        assert!(before.contains(r#"composure_store_operations_total{operation="put",result="outrun"} 0"#), "{before}");
    }
}
