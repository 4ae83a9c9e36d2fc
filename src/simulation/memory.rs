//! What has happened in a conversation, as somebody beside it would remember it.

use std::collections::{BTreeMap, BTreeSet};

/// What was done, said, told and shown so far.
#[derive(Debug, Default)]
pub(super) struct Memory<'a> {
    /// Turns of the customer.
    pub(super) turns: u32,
    done: BTreeMap<&'a str, u32>,
    said: BTreeMap<(&'a str, &'a str), u32>,
    /// The last turn in which an action was done.
    done_last: BTreeMap<&'a str, u32>,
    /// What was told of each fact last.
    pub(super) facts: BTreeMap<&'a str, bool>,
    /// The last turn in which a signal was there.
    shown: BTreeMap<&'a str, u32>,
    ever_shown: BTreeSet<&'a str>,
}

impl<'a> Memory<'a> {
    /// An action was done before this turn, in these words if they are known.
    pub(super) fn note_done(&mut self, action: &'a str, phrasing: Option<&'a str>) {
        *self.done.entry(action).or_default() += 1;
        self.done_last.insert(action, self.turns);
        if let Some(phrasing) = phrasing {
            *self.said.entry((action, phrasing)).or_default() += 1;
        }
    }

    /// A signal was there in this turn.
    pub(super) fn note_shown(&mut self, signal: &'a str) {
        self.shown.insert(signal, self.turns);
        self.ever_shown.insert(signal);
    }

    /// Facts were told in this turn; `None`: not known any more.
    pub(super) fn note_told(&mut self, facts: &[(&'a str, Option<bool>)]) {
        for (fact, value) in facts {
            match value {
                Some(value) => self.facts.insert(fact, *value),
                None => self.facts.remove(fact),
            };
        }
    }

    /// How often an action was done.
    pub(super) fn times(&self, action: &str) -> u32 {
        self.done.get(action).copied().unwrap_or(0)
    }

    /// How often a phrasing was used.
    pub(super) fn times_said(&self, action: &str, phrasing: &str) -> u32 {
        self.said.get(&(action, phrasing)).copied().unwrap_or(0)
    }

    /// Whether an action was done since a signal was last there: in the answer to that turn, or later.
    pub(super) fn done_since(&self, action: &str, signal: &str) -> bool {
        self.done_last.get(action).is_some_and(|done| self.shown.get(signal).is_none_or(|shown| done >= shown))
    }

    /// Whether a signal was there at any time.
    pub(super) fn was_shown(&self, signal: &str) -> bool {
        self.ever_shown.contains(signal)
    }

    /// Whether the fact was told to be so.
    pub(super) fn told(&self, fact: &str) -> bool {
        self.facts.get(fact) == Some(&true)
    }
}
