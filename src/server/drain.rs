//! The end, in time: out of rotation first, then no new connections, then the calls that are under way.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_util::task::TaskTracker;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use super::routes::SERVICE_NAMES;
use super::{Ended, Settings};

/// How a server leaves.
#[derive(Debug)]
pub(super) struct Drain {
    health: HealthReporter,
    draining: Arc<AtomicBool>,
    pub(super) settings: Settings,
}

/// Whether calls under way are waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Haste {
    None,
    Now,
}

impl Drain {
    pub(super) fn new(health: HealthReporter, settings: Settings) -> Self {
        Self { health, draining: Arc::default(), settings }
    }

    /// Up once the server is about to end.
    pub(super) fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.draining)
    }

    /// Ends when no calls should be taken any more: some time after the first wish to stop, so that those who route calls here can
    /// learn that they should not, or at the second one.
    pub(super) async fn announced(&self, stop: &mut mpsc::Receiver<()>) -> Haste {
        // Nobody there to wish anything is a wish, too.
        stop.recv().await;
        self.draining.store(true, Ordering::Relaxed);
        for name in SERVICE_NAMES {
            self.health.set_service_status(name, ServingStatus::NotServing).await;
        }
        tokio::select! {
            biased;
            () = sleep(self.settings.drain_wait) => Haste::None,
            _ = stop.recv() => Haste::Now,
        }
    }

    /// Waits for what is open, as long as that is wanted.
    pub(super) async fn ended(&self, haste: Haste, open: &TaskTracker, stop: &mut mpsc::Receiver<()>) -> Ended {
        if haste == Haste::Now {
            return Ended::CutShort;
        }
        tokio::select! {
            biased;
            () = open.wait() => Ended::Drained,
            () = sleep(self.settings.drain_deadline) => Ended::CutShort,
            _ = stop.recv() => Ended::CutShort,
        }
    }
}
