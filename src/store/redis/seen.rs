//! What this process saw last of conversations: what it may go on from before it asks.

use std::sync::{Mutex, PoisonError};

use lru::LruCache;

use crate::store::record::{Record, Stamp, Unwritten};

/// So many conversations at most.
const MOST: usize = 20_000;

/// So many bytes at most, of names and records together.
const MOST_BYTES: usize = 32 * 1024 * 1024;

/// What an entry takes beside its name and record, about.
const ENTRY: usize = 160;

/// What a promise takes beside its id, about.
const PROMISE: usize = 48;

/// What was seen last, by the names of records.
#[derive(Debug)]
pub(super) struct Seen(Mutex<Entries>);

/// What was seen of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sight {
    /// This was held.
    Held(Record),
    /// This could not be written.
    Ahead(Unwritten),
}

impl Sight {
    fn record(&self) -> &Record {
        match self {
            Self::Held(record) => record,
            Self::Ahead(unwritten) => &unwritten.record,
        }
    }

    fn stamp(&self) -> Stamp {
        self.record().stamp
    }
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

    /// Keeps what was written.
    pub(super) fn keep(&self, name: Vec<u8>, record: Record) {
        self.with(|entries| entries.keep(name, Sight::Held(record)));
    }

    /// Keeps what could not be written, if it was decided `on` what was seen last.
    pub(super) fn remember(&self, name: Vec<u8>, unwritten: Unwritten, on: Option<Stamp>) -> bool {
        self.with(|entries| {
            let is_last = entries.sights.peek(&name).map(Sight::stamp) == on;
            if is_last {
                entries.keep(name, Sight::Ahead(unwritten));
            }
            is_last
        })
    }

    /// Keeps what was found. What could not be written stays where it still is what follows on that.
    pub(super) fn find(&self, name: Vec<u8>, there: Option<Record>) {
        let found = there.as_ref().map(|record| record.stamp);
        self.with(|entries| match (entries.sights.peek_mut(&name), there) {
            (Some(Sight::Ahead(unwritten)), _) if unwritten.follows(found) => unwritten.replaces = found,
            (_, Some(record)) => entries.keep(name, Sight::Held(record)),
            (_, None) => entries.forget(&name),
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
            Some(Sight::Held(_) | Sight::Ahead(_)) | None => {}
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
    let more: usize = match sight {
        Sight::Held(_) => 0,
        Sight::Ahead(unwritten) => {
            let promises: usize = unwritten.promises.iter().map(|(_, id)| PROMISE + id.len()).sum();
            promises + size_of_val(unwritten.own.as_slice())
        }
    };
    name.len() + sight.record().bytes.len() + ENTRY + more
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tonic::codegen::Bytes;

    use super::{MOST, MOST_BYTES, Seen, Sight};
    use crate::store::record::{Record, Stamp, Unwritten};

    fn record(revision: u32, stamp: u64, length: usize) -> Record {
        Record { revision, stamp: Stamp(stamp), bytes: Bytes::from(vec![0; length]) }
    }

    fn of_length(length: usize) -> Record {
        record(1, 0, length)
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
        seen.keep(b"name".to_vec(), record(1, 7, 1));
        seen.outdate(b"name", Stamp(7));
        assert!(seen.get(b"name").is_some());
        seen.outdate(b"name", Stamp(8));
        assert!(seen.get(b"name").is_none());
    }

    fn unwritten(stamp: u64, replaces: Option<u64>) -> Unwritten {
        let (record, replaces) = (record(3, stamp, 1), replaces.map(Stamp));
        Unwritten { record, replaces, own: vec![Stamp(8)], lasts: Duration::from_secs(60), promises: Vec::new() }
    }

    #[test]
    fn what_could_not_be_written_stays_until_somebody_else_has_written() {
        let seen = Seen::default();
        let ahead = Sight::Ahead(unwritten(9, Some(1)));
        seen.keep(b"name".to_vec(), record(1, 1, 1));
        assert!(seen.remember(b"name".to_vec(), unwritten(9, Some(1)), Some(Stamp(1))));
        seen.find(b"name".to_vec(), Some(record(1, 1, 1)));
        assert_eq!(seen.get(b"name"), Some(ahead.clone()));
        // An earlier write of ours came through after all.
        seen.find(b"name".to_vec(), Some(record(2, 8, 1)));
        assert_eq!(seen.get(b"name"), Some(Sight::Ahead(unwritten(9, Some(8)))));
        // Later by its revision or not: whoever wrote was told that it is done.
        seen.find(b"name".to_vec(), Some(record(2, 2, 1)));
        assert_eq!(seen.get(b"name"), Some(Sight::Held(record(2, 2, 1))));
        assert!(seen.remember(b"name".to_vec(), unwritten(9, Some(2)), Some(Stamp(2))));
        seen.find(b"name".to_vec(), None);
        assert_eq!(seen.get(b"name"), None, "it was deleted");
        assert!(seen.remember(b"name".to_vec(), unwritten(9, None), None));
        seen.find(b"name".to_vec(), None);
        assert!(seen.get(b"name").is_some(), "it began while nobody could write");
    }

    #[test]
    fn of_two_that_could_not_be_written_each_builds_on_the_other() {
        let seen = Seen::default();
        seen.keep(b"name".to_vec(), record(1, 1, 1));
        assert!(seen.remember(b"name".to_vec(), unwritten(2, Some(1)), Some(Stamp(1))));
        assert!(
            !seen.remember(b"name".to_vec(), unwritten(3, Some(1)), Some(Stamp(1))),
            "it was decided without the other"
        );
        assert!(seen.remember(b"name".to_vec(), unwritten(3, Some(1)), Some(Stamp(2))));
    }
}
