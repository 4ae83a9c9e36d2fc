//! A part of what is held: by name, by last use, and by when its time is over.

use std::collections::BTreeSet;
use std::sync::Arc;

use lru::LruCache;
use tokio::time::Instant;

use crate::playbook::Time;
use crate::store::record::{Key, Record, Stamp};

/// Bytes of an entry beside its name, its record and its promises: measured.
const ENTRY: usize = 480;
/// Bytes of a promise beside its id and, in the index, the id of its conversation: measured.
const PROMISE: usize = 240;

/// The name of a conversation; clones share the text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Name {
    /// The tenant and behind it the conversation.
    text: Arc<str>,
    /// Where the one ends and the other starts.
    split: usize,
}

impl Name {
    pub(super) fn of(key: Key<'_>) -> Self {
        Self { text: [key.tenant, key.conversation].concat().into(), split: key.tenant.len() }
    }

    pub(super) fn key(&self) -> Key<'_> {
        let (tenant, conversation) = self.text.split_at_checked(self.split).unwrap_or_default();
        Key { tenant, conversation }
    }
}

/// A conversation that is held.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) record: Record,
    /// When its time is over.
    pub(super) ends: Instant,
    pub(super) promises: Box<[(Time, Box<str>)]>,
}

impl Entry {
    /// Bytes of memory that it takes, about.
    pub(super) fn bytes(&self, name: &Name) -> u64 {
        let of_promise = |(_, id): &(Time, Box<str>)| PROMISE + 2 * id.len() + name.key().conversation.len();
        let promises: usize = self.promises.iter().map(of_promise).sum();
        let bytes = ENTRY + name.text.len() + self.record.bytes.len() + promises;
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }
}

/// A part of what is held.
#[derive(Debug)]
pub(super) struct Part {
    /// In the order of their last use.
    entries: LruCache<Name, Entry>,
    ends: BTreeSet<(Instant, Name)>,
}

impl Default for Part {
    fn default() -> Self {
        Self { entries: LruCache::unbounded(), ends: BTreeSet::new() }
    }
}

impl Part {
    /// What is held under `name`, which is used by that.
    pub(super) fn touch(&mut self, name: &Name) -> Option<&Record> {
        self.entries.get(name).map(|entry| &entry.record)
    }

    /// Which write is held under `name`, which is not used by that.
    pub(super) fn peek(&self, name: &Name, now: Instant) -> Option<Stamp> {
        self.entries.peek(name).filter(|entry| entry.ends > now).map(|entry| entry.record.stamp)
    }

    /// Holds `entry` under `name`, where there is nothing.
    pub(super) fn insert(&mut self, name: Name, entry: Entry) {
        self.ends.insert((entry.ends, name.clone()));
        self.entries.put(name, entry);
    }

    pub(super) fn remove(&mut self, name: &Name) -> Option<Entry> {
        let (name, entry) = self.entries.pop_entry(name)?;
        self.ends.remove(&(entry.ends, name));
        Some(entry)
    }

    pub(super) fn remove_if_over(&mut self, name: &Name, now: Instant) -> Option<Entry> {
        let is_over = self.entries.peek(name).is_some_and(|entry| entry.ends <= now);
        if is_over { self.remove(name) } else { None }
    }

    /// Removes something that is over its time.
    pub(super) fn pop_over(&mut self, now: Instant) -> Option<(Name, Entry)> {
        let (ends, _) = self.ends.first()?;
        if *ends > now {
            return None;
        }
        let (_, name) = self.ends.pop_first()?;
        self.entries.pop_entry(&name)
    }

    /// Removes what was not used for longest.
    pub(super) fn pop_oldest(&mut self) -> Option<(Name, Entry)> {
        let (name, entry) = self.entries.pop_lru()?;
        self.ends.remove(&(entry.ends, name.clone()));
        Some((name, entry))
    }
}
