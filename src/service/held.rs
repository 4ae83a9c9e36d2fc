//! Conversations that are held for their callers, and how one call changes one of them.
//!
//! A call decides on what this process knows of the conversation, and writes what comes of it if nobody else has written since; else
//! it decides again on what the other has written. So of two calls at the same moment none is lost, and in the usual case the store
//! is asked once.

use std::time::Duration;

use tokio::time::Instant;

use super::watchers::{Watch, Watchers};
use crate::playbook::Time;
use crate::store::{Due, DueQuery, Hint, Key, Put, Record, Stamp, Store, Unavailable, Written};

/// How often a call that is outrun by others decides anew before it gives up.
const TRIES: usize = 16;
/// How long a promise outlasts its time, so that it can still be found when it was missed.
const AFTER_THE_LAST_PROMISE: Duration = Duration::from_secs(24 * 60 * 60);

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
        let mut known = Known::from(self.store.hint(key));
        for _ in 0..TRIES {
            let decided = decide(Past::Held(known.record.as_ref()));
            let asked = match decided {
                Ok(Turn { answer, next: Some(next) }) => match self.write(visit, &known, next).await {
                    Ok(Written::Kept) => return Ok(answer),
                    Ok(Written::Outrun(there)) => Ok(there),
                    Err(Unavailable) => Err(Unavailable),
                },
                decided if known.certainty == Certainty::Certain => {
                    return decided.map(|turn| turn.answer).map_err(HeldError::Undecided);
                }
                Ok(_) | Err(_) => self.store.get(key, until).await,
            };
            match asked {
                Ok(there) => known = known.after(there),
                Err(Unavailable) => return self.turn_out_of_reach(key, &known, decide),
            }
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

    async fn write(&self, visit: Visit<'_>, known: &Known, next: Next) -> Result<Written, Unavailable> {
        let Next { revision, bytes, now, promises } = next;
        let record = record(revision, bytes);
        let stamp = record.stamp;
        let put = Put {
            key: visit.key,
            replaces: known.replaces,
            record,
            lasts: self.lasts_for(&promises, now),
            promises: promises.iter().map(|(time, id)| (*time, id.as_str())).collect(),
        };
        let written = self.store.put(put, visit.until).await?;
        if written == Written::Kept {
            self.watchers.tell(visit.key, Some(stamp));
        }
        Ok(written)
    }

    /// Goes on from what this process remembers.
    fn turn_out_of_reach<T, E>(
        &self,
        key: Key<'_>,
        known: &Known,
        mut decide: impl FnMut(Past<'_>) -> Result<Turn<T>, E>,
    ) -> Result<T, HeldError<E>> {
        let Turn { answer, next } = decide(Past::OutOfReach(known.record.as_ref())).map_err(HeldError::Undecided)?;
        if let Some(Next { revision, bytes, .. }) = next {
            let record = record(revision, bytes);
            let stamp = record.stamp;
            self.store.remember(key, record, known.replaces);
            self.watchers.tell(key, Some(stamp));
        }
        Ok(answer)
    }

    /// At least until a day after the last promise.
    fn lasts_for(&self, promises: &[(Time, String)], now: Time) -> Duration {
        let last = promises.iter().map(|(time, _)| *time).max();
        let ahead = last.and_then(|last| u64::try_from(last.millis().saturating_sub(now.millis())).ok());
        let kept_for = ahead.map(|ahead| Duration::from_millis(ahead).saturating_add(AFTER_THE_LAST_PROMISE));
        self.lasts.max(kept_for.unwrap_or_default())
    }
}

/// Every write has a stamp of its own, which nobody can foresee.
fn record(revision: u32, bytes: Vec<u8>) -> Record {
    let (stamp, _) = uuid::Uuid::new_v4().as_u64_pair();
    Record { revision, stamp: Stamp(stamp), bytes: bytes.into() }
}

/// What is known of a conversation during a call.
struct Known {
    record: Option<Record>,
    /// What a write has to replace.
    replaces: Option<Stamp>,
    certainty: Certainty,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Certainty {
    Certain,
    Remembered,
    Ahead,
}

impl From<Hint> for Known {
    fn from(hint: Hint) -> Self {
        match hint {
            Hint::Certain(record) => Self::seen(record, Certainty::Certain),
            Hint::Perhaps(record) => Self::seen(record, Certainty::Remembered),
            Hint::Ahead { record, replaces } => Self { record: Some(record), replaces, certainty: Certainty::Ahead },
        }
    }
}

impl Known {
    fn seen(record: Option<Record>, certainty: Certainty) -> Self {
        Self { replaces: record.as_ref().map(|record| record.stamp), record, certainty }
    }

    /// Now that the store says what is `there`. What this process could not write while the store was out of reach counts where it is
    /// the later one, also where the store has lost everything; what it only remembers does not: that may have been deleted.
    fn after(self, there: Option<Record>) -> Self {
        let revision = |record: &Option<Record>| record.as_ref().map(|record| record.revision);
        let is_later = self.certainty == Certainty::Ahead && revision(&self.record) > revision(&there);
        let seen = Self::seen(there, Certainty::Certain);
        if is_later { Self { record: self.record, ..seen } } else { seen }
    }
}
