//! When a key set is fetched again.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::fetch::Fetcher;
use crate::auth::refusal::Refusal;
use crate::auth::reload::{Outcome, Problems};

/// How often it is fetched anyway.
const EVERY: Duration = Duration::from_secs(5 * 60);
/// How long after an attempt a call can bring about the next one: callers choose which keys their tokens name.
const LEAST: Duration = Duration::from_secs(30);
/// After a first failure; it doubles with each one more, up to [`LEAST`].
const AGAIN: Duration = Duration::from_secs(1);
/// What a fetch mostly takes.
const SOON: Duration = Duration::from_secs(1);

/// A key set at an address.
pub(super) struct Remote {
    fetcher: Fetcher,
    /// Held while it is fetched: one fetch at a time.
    turn: tokio::sync::Mutex<()>,
    past: Mutex<Past>,
    wake: Notify,
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
    fn due(&self) -> Option<Instant> {
        let pause = match self.failures {
            0 => EVERY,
            failures => AGAIN.saturating_mul(2_u32.saturating_pow(failures - 1)).min(LEAST),
        };
        self.tried.map(|tried| tried + pause)
    }

    /// When it is due because somebody asks; `None` for at once.
    fn due_on_demand(&self) -> Option<Instant> {
        self.tried.map(|tried| tried + LEAST)
    }
}

impl Remote {
    pub(super) fn of(fetcher: Fetcher) -> Self {
        Self { fetcher, turn: tokio::sync::Mutex::default(), past: Mutex::default(), wake: Notify::new() }
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
            let due = self.past().due_on_demand();
            wait(due).await;
        };
        let due = self.past().due();
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
        let fresh = self.age().is_some_and(|age| age < LEAST);
        if fresh { Refusal::UnknownSigningKey } else { Refusal::KeysUnavailable { retry_after: self.retry_after() } }
    }

    /// When the next attempt will be over, at the latest if somebody asks for it.
    pub(super) fn retry_after(&self) -> Duration {
        let past = *self.past();
        let next = past.due().min(past.due_on_demand());
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
