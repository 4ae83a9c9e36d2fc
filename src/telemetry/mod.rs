//! What operators see of a server: metrics, lines, traces, and the layer that observes calls.
//!
//! Architecture invariant: nothing that a client says of a conversation gets in here. The layer sees paths, codes and times; who
//! decides tells names of a playbook's parts. It knows nothing of what is served.

mod logs;
mod metrics;
mod observe;
mod otlp;
mod panics;
mod settings;
mod traces;

use std::io;
use std::time::{Duration, Instant};

use tokio::task::spawn_blocking;

use observe::{Observer, Share};
use otlp::{Exports, Unusable};

pub use logs::{Lines, subscriber};
pub use metrics::{
    CredentialSource, Decided, Evicted, Metrics, Ongoing, OpenConnection, PlaybookInfo, Refused, Reload, Shed,
    StoreOperation, StoreResult,
};
pub use observe::{CallerName, Observe, Observed, ObservedBody, Observing, Told, Wanted};
pub use panics::tell_panics_by_place;
pub use settings::{Format, Level, LogSettings, OtlpSettings, Secret, Settings};

/// All of it, as long as the server runs.
#[derive(Debug)]
pub struct Telemetry {
    metrics: Metrics,
    observe: Observe,
    lines: Lines,
    exports: Option<Exports>,
}

/// Why it can't start.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The collector can't be used.
    #[error(transparent)]
    Collector(#[from] Unusable),
    /// Lines can't be written.
    #[error("cannot write lines about what happens: {0}")]
    Lines(#[source] io::Error),
}

impl Telemetry {
    /// Starts it; lines go to standard error. With a collector, it takes a runtime. Where lines are written already, they are
    /// written as before.
    ///
    /// # Errors
    ///
    /// The collector can't be used, or there is no thread to be had.
    pub fn start(settings: Settings) -> Result<Self, TelemetryError> {
        let Settings { log, otlp } = settings;
        let metrics = Metrics::new();
        let (subscriber, lines) = subscriber(log, io::stderr(), &metrics).map_err(TelemetryError::Lines)?;
        // It fails only where somebody else was first.
        drop(tracing::subscriber::set_global_default(subscriber));
        let exports = otlp.map(|otlp| Exports::start(otlp, &metrics)).transpose()?;
        let traces = exports.as_ref().map(Exports::traces);
        let observer = Observer { metrics: metrics.clone(), lines: Share::of(log.calls), traces };
        Ok(Self { metrics, observe: Observe::new(observer), lines, exports })
    }

    /// What is counted.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// The layer around everything that answers calls.
    #[must_use]
    pub fn observe(&self) -> Observe {
        self.observe.clone()
    }

    /// Sends and writes what waits, no longer than `deadline`.
    pub async fn stop(self, deadline: Duration) {
        let began = Instant::now();
        if let Some(exports) = self.exports {
            exports.stop(deadline).await;
        }
        let left = deadline.saturating_sub(began.elapsed());
        // A thread of its own waits; if that fails, nobody can be told any more.
        drop(spawn_blocking(move || self.lines.flush(left)).await);
    }
}
