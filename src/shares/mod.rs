//! How much there is of something in all, and a fair share of it for each of those who want it, so that one who wants too much harms
//! nobody but itself.
//!
//! Of what there is, each may have as much as if everybody who has some, and one more, had equally much: alone it gets half, two get
//! a third each. There is always room for whoever comes next.
//!
//! Architecture invariant: what is shared out, by which names, and what is told to whoever gets nothing, others know.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Names that are kept in mind at least; beyond, those that have nothing are forgotten.
const MOST_IDLE: usize = 4_096;

/// How much is taken in all.
#[derive(Debug, Default)]
pub struct Count(AtomicUsize);

/// A unit of it, until this is dropped.
#[derive(Debug)]
pub struct Taken(Arc<Count>);

impl Count {
    /// A unit, where there are fewer than `limit` taken.
    #[must_use]
    pub fn enter(self: &Arc<Self>, limit: usize) -> Option<Taken> {
        let taken = Taken(Arc::clone(self));
        // A unit that is given back at once does no harm.
        (self.0.fetch_add(1, Ordering::Relaxed) < limit).then_some(taken)
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What one of those who want some has.
#[derive(Debug)]
pub struct Share {
    name: Arc<str>,
    taken: AtomicUsize,
    /// How many have something.
    busy: Arc<AtomicUsize>,
}

/// A unit of it, until this is dropped.
#[derive(Debug)]
pub struct Part(Arc<Share>);

impl Share {
    /// Whose it is.
    #[must_use]
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// A part, where there is less than a fair share of `all` taken.
    #[must_use]
    pub fn enter(self: &Arc<Self>, all: usize) -> Option<Part> {
        let before = self.taken.fetch_add(1, Ordering::Relaxed);
        if before == 0 {
            self.busy.fetch_add(1, Ordering::Relaxed);
        }
        let part = Part(Arc::clone(self));
        let share = all / self.busy.load(Ordering::Relaxed).saturating_add(1);
        (before < share.max(1)).then_some(part)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        let Self(share) = self;
        if share.taken.fetch_sub(1, Ordering::Relaxed) == 1 {
            share.busy.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

/// Everybody who wants some; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Shares {
    busy: Arc<AtomicUsize>,
    known: Arc<Mutex<HashMap<Arc<str>, Arc<Share>>>>,
}

impl Shares {
    /// The share of whoever has this name.
    #[must_use]
    pub fn of(&self, name: &str) -> Arc<Share> {
        // Nothing in here panics, and a map of counts can't be half changed.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(share) = known.get(name) {
            return Arc::clone(share);
        }
        if known.len() >= MOST_IDLE {
            known.retain(|_, share| Arc::strong_count(share) > 1);
        }
        let (name, busy) = (Arc::from(name), Arc::clone(&self.busy));
        let share = Arc::new(Share { name: Arc::clone(&name), taken: AtomicUsize::new(0), busy });
        known.insert(name, Arc::clone(&share));
        share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_alone_gets_half() {
        let share = Shares::default().of("a");
        let parts: Vec<_> = std::iter::from_fn(|| share.enter(100)).collect();
        assert_eq!(parts.len(), 50);
        drop(parts);
        assert!(share.enter(100).is_some());
    }

    #[test]
    fn whoever_comes_next_finds_room_and_the_first_has_to_give() {
        let shares = Shares::default();
        let (flood, other) = (shares.of("flood"), shares.of("other"));
        let mut flooding: Vec<_> = std::iter::from_fn(|| flood.enter(90)).collect();
        assert_eq!(flooding.len(), 45);
        let others: Vec<_> = std::iter::from_fn(|| other.enter(90)).collect();
        assert_eq!(others.len(), 30);
        // Above its new share, the first gets nothing more until it has given enough back.
        assert!(flood.enter(90).is_none());
        flooding.truncate(29);
        assert!(flood.enter(90).is_some());
    }

    #[test]
    fn everybody_may_have_one_however_many_there_are() {
        let shares = Shares::default();
        let each: Vec<_> = (0..20).map(|at| shares.of(&at.to_string())).collect();
        let parts: Vec<_> = each.iter().filter_map(|share| share.enter(10)).collect();
        assert_eq!(parts.len(), 20);
    }

    #[test]
    fn those_who_have_nothing_are_forgotten() {
        let shares = Shares::default();
        let kept = shares.of("kept");
        for at in 0..3 * MOST_IDLE {
            drop(shares.of(&at.to_string()));
        }
        assert!(shares.known.lock().unwrap().len() <= MOST_IDLE);
        assert!(Arc::ptr_eq(&kept, &shares.of("kept")));
    }
}
