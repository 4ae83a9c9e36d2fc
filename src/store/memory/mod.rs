//! Conversations in the memory of this process: so many at most, and so many bytes of them; each until its time is over.
//!
//! They are split into parts, each behind a lock of its own that is held for a look or a change and for nothing else. For a
//! conversation too many, those that were used the least recently are given up, part by part. What is over its time is gone at once
//! for whoever asks, and taken away in small steps by those who write. Locks are taken in one order: room, part, promises.

mod bounds;
mod part;
mod promises;

use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tonic::codegen::Bytes;
use tracing::warn;

use super::record::{Due, DueQuery, Key, Put, Record, Stamp, Written};
use crate::telemetry::{Evicted, Metrics};
use bounds::Usage;
use part::{Entry, Name, Part};
use promises::Promises;

pub use bounds::Bounds;

/// So many conversations that are over their time are taken away by one write.
const STEP: usize = 4;
/// How often it is told at most that conversations are given up.
const BETWEEN_WARNINGS: Duration = Duration::from_secs(60);
/// Times further ahead than that are as good as this one.
const FAR_AHEAD: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// Conversations in the memory of this process; clones share them.
#[derive(Debug, Clone)]
pub struct Memory(Arc<Held>);

#[derive(Debug)]
struct Held {
    parts: Vec<Mutex<Part>>,
    hasher: RandomState,
    promises: Mutex<Promises>,
    bounds: Bounds,
    usage: Usage,
    room: Mutex<Room>,
    metrics: Metrics,
}

/// Whoever makes room: one at a time, so that nobody gives up more than is needed.
#[derive(Debug, Default)]
struct Room {
    /// Which part is next to give something up.
    next: usize,
    warned: Option<Instant>,
}

impl Memory {
    /// Nothing yet, and within `bounds` for ever.
    #[must_use]
    pub fn new(bounds: Bounds, metrics: &Metrics) -> Self {
        Self(Arc::new(Held {
            parts: (0..bounds.parts()).map(|_| Mutex::default()).collect(),
            hasher: RandomState::new(),
            promises: Mutex::default(),
            bounds,
            usage: Usage::default(),
            room: Mutex::default(),
            metrics: metrics.clone(),
        }))
    }

    /// What is held under `key`.
    #[must_use]
    pub fn get(&self, key: Key<'_>) -> Option<Record> {
        let name = Name::of(key);
        let mut part = self.0.part(&name);
        self.0.look(&mut part, &name, Instant::now()).cloned()
    }

    /// Which write is held under `key`. Whoever only wants to know whether something changed does not use it by that.
    #[must_use]
    pub fn stamp(&self, key: Key<'_>) -> Option<Stamp> {
        let name = Name::of(key);
        self.0.part(&name).peek(&name, Instant::now())
    }

    /// Writes `put`, if what it replaces is what is there.
    #[must_use]
    pub fn put(&self, put: Put<'_>) -> Written {
        let now = Instant::now();
        let Put { key, replaces, record, lasts, promises } = put;
        let name = Name::of(key);
        let entry = Entry {
            // What was given may be a slice of something large.
            record: Record { bytes: Bytes::copy_from_slice(&record.bytes), ..record },
            ends: now.checked_add(lasts).unwrap_or(now + FAR_AHEAD),
            promises: promises.into_iter().map(|(time, id)| (time, id.into())).collect(),
        };
        let mut part = self.0.part(&name);
        self.0.sweep(&mut part, now);
        let there = self.0.look(&mut part, &name, now);
        if there.map(|record| record.stamp) != replaces {
            return Written::Outrun(there.cloned());
        }
        self.0.write(&mut part, name, entry);
        drop(part);
        self.0.make_room(now);
        Written::Kept
    }

    /// Forgets a conversation; whether there was one.
    #[must_use]
    pub fn delete(&self, key: Key<'_>) -> bool {
        let name = Name::of(key);
        let mut part = self.0.part(&name);
        let there = self.0.look(&mut part, &name, Instant::now()).is_some();
        if let Some(entry) = part.remove(&name) {
            self.0.gone(&name, &entry);
        }
        there
    }

    /// Promises that fall due, the earliest first.
    #[must_use]
    pub fn due(&self, query: &DueQuery<'_>) -> Vec<Due> {
        lock(&self.0.promises).due(query, Instant::now())
    }
}

impl Held {
    /// Where the conversation `name` is, or would be.
    fn part(&self, name: &Name) -> MutexGuard<'_, Part> {
        let hash = self.hasher.hash_one(name);
        let parts = u64::try_from(self.parts.len()).unwrap_or(u64::MAX);
        let place = usize::try_from(hash % parts).unwrap_or_default();
        self.part_at(place)
    }

    /// There is at least one part; a place behind the last is that of the first.
    #[expect(clippy::indexing_slicing, reason = "a remainder is less than what it was divided by")]
    fn part_at(&self, place: usize) -> MutexGuard<'_, Part> {
        lock(&self.parts[place % self.parts.len()])
    }

    /// What is held under `name`, unless it is over its time.
    fn look<'p>(&self, part: &'p mut Part, name: &Name, now: Instant) -> Option<&'p Record> {
        if let Some(entry) = part.remove_if_over(name, now) {
            self.expired(name, &entry);
        }
        part.touch(name)
    }

    fn write(&self, part: &mut Part, name: Name, entry: Entry) {
        if let Some(before) = part.remove(&name) {
            self.gone(&name, &before);
        }
        self.usage.add(&self.metrics, entry.bytes(&name));
        if !entry.promises.is_empty() {
            lock(&self.promises).add(&name, &entry);
        }
        part.insert(name, entry);
    }

    /// Takes away some of what is over its time.
    fn sweep(&self, part: &mut Part, now: Instant) {
        for _ in 0..STEP {
            let Some((name, entry)) = part.pop_over(now) else { return };
            self.expired(&name, &entry);
        }
    }

    /// Gives up what is too much: first what is over its time, then what was not used for longest.
    fn make_room(&self, now: Instant) {
        if self.usage.excess(self.bounds).is_none() {
            return;
        }
        let mut room = lock(&self.room);
        while let Some(evicted) = self.usage.excess(self.bounds) {
            room.next = room.next.wrapping_add(1);
            let mut part = self.part_at(room.next);
            if let Some((name, entry)) = part.pop_over(now) {
                self.expired(&name, &entry);
            } else if let Some((name, entry)) = part.pop_oldest() {
                self.gone(&name, &entry);
                drop(part);
                self.metrics.conversation_evicted(evicted);
                room.warn(evicted, now);
            }
        }
    }

    fn expired(&self, name: &Name, entry: &Entry) {
        self.gone(name, entry);
        self.metrics.conversation_expired();
    }

    /// An entry was taken out of its part.
    fn gone(&self, name: &Name, entry: &Entry) {
        self.usage.remove(&self.metrics, entry.bytes(name));
        if !entry.promises.is_empty() {
            lock(&self.promises).remove(name, entry);
        }
    }
}

impl Room {
    fn warn(&mut self, evicted: Evicted, now: Instant) {
        if self.warned.is_some_and(|warned| now.duration_since(warned) < BETWEEN_WARNINGS) {
            return;
        }
        self.warned = Some(now);
        let bound = match evicted {
            Evicted::Count => "conversations.most",
            Evicted::Bytes => "conversations.bytes",
        };
        warn!("conversations are given up before their time: there is no more room in `{bound}`");
    }
}

/// What a thread that panicked left behind is whole: nothing in here panics halfway.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
