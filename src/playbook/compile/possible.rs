//! What a condition can be while no fact is known, whatever the customer and the agent do.
//!
//! Signals, turns and what was done take their own course; a fact comes only from somebody who knows it, so a stage must not wait for one.

use super::Compiler;
use crate::playbook::condition::{Atom, Condition};
use crate::playbook::ids::AtomIx;
use crate::playbook::parts::Absent;

/// The values that are possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Possible {
    pub(super) yes: bool,
    pub(super) no: bool,
    pub(super) unknown: bool,
}

impl Possible {
    /// All three.
    pub(super) const ANYTHING: Self = Self { yes: true, no: true, unknown: true };
    const UNKNOWN: Self = Self { yes: false, no: false, unknown: true };
    const YES_OR_NO: Self = Self { yes: true, no: true, unknown: false };

    fn two_valued(yes: bool, no: bool) -> Self {
        Self { yes, no, unknown: false }
    }

    /// Of a condition whose atoms can be what `of` says, each on its own.
    pub(super) fn of_condition(condition: &Condition, of: impl Fn(AtomIx) -> Self) -> Self {
        let of = |atom: &AtomIx| of(*atom);
        let Condition { when, any, unless, facts: _, signals: _ } = condition;
        let yes = when.iter().all(|atom| of(atom).yes)
            && (any.is_empty() || any.iter().any(|atom| of(atom).yes))
            && unless.iter().all(|atom| of(atom).no);
        let no = when.iter().any(|atom| of(atom).no)
            || (!any.is_empty() && any.iter().all(|atom| of(atom).no))
            || unless.iter().any(|atom| of(atom).yes);
        let not_no = when.iter().all(|atom| of(atom).yes || of(atom).unknown)
            && (any.is_empty() || any.iter().any(|atom| of(atom).yes || of(atom).unknown))
            && unless.iter().all(|atom| of(atom).no || of(atom).unknown);
        let unknown = not_no && when.iter().chain(any).chain(unless).any(|atom| of(atom).unknown);
        Self { yes, no, unknown }
    }
}

/// What an atom can be.
pub(super) fn of_atom(compiler: &Compiler<'_, '_>, ix: AtomIx) -> Possible {
    let Some(atom) = compiler.atoms.get(ix) else { return Possible::ANYTHING };
    match atom {
        Atom::Fact(_) => Possible::UNKNOWN,
        Atom::Named(named) => compiler.conditions.possible(named.position()),
        Atom::Flag(signal) | Atom::Band(signal, _) | Atom::AtLeast(signal, _) => {
            let signal = compiler.document.signals.get(signal.position());
            let unknown = signal.is_some_and(|signal| signal.absent == Absent::Unknown);
            Possible { unknown, ..Possible::YES_OR_NO }
        }
        Atom::Yes(inner) => {
            let inner = of_atom(compiler, inner);
            Possible::two_valued(inner.yes, inner.no || inner.unknown)
        }
        Atom::No(inner) => {
            let inner = of_atom(compiler, inner);
            Possible::two_valued(inner.no, inner.yes || inner.unknown)
        }
        Atom::Known(inner) => {
            let inner = of_atom(compiler, inner);
            Possible::two_valued(inner.yes || inner.no, inner.unknown)
        }
        Atom::Unknown(inner) => {
            let inner = of_atom(compiler, inner);
            Possible::two_valued(inner.unknown, inner.yes || inner.no)
        }
        Atom::Rising(_)
        | Atom::Falling(_)
        | Atom::SignalKnown(_)
        | Atom::SignalUnknown(_)
        | Atom::Done(_)
        | Atom::DoneTimes(..)
        | Atom::StageTurns(_)
        | Atom::PromiseDue
        | Atom::PromiseMissed => Possible::YES_OR_NO,
    }
}
