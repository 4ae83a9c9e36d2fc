//! Conversations that are held for their callers: bytes under a key, how often they were written, and when their promises fall due.
//!
//! A record is replaced only by whoever knows what it replaces (compare and set), so that of two writers at the same moment none is
//! lost. The memory of this process holds them, or Redis does.
//!
//! Architecture invariant: it does not know what the bytes mean, and makes no decision.

mod memory;
mod record;
mod redis;

use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use tokio::time::Instant;

pub use self::redis::{BadRedisSettings, Mode, Redis, RedisSettings, Tls};
pub use memory::{Bounds, Memory};
pub use record::{Change, Due, DueAfter, DueQuery, Hint, Key, Put, Record, Stamp, Unavailable, Unwritten, Written};

/// Where conversations are held.
#[derive(Debug, Clone)]
pub enum Store {
    /// In the memory of this process.
    Memory(Memory),
    /// In Redis.
    Redis(Redis),
}

impl Store {
    /// Whether it is outside of this process, and has to be reached.
    #[must_use]
    pub const fn is_outside(&self) -> bool {
        match self {
            Self::Memory(_) => false,
            Self::Redis(_) => true,
        }
    }

    /// Reaches the store before anybody wants to.
    ///
    /// # Errors
    ///
    /// The store does not answer until `until`.
    pub async fn reach(&self, until: Instant) -> Result<(), Unavailable> {
        match self {
            Self::Memory(_) => Ok(()),
            Self::Redis(redis) => redis.reach(until).await,
        }
    }

    /// What this process knows of a conversation without asking anybody.
    #[must_use]
    pub fn hint(&self, key: Key<'_>) -> Hint {
        match self {
            Self::Memory(memory) => Hint::Certain(memory.get(key)),
            Self::Redis(redis) => redis.hint(key),
        }
    }

    /// What is held under `key`.
    ///
    /// # Errors
    ///
    /// The store does not answer until `until`.
    pub async fn get(&self, key: Key<'_>, until: Instant) -> Result<Option<Record>, Unavailable> {
        match self {
            Self::Memory(memory) => Ok(memory.get(key)),
            Self::Redis(redis) => redis.get(key, until).await,
        }
    }

    /// Writes `put`, if what it replaces is what is there.
    ///
    /// # Errors
    ///
    /// The store does not answer until `until`: it may have been written, or not.
    pub async fn put(&self, put: Put<'_>, until: Instant) -> Result<Written, Unavailable> {
        match self {
            Self::Memory(memory) => Ok(memory.put(put)),
            Self::Redis(redis) => redis.put(put, until).await,
        }
    }

    /// Keeps in mind what could not be written, so that this process can go on from there: the next hint is [`Hint::Ahead`]. False: it
    /// was decided `on` what is no longer what this process would go on from.
    #[must_use]
    pub fn remember(&self, key: Key<'_>, unwritten: Unwritten, on: Option<Stamp>) -> bool {
        match self {
            // What can always be written needs no reminding.
            Self::Memory(_) => true,
            Self::Redis(redis) => redis.remember(key, unwritten, on),
        }
    }

    /// Forgets a conversation and all that belongs to it; whether there was one.
    ///
    /// # Errors
    ///
    /// The store does not answer until `until`: it may have been forgotten, or not.
    pub async fn delete(&self, key: Key<'_>, until: Instant) -> Result<bool, Unavailable> {
        match self {
            Self::Memory(memory) => Ok(memory.delete(key)),
            Self::Redis(redis) => redis.delete(key, until).await,
        }
    }

    /// Promises of a tenant that fall due, the earliest first.
    ///
    /// # Errors
    ///
    /// The store does not answer until `until`.
    pub async fn due(&self, query: &DueQuery<'_>, until: Instant) -> Result<Vec<Due>, Unavailable> {
        match self {
            Self::Memory(memory) => Ok(memory.due(query)),
            Self::Redis(redis) => redis.due(query, until).await,
        }
    }

    /// Of which writes the records are that are held under `keys`, one answer for each: what a poll asks.
    ///
    /// # Errors
    ///
    /// The store does not answer until `until`.
    pub async fn stamps(&self, keys: &[Key<'_>], until: Instant) -> Result<Vec<Option<Stamp>>, Unavailable> {
        match self {
            Self::Memory(memory) => Ok(keys.iter().map(|key| memory.stamp(*key)).collect()),
            Self::Redis(redis) => redis.stamps(keys, until).await,
        }
    }

    /// Changes by others than this process, without end; of none where there are no others. Nobody listens before it is polled.
    #[must_use]
    pub fn changes(&self) -> BoxStream<'static, Change> {
        match self {
            Self::Memory(_) => futures_util::stream::pending().boxed(),
            Self::Redis(redis) => redis.changes().boxed(),
        }
    }
}
