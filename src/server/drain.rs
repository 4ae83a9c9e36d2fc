//! The end, in time: out of rotation first, then no new connections, then the calls that are under way.

use std::convert::Infallible;

use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_util::task::TaskTracker;

use super::readiness::{Readiness, Standing};
use super::{Ended, Settings};

/// How a server leaves.
#[derive(Debug)]
pub(super) struct Drain {
    pub(super) readiness: Readiness,
    pub(super) settings: Settings,
}

/// Whether calls under way are waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Haste {
    None,
    Now,
}

impl Drain {
    /// Ends when no calls should be taken any more: some time after the first wish to stop, so that those who route calls here can
    /// learn that they should not, or at the second one. Until the first, the server gets `ready`.
    pub(super) async fn announced(
        &self,
        ready: impl Future<Output = Infallible>,
        stop: &mut mpsc::Receiver<()>,
    ) -> Haste {
        tokio::select! {
            biased;
            // Nobody there to wish anything is a wish, too.
            _ = stop.recv() => {}
            // Dropped with that, so that it says nothing more.
            never = ready => match never {},
        }
        self.readiness.becomes(Standing::Draining).await;
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
