//! The lists of a state, each with its bound.

use super::entries::{action, commitment, fact, signal};
use crate::engine::{ActionEntry, Commitment, FactEntry, SignalEntry, Snapshot};
use crate::grpc::convert::violations::Violations;
use crate::grpc::generated::fields::conversation_state;
use crate::grpc::reader::{Field, Read};

/// Entries of a list, as a rule at most.
const USUAL: usize = 8;

/// All of them, while they are read.
pub(super) struct Lists<'a> {
    path: List<&'a str>,
    signals: List<SignalEntry<'a>>,
    facts: List<FactEntry<'a>>,
    actions: List<ActionEntry<'a>>,
    commitments: List<Commitment<'a>>,
}

impl<'a> Lists<'a> {
    pub(super) fn new() -> Self {
        Self {
            path: List::of_at_most(Snapshot::MAX_PATH),
            signals: List::of_at_most(Snapshot::MAX_SIGNALS),
            facts: List::of_at_most(Snapshot::MAX_FACTS),
            actions: List::of_at_most(Snapshot::MAX_ACTIONS),
            commitments: List::of_at_most(Snapshot::MAX_COMMITMENTS),
        }
    }

    /// Adds an entry, if `field` is one.
    pub(super) fn add(&mut self, v: &mut Violations, field: Field<'_, 'a>) -> Read<()> {
        use conversation_state as of;
        match field.number() {
            of::PATH => {
                let stage = field.text()?;
                self.path.add(|at| Ok(v.id(stage, || format!("state.path[{at}]"))))
            }
            of::SIGNALS => {
                let entry = field.message()?;
                self.signals.add(|at| signal(v, entry, at))
            }
            of::FACTS => {
                let entry = field.message()?;
                self.facts.add(|at| fact(v, entry, at))
            }
            of::ACTIONS => {
                let entry = field.message()?;
                self.actions.add(|at| action(v, entry, || format!("state.actions[{at}]")))
            }
            of::COMMITMENTS => {
                let entry = field.message()?;
                self.commitments.add(|at| commitment(v, entry, |name| format!("state.commitments[{at}].{name}")))
            }
            _ => field.skip(),
        }
    }

    /// Puts them into `state`.
    pub(super) fn end(self, v: &mut Violations, state: &mut Snapshot<'a>) {
        let Self { path, signals, facts, actions, commitments } = self;
        state.path = path.end(v, "state.path");
        state.signals = signals.end(v, "state.signals");
        state.facts = facts.end(v, "state.facts");
        state.actions = actions.end(v, "state.actions");
        state.commitments = commitments.end(v, "state.commitments");
    }
}

/// A list while it is read: what is beyond its bound is only counted.
struct List<T> {
    entries: Vec<T>,
    found: usize,
    most: usize,
}

impl<T> List<T> {
    fn of_at_most(most: usize) -> Self {
        Self { entries: Vec::new(), found: 0, most }
    }

    /// Adds what `read` reads, unless it is beyond the bound.
    fn add(&mut self, read: impl FnOnce(usize) -> Read<T>) -> Read<()> {
        let at = self.found;
        self.found += 1;
        if at < self.most {
            if at == 0 {
                self.entries.reserve(USUAL);
            }
            self.entries.push(read(at)?);
        }
        Ok(())
    }

    fn end(self, v: &mut Violations, field: &str) -> Vec<T> {
        v.count(self.found, self.most, field);
        self.entries
    }
}
