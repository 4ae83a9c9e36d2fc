//! Leaves alone for a moment what has failed some times in a row, so that callers don't wait for it one by one.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// So many failures in a row, and nobody is let through for a moment.
const FAILURES: u32 = 3;

/// How long nobody is let through; then one is, to see.
const PAUSE: Duration = Duration::from_millis(500);

/// Counts failures in a row.
#[derive(Debug, Default)]
pub(super) struct Breaker(Mutex<Row>);

#[derive(Debug, Default)]
struct Row {
    failures: u32,
    shut_until: Option<Instant>,
}

impl Breaker {
    /// Whether the caller may try. After a pause a single one may, and then a single one after another pause, until one succeeds.
    pub(super) fn admits(&self) -> bool {
        self.with(|row| {
            let now = Instant::now();
            if row.shut_until.is_some_and(|until| now < until) {
                return false;
            }
            if row.failures >= FAILURES {
                row.shut_until = Some(now + PAUSE);
            }
            true
        })
    }

    /// Somebody who was let through succeeded.
    pub(super) fn succeeded(&self) {
        self.with(|row| *row = Row::default());
    }

    /// Somebody who was let through failed.
    pub(super) fn failed(&self) {
        self.with(|row| {
            row.failures = row.failures.saturating_add(1);
            if row.failures >= FAILURES {
                row.shut_until = Some(Instant::now() + PAUSE);
            }
        });
    }

    fn with<T>(&self, act: impl FnOnce(&mut Row) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::{Breaker, FAILURES, PAUSE};

    #[tokio::test(start_paused = true)]
    async fn after_failures_in_a_row_a_single_one_may_try_after_each_pause() {
        let breaker = Breaker::default();
        for _ in 0..FAILURES {
            assert!(breaker.admits());
            breaker.failed();
        }
        for _ in 0..2 {
            assert!(!breaker.admits());
            advance(PAUSE).await;
            assert_eq!((breaker.admits(), breaker.admits()), (true, false));
        }
        // Whoever tried may have gone away without a word.
        advance(PAUSE).await;
        assert!(breaker.admits());
        breaker.succeeded();
        assert_eq!((breaker.admits(), breaker.admits()), (true, true));
    }

    #[tokio::test(start_paused = true)]
    async fn failures_between_successes_shut_nobody_out() {
        let breaker = Breaker::default();
        for _ in 0..10 {
            breaker.failed();
            breaker.failed();
            breaker.succeeded();
        }
        assert!(breaker.admits());
    }
}
