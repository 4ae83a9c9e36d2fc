//! Moments at which conversations change though nobody says anything.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::grpc::clock;
use crate::playbook::Time;

/// The longest that is waited at once; then it is reckoned anew.
const FAR: Duration = Duration::from_secs(24 * 60 * 60);

/// When to look at which conversation, by a clock that does not go back.
#[derive(Debug)]
pub(super) struct Moments {
    /// Two names of the moment when this was made.
    time: Time,
    instant: Instant,
    due: BTreeSet<(Time, Arc<str>)>,
}

impl Moments {
    pub(super) fn from_now() -> Self {
        Self { time: clock::now(), instant: Instant::now(), due: BTreeSet::new() }
    }

    /// The present. The machine's clock may be set back meanwhile, and timers know nothing of it: what was waited for has come.
    pub(super) fn now(&self) -> Time {
        let passed = i64::try_from(self.instant.elapsed().as_millis()).unwrap_or(i64::MAX);
        clock::now().max(self.time.plus_millis(passed))
    }

    /// Has `conversation` looked at when `next` comes, and not at the moment that was `set` before.
    pub(super) fn set(&mut self, conversation: &Arc<str>, set: &mut Option<Time>, next: Option<Time>) {
        if *set == next {
            return;
        }
        if let Some(before) = set.take() {
            self.due.remove(&(before, Arc::clone(conversation)));
        }
        if let Some(next) = next {
            self.due.insert((next, Arc::clone(conversation)));
        }
        *set = next;
    }

    /// When the next one comes.
    pub(super) fn next(&self) -> Option<Instant> {
        let (next, _) = self.due.first()?;
        let ahead = u64::try_from(next.millis().saturating_sub(self.time.millis())).unwrap_or(0);
        let at = self.instant + Duration::from_millis(ahead).min(self.instant.elapsed() + FAR);
        Some(at)
    }

    /// Those whose moments have come, which are not set any more.
    pub(super) fn passed(&mut self) -> Vec<Arc<str>> {
        // Nothing is named by an empty text, so this stands before everything that comes later.
        let later = (self.now().plus_millis(1), Arc::from(""));
        let rest = self.due.split_off(&later);
        let passed = std::mem::replace(&mut self.due, rest);
        passed.into_iter().map(|(_, conversation)| conversation).collect()
    }
}
