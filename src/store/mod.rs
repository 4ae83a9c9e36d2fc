//! Conversations that are held for their callers: bytes under a key, how often they were written, and when their promises fall due.
//!
//! A record is replaced only by whoever knows what it replaces (compare and set), so that of two writers at the same moment none is
//! lost. The memory of this process holds them, or Redis does.
//!
//! Architecture invariant: it does not know what the bytes mean, and makes no decision.

mod memory;
mod record;

use tokio::time::Instant;

pub use memory::{Bounds, Memory};
pub use record::{Change, Due, DueAfter, DueQuery, Hint, Key, Put, Record, Stamp, Unavailable, Written};

/// Where conversations are held.
#[derive(Debug, Clone)]
pub enum Store {
    /// In the memory of this process.
    Memory(Memory),
}

impl Store {
    /// What this process knows of a conversation without asking anybody.
    #[must_use]
    pub fn hint(&self, key: Key<'_>) -> Hint {
        match self {
            Self::Memory(memory) => Hint::Certain(memory.get(key)),
        }
    }

    /// What is held under `key`.
    ///
    /// # Errors
    ///
    /// The store does not answer until `until`.
    #[expect(clippy::unused_async, reason = "asking others takes time")]
    pub async fn get(&self, key: Key<'_>, _until: Instant) -> Result<Option<Record>, Unavailable> {
        match self {
            Self::Memory(memory) => Ok(memory.get(key)),
        }
    }

    /// Writes `put`, if what it replaces is what is there.
    ///
    /// # Errors
    ///
    /// The store does not answer until `until`: it may have been written, or not.
    #[expect(clippy::unused_async, reason = "asking others takes time")]
    pub async fn put(&self, put: Put<'_>, _until: Instant) -> Result<Written, Unavailable> {
        match self {
            Self::Memory(memory) => Ok(memory.put(put)),
        }
    }

    /// Keeps in mind what could not be written in place of `_replaces`, so that this process can go on from there: the next hint is
    /// [`Hint::Ahead`].
    pub fn remember(&self, _key: Key<'_>, _record: Record, _replaces: Option<Stamp>) {
        match self {
            Self::Memory(_) => {}
        }
    }

    /// Forgets a conversation and all that belongs to it; whether there was one.
    ///
    /// # Errors
    ///
    /// The store does not answer until `until`: it may have been forgotten, or not.
    #[expect(clippy::unused_async, reason = "asking others takes time")]
    pub async fn delete(&self, key: Key<'_>, _until: Instant) -> Result<bool, Unavailable> {
        match self {
            Self::Memory(memory) => Ok(memory.delete(key)),
        }
    }

    /// Promises of a tenant that fall due, the earliest first.
    ///
    /// # Errors
    ///
    /// The store does not answer until `until`.
    #[expect(clippy::unused_async, reason = "asking others takes time")]
    pub async fn due(&self, query: &DueQuery<'_>, _until: Instant) -> Result<Vec<Due>, Unavailable> {
        match self {
            Self::Memory(memory) => Ok(memory.due(query)),
        }
    }
}
