//! What is true in a situation: Kleene's three-valued logic over the playbook's atoms. Nothing here knows what a truth is for.

use std::cell::Cell;

use super::decision::Truth;
use super::situation::{Situation, bands_of, is_due, is_missed};
use super::state::SignalState;
use crate::playbook::{Absent, Atom, AtomIx, Condition, FactIx, Level, Signal, SignalIx};

/// A level rises or falls when it differs by this much, in thousandths, from the reading before.
const TREND: i32 = 150;

/// What was found out about a situation, so that nothing is found out twice. Empty: nothing is kept.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// By fact.
    facts: Vec<Option<bool>>,
    /// By atom, as far as it was asked for.
    atoms: Vec<Cell<Option<Truth>>>,
}

/// Facts that are taken to be true though nobody knows, to see what a yes would unlock.
#[derive(Debug, Clone, Copy)]
pub(super) enum Assume {
    Yes(FactIx),
    AllYes,
    AllYesBut(FactIx),
}

impl Assume {
    fn takes(self, unknown: FactIx) -> bool {
        match self {
            Self::Yes(only) => only == unknown,
            Self::AllYes => true,
            Self::AllYesBut(but) => but != unknown,
        }
    }
}

impl Truth {
    fn of(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }

    fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::Unknown => Self::Unknown,
            Self::False => Self::True,
        }
    }
}

/// All of `when`, none of `unless`, one of `any` if there is one.
pub(super) fn truth(condition: &Condition, atom: impl Fn(AtomIx) -> Truth) -> Truth {
    let mut truth = Truth::True;
    for required in &condition.when {
        truth = truth.min(atom(*required));
        if truth == Truth::False {
            return truth;
        }
    }
    for ruled_out in &condition.unless {
        truth = truth.min(atom(*ruled_out).not());
        if truth == Truth::False {
            return truth;
        }
    }
    if condition.any.is_empty() { truth } else { truth.min(any(&condition.any, atom)) }
}

fn any(atoms: &[AtomIx], atom: impl Fn(AtomIx) -> Truth) -> Truth {
    let mut truth = Truth::False;
    for one in atoms {
        truth = truth.max(atom(*one));
        if truth == Truth::True {
            break;
        }
    }
    truth
}

