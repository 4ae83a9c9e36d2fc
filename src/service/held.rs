//! Conversations that are held for their callers, and how one call changes one of them.
//!
//! A call decides on what this process knows of the conversation, and writes what comes of it if nobody else has written since; else
//! it decides again on what the other has written. So of two calls at the same moment none is lost, and in the usual case the store
//! is asked once.

use std::time::Duration;

use tokio::time::Instant;

use super::watchers::{Watch, Watchers};
use crate::playbook::Time;
use crate::store::{Due, DueQuery, Hint, Key, Record, Stamp, Store, Unavailable, Unwritten, Written};

/// How often a call that is outrun by others decides anew before it gives up.
const TRIES: usize = 16;
/// Writes that may yet be done are kept in mind for a conversation, the latest.
const MOST_OWN: usize = 512;
/// How many days ahead a promise may be made. A conversation outlasts its promises: without a bound, one for the year 9999 would have
/// it held until then.
pub const MOST_DAYS_AHEAD: u32 = 366;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Conversations that are held, and for how long.
#[derive(Debug, Clone)]
pub struct Conversations {
    store: Store,
    lasts: Duration,
    watchers: Watchers,
}

/// Which conversation a call is for, and until when its answer is of any use.
#[derive(Debug, Clone, Copy)]
pub struct Visit<'a> {
    /// Which.
    pub key: Key<'a>,
    /// Until when.
    pub until: Instant,
}

/// What is known of a conversation when a call is decided.
#[derive(Debug, Clone, Copy)]
pub enum Past<'a> {
    /// What is held of it; `None`: nothing, it begins.
    Held(Option<&'a Record>),
    /// The store can't be asked. This was held when it was last seen here; `None`: nobody here knows.
    OutOfReach(Option<&'a Record>),
}

/// What a call makes of a conversation.
#[derive(Debug)]
pub struct Turn<T> {
    /// What is answered.
    pub answer: T,
    /// What is to be held from now on; `None`: what was held before.
    pub next: Option<Next>,
}

/// What is to be held.
#[derive(Debug)]
pub struct Next {
    /// How often it was written, with this time.
    pub revision: u32,
    /// What is written.
    pub bytes: Vec<u8>,
    /// The moment it was decided for.
    pub now: Time,
    /// Open promises by their ids, and when they fall due.
    pub promises: Vec<(Time, String)>,
}

/// Why a call can't be answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeldError<E> {
    /// It can't be decided.
    #[error(transparent)]
    Undecided(E),
    /// Others were faster, again and again.
    #[error("others write to this conversation all the time; nothing of this call was counted, try again")]
    Contended,
}

impl Conversations {
    /// Conversations in `store`, each for as long as `lasts` after it was last written.
    #[must_use]
    pub fn new(store: Store, lasts: Duration) -> Self {
        Self { store, lasts, watchers: Watchers::default() }
    }

    /// Somebody who watches conversations of a tenant. What others write to the store is only told while somebody follows.
    #[must_use]
    pub fn watch(&self, tenant: &str) -> Watch {
        self.watchers.watch(tenant)
    }

