//! How much may be held, and how much is.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::telemetry::{Evicted, Metrics};

/// What a part holds at least when all of them are full: with fewer, what is given up would be a matter of chance.
const LEAST_OF_PART: usize = 1_024;
const LEAST_BYTES_OF_PART: u64 = 2 * 1024 * 1024;
const MOST_PARTS: usize = 64;

/// How much may be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// So many conversations at most.
    pub most: usize,
    /// So many bytes of memory for them at most.
    pub bytes: u64,
}

impl Bounds {
    /// Into how many parts it is split.
    pub(super) fn parts(self) -> usize {
        let by_bytes = usize::try_from(self.bytes / LEAST_BYTES_OF_PART).unwrap_or(usize::MAX);
        (self.most / LEAST_OF_PART).min(by_bytes).clamp(1, MOST_PARTS)
    }
}

/// How much is held, in all parts together.
#[derive(Debug, Default)]
pub(super) struct Usage {
    conversations: AtomicUsize,
    bytes: AtomicU64,
}

impl Usage {
    /// Whoever adds or removes holds the lock of the part: what is counted is there.
    pub(super) fn add(&self, metrics: &Metrics, bytes: u64) {
        self.conversations.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        metrics.conversations_changed(1, bytes.cast_signed());
    }

    pub(super) fn remove(&self, metrics: &Metrics, bytes: u64) {
        self.conversations.fetch_sub(1, Ordering::Relaxed);
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
        metrics.conversations_changed(-1, -bytes.cast_signed());
    }

    /// Which of `bounds` it is beyond, if any.
    pub(super) fn excess(&self, bounds: Bounds) -> Option<Evicted> {
        if self.conversations.load(Ordering::Relaxed) > bounds.most {
            return Some(Evicted::Count);
        }
        (self.bytes.load(Ordering::Relaxed) > bounds.bytes).then_some(Evicted::Bytes)
    }
}
