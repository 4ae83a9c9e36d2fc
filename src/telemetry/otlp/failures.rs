//! What went wrong with the collector, told once a minute.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tonic::Status;

const ONCE_A: Duration = Duration::from_secs(60);

/// Why something was not sent.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failed {
    /// The collector can't be reached, or does not want it.
    #[error("{:?}: {}", .0.code(), .0.message())]
    Refused(Box<Status>),
    /// It did not say anything.
    #[error("it did not answer in time")]
    Late,
}

/// When it was told, and what happened since.
#[derive(Debug, Default)]
pub(super) struct Failures(Mutex<Told>);

#[derive(Debug, Default)]
struct Told {
    last: Option<Instant>,
    /// Not told.
    since: u64,
}

impl Failures {
    /// Sending `what` failed.
    pub(super) fn tell(&self, what: &'static str, error: &Failed) {
        if let Some(before) = self.due(Instant::now()) {
            tracing::warn!(%error, before, "cannot send {what} to the collector");
        }
    }

    /// If it is time to tell again: how often it was not told since the last time.
    fn due(&self, now: Instant) -> Option<u64> {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if told.last.is_some_and(|last| now.duration_since(last) < ONCE_A) {
            told.since += 1;
            return None;
        }
        told.last = Some(now);
        Some(std::mem::take(&mut told.since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_once_a_minute_with_how_often() {
        let failures = Failures::default();
        let start = Instant::now();
        let due = |seconds| failures.due(start + Duration::from_secs(seconds));
        assert_eq!([due(0), due(1), due(30), due(59)], [Some(0), None, None, None]);
        assert_eq!([due(60), due(61)], [Some(3), None]);
    }
}
