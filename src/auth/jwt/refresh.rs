//! When a key set is fetched again.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::fetch::Fetcher;
use crate::auth::refusal::Refusal;
use crate::auth::reload::{Outcome, Problems};

/// When it is fetched.
const PACE: Pace = Pace { every: Duration::from_secs(5 * 60), least: Duration::from_secs(30), again: SOON };
/// What a fetch mostly takes.
const SOON: Duration = Duration::from_secs(1);

/// When it is fetched.
#[derive(Clone, Copy)]
struct Pace {
    /// How often anyway.
    every: Duration,
    /// How long after an attempt a call can bring about the next one: callers choose which keys their tokens name.
    least: Duration,
    /// How long after a first failure; it doubles with each one more, up to `least`.
    again: Duration,
}

/// A key set at an address.
pub(super) struct Remote {
    fetcher: Fetcher,
    /// Held while it is fetched: one fetch at a time.
    turn: tokio::sync::Mutex<()>,
    past: Mutex<Past>,
    wake: Notify,
    pace: Pace,
}

/// What came of it so far.
#[derive(Clone, Copy, Default)]
struct Past {
    /// When it was last tried.
    tried: Option<Instant>,
    /// When it last worked.
    worked: Option<Instant>,
    /// How often it has failed since.
    failures: u32,
}

impl Past {
    /// When it is due without anybody asking; `None` for at once.
    fn due(&self, pace: Pace) -> Option<Instant> {
        let pause = match self.failures {
            0 => pace.every,
            failures => pace.again.saturating_mul(2_u32.saturating_pow(failures - 1)).min(pace.least),
        };
        self.tried.map(|tried| tried + pause)
    }

    /// When it is due because somebody asks; `None` for at once.
    fn due_on_demand(&self, pace: Pace) -> Option<Instant> {
        let on_demand = self.tried.map(|tried| tried + pace.least);
        on_demand.min(self.due(pace))
    }
}

impl Remote {
    pub(super) fn of(fetcher: Fetcher) -> Self {
        Self { fetcher, turn: tokio::sync::Mutex::default(), past: Mutex::default(), wake: Notify::new(), pace: PACE }
    }

    /// Fetches it now, and has `take` use it.
    pub(super) async fn refresh(&self, take: impl Fn(&[u8]) -> Result<Outcome, String>) -> Outcome {
        let _turn = self.turn.lock().await;
        let outcome = self.fetcher.fetch().await.and_then(|text| take(&text));
        let mut past = self.past();
        let now = Instant::now();
        past.tried = Some(now);
        match outcome {
            Ok(outcome) => {
                past.worked = past.tried;
                past.failures = 0;
                outcome
            }
            Err(problem) => {
                past.failures = past.failures.saturating_add(1);
                Outcome::Refused(Problems::one(problem))
            }
        }
    }

    /// Waits until it is to be fetched again.
    pub(super) async fn due(&self) {
        let demanded = async {
            self.wake.notified().await;
            let due = self.past().due_on_demand(self.pace);
            wait(due).await;
        };
        let due = self.past().due(self.pace);
        tokio::select! {
            () = wait(due) => {}
            () = demanded => {}
        }
    }

    /// Has it fetched as soon as may be.
    pub(super) fn wake(&self) {
        self.wake.notify_one();
    }

    /// What a token means that names a key that is not there. Where the keys were fetched just now, it names none that there is; it is
    /// asked again all the same, for the issuer may have changed its keys since.
    pub(super) fn unknown_key(&self) -> Refusal {
        self.wake();
        let fresh = self.age().is_some_and(|age| age < self.pace.least);
        if fresh { Refusal::UnknownSigningKey } else { Refusal::KeysUnavailable { retry_after: self.retry_after() } }
    }

    /// When the next attempt will be over, at the latest if somebody asks for it.
    pub(super) fn retry_after(&self) -> Duration {
        let next = self.past().due_on_demand(self.pace);
        next.map_or(Duration::ZERO, |next| next.saturating_duration_since(Instant::now())) + SOON
    }

    pub(super) fn age(&self) -> Option<Duration> {
        self.past().worked.map(|worked| worked.elapsed())
    }

    fn past(&self) -> MutexGuard<'_, Past> {
        self.past.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn wait(until: Option<Instant>) {
    if let Some(until) = until {
        sleep_until(until).await;
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::task::Poll;

    use super::super::address;
    use super::*;

    fn remote(past: Past, pace: Pace) -> Remote {
        let fetcher = address::parse("http://127.0.0.1:9/").and_then(|address| Fetcher::of(address, None)).unwrap();
        Remote { past: Mutex::new(past), pace, ..Remote::of(fetcher) }
    }

    fn worked(ago: Duration) -> Past {
        let moment = Instant::now().checked_sub(ago);
        Past { tried: moment, worked: moment, failures: 0 }
    }

    /// Whether it is to be fetched at this very moment.
    async fn is_due(remote: &Remote) -> bool {
        let mut due = std::pin::pin!(remote.due());
        poll_fn(|context| Poll::Ready(due.as_mut().poll(context).is_ready())).await
    }

    #[tokio::test]
    async fn it_is_fetched_at_once_and_then_every_five_minutes() {
        assert!(is_due(&remote(Past::default(), PACE)).await);
        assert!(!is_due(&remote(worked(Duration::from_secs(299)), PACE)).await);
        assert!(is_due(&remote(worked(Duration::from_secs(301)), PACE)).await);
    }

    #[tokio::test]
    async fn an_unknown_key_has_it_fetched_at_most_every_thirty_seconds() {
        let old = remote(worked(Duration::from_secs(31)), PACE);
        assert!(!is_due(&old).await);
        assert_eq!(old.unknown_key(), Refusal::KeysUnavailable { retry_after: SOON });
        assert!(is_due(&old).await);

        let fresh = remote(worked(Duration::from_secs(2)), PACE);
        assert_eq!(fresh.unknown_key(), Refusal::UnknownSigningKey);
        assert!(!is_due(&fresh).await);
    }

    #[tokio::test]
    async fn who_asked_too_early_is_heard_later() {
        let pace = Pace { least: Duration::from_millis(20), ..PACE };
        let remote = remote(worked(Duration::ZERO), pace);
        remote.wake();
        tokio::time::timeout(Duration::from_secs(10), remote.due()).await.expect("it is due after 20 ms");
        assert!(remote.age() >= Some(pace.least));
    }

    #[test]
    fn failures_are_repeated_soon_and_then_ever_later() {
        let tried = Instant::now();
        let pause = |failures| {
            let past = Past { tried: Some(tried), worked: None, failures };
            past.due(PACE).unwrap().duration_since(tried).as_secs()
        };
        assert_eq!([1, 2, 3, 4, 5, 6, 40, u32::MAX].map(pause), [1, 2, 4, 8, 16, 30, 30, 30]);
    }

    #[test]
    fn a_caller_is_told_when_the_next_attempt_will_be_over() {
        let past = Past { tried: Some(Instant::now()), worked: None, failures: 3 };
        let retry_after = remote(past, PACE).retry_after().as_secs_f64();
        assert!((4.0..=5.0).contains(&retry_after), "{retry_after}");
        assert_eq!(remote(Past::default(), PACE).retry_after(), SOON);
    }
}
