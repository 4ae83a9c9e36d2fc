//! What this process saw last of conversations: what it may go on from before it asks.

use std::sync::{Mutex, PoisonError};

use lru::LruCache;

use crate::store::record::{Record, Stamp};

/// So many conversations at most.
const MOST: usize = 20_000;

/// So many bytes at most, of names and records together.
const MOST_BYTES: usize = 32 * 1024 * 1024;

/// What an entry takes beside its name and record, about.
const ENTRY: usize = 160;

/// What was seen last, by the names of records.
#[derive(Debug)]
pub(super) struct Seen(Mutex<Entries>);

/// What was seen of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sight {
    /// This was held.
    Held(Record),
    /// This could not be written.
    Ahead {
        /// What is to be held.
        record: Record,
        /// What was held.
        replaces: Option<Stamp>,
    },
}

#[derive(Debug)]
struct Entries {
    sights: LruCache<Vec<u8>, Sight>,
    bytes: usize,
}

impl Default for Seen {
    fn default() -> Self {
        Self(Mutex::new(Entries { sights: LruCache::unbounded(), bytes: 0 }))
    }
}

impl Seen {
    /// What was seen under `name`.
    pub(super) fn get(&self, name: &[u8]) -> Option<Sight> {
        self.with(|entries| entries.sights.get(name).cloned())
    }

    /// Keeps what was written, or could not be.
    pub(super) fn keep(&self, name: Vec<u8>, sight: Sight) {
        self.with(|entries| entries.keep(name, sight));
    }

    /// Keeps what was found. What could not be written stays where it is the later one: it is still to be written.
    pub(super) fn find(&self, name: Vec<u8>, there: Option<Record>) {
        self.with(|entries| {
            let found = there.as_ref().map(|record| (record.revision, record.stamp));
            match entries.sights.peek_mut(&name) {
                Some(Sight::Ahead { record, replaces })
                    if Some(record.revision) > found.map(|(revision, _)| revision) =>
                {
                    *replaces = found.map(|(_, stamp)| stamp);
                }
                Some(_) | None => match there {
                    Some(record) => entries.keep(name, Sight::Held(record)),
                    None => entries.forget(&name),
                },
            }
        });
    }

    /// Forgets what was deleted.
    pub(super) fn forget(&self, name: &[u8]) {
        self.with(|entries| entries.forget(name));
    }

    /// Forgets what is no longer held, now that somebody else has written.
    pub(super) fn outdate(&self, name: &[u8], now: Stamp) {
        self.with(|entries| match entries.sights.peek(name) {
            Some(Sight::Held(record)) if record.stamp != now => entries.forget(name),
            Some(Sight::Held(_) | Sight::Ahead { .. }) | None => {}
        });
    }

    fn with<T>(&self, act: impl FnOnce(&mut Entries) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Entries {
    fn keep(&mut self, name: Vec<u8>, sight: Sight) {
        self.forget(&name);
        self.bytes += size(&name, &sight);
        self.sights.put(name, sight);
        while self.sights.len() > MOST || self.bytes > MOST_BYTES {
            let Some((name, sight)) = self.sights.pop_lru() else { return };
            self.bytes -= size(&name, &sight);
        }
    }

    fn forget(&mut self, name: &[u8]) {
        if let Some((name, sight)) = self.sights.pop_entry(name) {
            self.bytes -= size(&name, &sight);
        }
    }
}

fn size(name: &[u8], sight: &Sight) -> usize {
    let (Sight::Held(record) | Sight::Ahead { record, .. }) = sight;
    name.len() + record.bytes.len() + ENTRY
}

#[cfg(test)]
mod tests {
    use tonic::codegen::Bytes;

    use super::{MOST, MOST_BYTES, Seen, Sight};
    use crate::store::record::{Record, Stamp};

    fn record(revision: u32, stamp: u64, length: usize) -> Record {
        Record { revision, stamp: Stamp(stamp), bytes: Bytes::from(vec![0; length]) }
    }

    fn of_length(length: usize) -> Sight {
        Sight::Held(record(1, 0, length))
    }

    #[test]
    fn what_was_not_asked_for_longest_makes_room() {
        let seen = Seen::default();
        for number in 0..MOST {
            seen.keep(number.to_be_bytes().to_vec(), of_length(1));
        }
        assert!(seen.get(&0_usize.to_be_bytes()).is_some());
        seen.keep(b"new".to_vec(), of_length(1));
        assert!(seen.get(&0_usize.to_be_bytes()).is_some());
        assert!(seen.get(&1_usize.to_be_bytes()).is_none());
        seen.keep(b"huge".to_vec(), of_length(MOST_BYTES / 2));
        seen.keep(b"huge as well".to_vec(), of_length(MOST_BYTES / 2));
        assert!(seen.get(b"huge").is_none() && seen.get(b"huge as well").is_some());
        assert!(seen.with(|entries| entries.bytes <= MOST_BYTES));
        seen.forget(b"huge as well");
        assert_eq!(seen.with(|entries| (entries.bytes, entries.sights.len())), (0, 0));
    }

    #[test]
    fn what_others_wrote_is_forgotten_and_the_own_is_not() {
        let seen = Seen::default();
        seen.keep(b"name".to_vec(), Sight::Held(record(1, 7, 1)));
        seen.outdate(b"name", Stamp(7));
        assert!(seen.get(b"name").is_some());
        seen.outdate(b"name", Stamp(8));
        assert!(seen.get(b"name").is_none());
    }

    #[test]
    fn what_could_not_be_written_stays_until_it_is_written_or_behind() {
        let seen = Seen::default();
        let ahead = |replaces: Option<u64>| Sight::Ahead { record: record(3, 9, 1), replaces: replaces.map(Stamp) };
        seen.keep(b"name".to_vec(), ahead(Some(1)));
        seen.outdate(b"name", Stamp(2));
        assert_eq!(seen.get(b"name"), Some(ahead(Some(1))));
        seen.find(b"name".to_vec(), Some(record(2, 2, 1)));
        assert_eq!(seen.get(b"name"), Some(ahead(Some(2))));
        seen.find(b"name".to_vec(), None);
        assert_eq!(seen.get(b"name"), Some(ahead(None)));
        seen.find(b"name".to_vec(), Some(record(3, 3, 1)));
        assert_eq!(seen.get(b"name"), Some(Sight::Held(record(3, 3, 1))));
        seen.find(b"name".to_vec(), None);
        assert_eq!(seen.get(b"name"), None);
    }
}