impl Situation<'_> {
    /// From here on each atom is evaluated once. To be called again whenever the state has changed.
    pub(super) fn remember(&mut self) {
        let mut known = std::mem::take(&mut self.known);
        known.facts.clear();
        known.facts.resize(self.playbook.fact_count(), None);
        for entry in &self.state.facts {
            if let Some(fact) = known.facts.get_mut(entry.fact.position()) {
                *fact = self.fact_value(entry);
            }
        }
        known.atoms.clear();
        known.atoms.resize(self.playbook.atom_count(), Cell::new(None));
        self.known = known;
    }

    /// Whether a condition holds.
    pub(super) fn truth(&self, condition: &Condition) -> Truth {
        truth(condition, |atom| self.atom(atom))
    }

    /// Whether it is true: unknown is never a yes.
    pub(super) fn holds(&self, condition: &Condition) -> bool {
        self.truth(condition) == Truth::True
    }

    /// Whether it would hold.
    pub(super) fn truth_assuming(&self, condition: &Condition, assume: Assume) -> Truth {
        truth(condition, |atom| self.atom_assuming(atom, assume))
    }

    /// Whether an atom holds.
    pub(super) fn atom(&self, atom: AtomIx) -> Truth {
        let Some(known) = self.known.atoms.get(atom.position()) else {
            return self.evaluate(atom);
        };
        known.get().unwrap_or_else(|| {
            let truth = self.evaluate(atom);
            known.set(Some(truth));
            truth
        })
    }

    /// What is known of a fact now.
    pub(super) fn fact(&self, fact: FactIx) -> Option<bool> {
        match self.known.facts.get(fact.position()) {
            Some(known) => *known,
            None => self.fact_value(self.state.fact(fact)?),
        }
    }

    fn evaluate(&self, atom: AtomIx) -> Truth {
        match self.playbook.atom(atom).atom {
            Atom::Fact(fact) => self.fact(fact).map_or(Truth::Unknown, Truth::of),
            Atom::Flag(signal) => self.reading(signal, |_, reading| reading.level == Level::ONE),
            Atom::Band(signal, band) => self.reading(signal, |signal, reading| {
                bands_of(signal, reading.level, reading.bands_before) & (1 << band) != 0
            }),
            Atom::Rising(signal) => Truth::of(self.trend(signal) >= TREND),
            Atom::Falling(signal) => Truth::of(self.trend(signal) <= -TREND),
            Atom::AtLeast(signal, level) => self.reading(signal, |_, reading| reading.level >= level),
            Atom::Named(named) => self.truth(&self.playbook.condition(named).condition),
            Atom::Done(action) => Truth::of(self.state.action(action).is_some_and(|entry| entry.done)),
            Atom::DoneTimes(action, times) => Truth::of(self.count(action) >= times),
            Atom::StageTurns(turns) => Truth::of(self.stage_turns() >= turns),
            Atom::PromiseDue => Truth::of(self.state.commitments.iter().any(|promise| is_due(promise, self.now))),
            Atom::PromiseMissed => Truth::of(self.state.commitments.iter().any(|promise| is_missed(promise, self.now))),
            Atom::SignalKnown(signal) => Truth::of(self.live(signal).is_some()),
            Atom::SignalUnknown(signal) => Truth::of(self.live(signal).is_none()),
            Atom::Yes(inner) => Truth::of(self.atom(inner) == Truth::True),
            Atom::No(inner) => Truth::of(self.atom(inner) == Truth::False),
            Atom::Known(inner) => Truth::of(self.atom(inner) != Truth::Unknown),
            Atom::Unknown(inner) => Truth::of(self.atom(inner) == Truth::Unknown),
        }
    }

    /// Only what asks about facts can come out differently.
    fn atom_assuming(&self, atom: AtomIx, assume: Assume) -> Truth {
        let inner = |inner| self.atom_assuming(inner, assume);
        match self.playbook.atom(atom).atom {
            Atom::Fact(fact) => match self.fact(fact) {
                Some(told) => Truth::of(told),
                None if assume.takes(fact) => Truth::True,
                None => Truth::Unknown,
            },
            Atom::Named(named) => {
                let condition = &self.playbook.condition(named).condition;
                if self.is_settled(condition) { self.atom(atom) } else { self.truth_assuming(condition, assume) }
            }
            Atom::Yes(of) => Truth::of(inner(of) == Truth::True),
            Atom::No(of) => Truth::of(inner(of) == Truth::False),
            Atom::Known(of) => Truth::of(inner(of) != Truth::Unknown),
            Atom::Unknown(of) => Truth::of(inner(of) == Truth::Unknown),
            Atom::Flag(_)
            | Atom::Band(..)
            | Atom::Rising(_)
            | Atom::Falling(_)
            | Atom::AtLeast(..)
            | Atom::Done(_)
            | Atom::DoneTimes(..)
            | Atom::StageTurns(_)
            | Atom::PromiseDue
            | Atom::PromiseMissed
            | Atom::SignalKnown(_)
            | Atom::SignalUnknown(_) => self.atom(atom),
        }
    }

    /// Whether every fact that a condition asks about is known.
    pub(super) fn is_settled(&self, condition: &Condition) -> bool {
        condition.facts.iter().all(|fact| self.fact(*fact).is_some())
    }

    fn reading(&self, signal: SignalIx, holds: impl Fn(&Signal, &SignalState) -> bool) -> Truth {
        match self.live(signal) {
            Some(reading) => Truth::of(holds(self.playbook.signal(signal), reading)),
            None => match self.playbook.signal(signal).absent {
                Absent::Zero => Truth::False,
                Absent::Unknown => Truth::Unknown,
            },
        }
    }

    fn trend(&self, signal: SignalIx) -> i32 {
        let difference = |reading: &SignalState| {
            Some(i32::from(reading.level.thousandths()) - i32::from(reading.previous?.thousandths()))
        };
        self.live(signal).and_then(difference).unwrap_or(0)
    }
}