    /// Changes a conversation by what `decide` makes of its past. It is asked again where somebody else was faster; only what it
    /// made last counts.
    ///
    /// # Errors
    ///
    /// What `decide` says, or others are faster again and again. A store that does not answer in time is no error: `decide` is
    /// told.
    pub async fn turn<T, E>(
        &self,
        visit: Visit<'_>,
        mut decide: impl FnMut(Past<'_>) -> Result<Turn<T>, E>,
    ) -> Result<T, HeldError<E>> {
        let Visit { key, until } = visit;
        let mut known = self.store.hint(key);
        let mut attempts = Vec::new();
        for _ in 0..TRIES {
            let decided = decide(Past::Held(known.record()));
            let asked = match (decided, &known) {
                (Ok(Turn { answer, next: Some(next) }), _) => {
                    let unwritten = self.unwritten(next, &known);
                    attempts.push(unwritten.record.stamp);
                    settled(self.write(visit, &unwritten).await, || Ok(answer))
                }
                // Nothing is to be written but what the answer builds on.
                (decided, Hint::Ahead(unwritten)) => settled(self.write(visit, unwritten).await, || answered(decided)),
                (decided, Hint::Certain(_)) => return answered(decided),
                (_, Hint::Perhaps(_)) => Asked::There(self.store.get(key, until).await),
            };
            known = match asked {
                Asked::Settled(answer) => return answer,
                Asked::There(Ok(there)) => after(known, there),
                Asked::There(Err(Unavailable)) => return self.turn_out_of_reach(key, &attempts, decide),
            };
        }
        Err(HeldError::Contended)
    }

    /// What is held of a conversation.
    ///
    /// # Errors
    ///
    /// The store does not answer.
    pub async fn get(&self, visit: Visit<'_>) -> Result<Option<Record>, Unavailable> {
        self.store.get(visit.key, visit.until).await
    }

    /// Forgets a conversation; whether there was one.
    ///
    /// # Errors
    ///
    /// The store does not answer.
    pub async fn delete(&self, visit: Visit<'_>) -> Result<bool, Unavailable> {
        let existed = self.store.delete(visit.key, visit.until).await?;
        self.watchers.tell(visit.key, None);
        Ok(existed)
    }

    /// Promises that fall due, the earliest first.
    ///
    /// # Errors
    ///
    /// The store does not answer.
    pub async fn due(&self, query: &DueQuery<'_>, until: Instant) -> Result<Vec<Due>, Unavailable> {
        self.store.due(query, until).await
    }

    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    pub(super) fn watchers(&self) -> &Watchers {
        &self.watchers
    }

    async fn write(&self, visit: Visit<'_>, unwritten: &Unwritten) -> Result<Written, Unavailable> {
        let written = self.store.put(unwritten.put(visit.key), visit.until).await?;
        if written == Written::Kept {
            self.watchers.tell(visit.key, Some(unwritten.record.stamp));
        }
        Ok(written)
    }

    /// Goes on from what this process remembers, by the time that it does; `attempts` to write may yet be done.
    fn turn_out_of_reach<T, E>(
        &self,
        key: Key<'_>,
        attempts: &[Stamp],
        mut decide: impl FnMut(Past<'_>) -> Result<Turn<T>, E>,
    ) -> Result<T, HeldError<E>> {
        for _ in 0..TRIES {
            let known = self.store.hint(key);
            let decided = decide(Past::OutOfReach(known.record()));
            let Turn { answer, next } = decided.map_err(HeldError::Undecided)?;
            let Some(next) = next else { return Ok(answer) };
            let mut unwritten = self.unwritten(next, &known);
            unwritten.own.extend_from_slice(attempts);
            unwritten.own.drain(..unwritten.own.len().saturating_sub(MOST_OWN));
            let stamp = unwritten.record.stamp;
            if self.store.remember(key, unwritten, known.record().map(|on| on.stamp)) {
                self.watchers.tell(key, Some(stamp));
                return Ok(answer);
            }
        }
        Err(HeldError::Contended)
    }

    /// What is to be written of `next`. Every write has a stamp of its own, which nobody can foresee.
    fn unwritten(&self, next: Next, known: &Hint) -> Unwritten {
        let Next { revision, bytes, now, promises } = next;
        let (stamp, _) = uuid::Uuid::new_v4().as_u64_pair();
        let record = Record { revision, stamp: Stamp(stamp), bytes: bytes.into() };
        let (replaces, own, lasts) = (known.replaces(), known.own(), lasts_for(self.lasts, &promises, now));
        Unwritten { record, replaces, own, lasts, promises }
    }
}

/// Until a day after the last promise, so that it can still be found when it was missed, and at least for `shortest`. A state that a caller
/// sends may hold promises for any time.
fn lasts_for(shortest: Duration, promises: &[(Time, String)], now: Time) -> Duration {
    let last = promises.iter().map(|(time, _)| *time).max();
    let ahead = last.and_then(|last| u64::try_from(last.millis().saturating_sub(now.millis())).ok());
    let kept_for = ahead.map(|ahead| Duration::from_millis(ahead).min(DAY * MOST_DAYS_AHEAD) + DAY);
    shortest.max(kept_for.unwrap_or_default())
}

/// What is known now that the store says what is `there`. What this process could not write still counts, unless somebody else has
/// written or deleted since: they were told that it is done.
fn after(known: Hint, there: Option<Record>) -> Hint {
    let stamp = there.as_ref().map(|record| record.stamp);
    match known {
        Hint::Ahead(unwritten) if unwritten.follows(stamp) => Hint::Ahead(Unwritten { replaces: stamp, ..unwritten }),
        Hint::Ahead(_) | Hint::Perhaps(_) | Hint::Certain(_) => Hint::Certain(there),
    }
}

/// What asking the store has brought.
enum Asked<T, E> {
    /// The answer.
    Settled(Result<T, HeldError<E>>),
    /// What is there, to decide on.
    There(Result<Option<Record>, Unavailable>),
}

/// The answer, if what it takes is written.
fn settled<T, E>(
    written: Result<Written, Unavailable>,
    answer: impl FnOnce() -> Result<T, HeldError<E>>,
) -> Asked<T, E> {
    match written {
        Ok(Written::Kept) => Asked::Settled(answer()),
        Ok(Written::Outrun(there)) => Asked::There(Ok(there)),
        Err(unavailable) => Asked::There(Err(unavailable)),
    }
}

fn answered<T, E>(decided: Result<Turn<T>, E>) -> Result<T, HeldError<E>> {
    decided.map(|turn| turn.answer).map_err(HeldError::Undecided)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_outlasts_its_promises_by_a_day_and_never_lasts_for_ever() {
        let lasts = |promises: &[i64]| {
            let promises: Vec<_> = promises.iter().map(|due| (Time::from_millis(*due), String::new())).collect();
            lasts_for(DAY * 2, &promises, Time::from_millis(0))
        };
        let day = 86_400_000;
        assert_eq!([lasts(&[]), lasts(&[-day, day / 2])], [DAY * 2; 2]);
        assert_eq!(lasts(&[day, 7 * day]), DAY * 8);
        assert_eq!([lasts(&[366 * day]), lasts(&[i64::MAX])], [DAY * 367; 2]);
    }
}
