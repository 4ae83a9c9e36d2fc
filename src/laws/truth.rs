//! What is known of conditions, in Kleene's three-valued logic: for each a formula for yes, one for no and one for unknown.

use super::encoding::Encoding;
use super::formula::{Formula, Lit};
use super::world::SignalBits;
use crate::playbook::{Absent, Atom, AtomIx, Condition, Signal, SignalIx};

/// When a condition is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Moment {
    /// When the answer is given.
    Now,
    /// When the stage had been decided on.
    Settled,
    /// At some moment on the way to the stage, in the same turn: what a move may change can have been anything.
    Passing,
}

/// Formulas for the three values. At [`Moment::Passing`] several can be true: it could have been any of these.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub(super) yes: Lit,
    pub(super) no: Lit,
    pub(super) unknown: Lit,
}

impl Known {
    fn two_valued(yes: Lit, formula: &Formula) -> Self {
        Self { yes, no: !yes, unknown: formula.no() }
    }

    fn three_valued(yes: Lit, no: Lit, formula: &mut Formula) -> Self {
        Self { yes, no, unknown: formula.and([!yes, !no]) }
    }
}

/// What is known of a condition.
pub(super) fn condition(encoding: &mut Encoding<'_>, condition: &Condition, moment: Moment) -> Known {
    let mut known = |atoms: &[AtomIx]| atoms.iter().map(|ix| atom(encoding, *ix, moment)).collect::<Vec<_>>();
    let (when, any, unless) = (known(&condition.when), known(&condition.any), known(&condition.unless));
    let formula = &mut encoding.formula;
    let (yes_of_any, no_of_any) = if any.is_empty() {
        (formula.yes(), formula.no())
    } else {
        (formula.or(any.iter().map(|part| part.yes)), formula.and(any.iter().map(|part| part.no)))
    };
    let all = when.iter().map(|part| part.yes).chain(unless.iter().map(|part| part.no));
    let yes = formula.and(all.chain([yes_of_any]));
    let fails = when.iter().map(|part| part.no).chain(unless.iter().map(|part| part.yes));
    let no = formula.or(fails.chain([no_of_any]));
    if moment == Moment::Passing {
        let parts = when.iter().chain(&any).chain(&unless);
        return Known { yes, no, unknown: formula.or(parts.map(|part| part.unknown)) };
    }
    Known::three_valued(yes, no, formula)
}

/// What is known of an atom.
pub(super) fn atom(encoding: &mut Encoding<'_>, ix: AtomIx, moment: Moment) -> Known {
    if let Some(known) = encoding.known.get(&(ix, moment)) {
        return *known;
    }
    let known = evaluate(encoding, encoding.playbook.atom(ix).atom, moment);
    encoding.known.insert((ix, moment), known);
    known
}

fn evaluate(encoding: &mut Encoding<'_>, atom: Atom, moment: Moment) -> Known {
    if moment == Moment::Passing && encoding.ground.fleeting.has(atom) {
        let maybe = encoding.formula.yes();
        return Known { yes: maybe, no: maybe, unknown: maybe };
    }
    match atom {
        Atom::Named(named) => condition(encoding, &encoding.playbook.condition(named).condition, moment),
        Atom::Yes(inner) => about(encoding, inner, moment, |known| (known.yes, [known.no, known.unknown])),
        Atom::No(inner) => about(encoding, inner, moment, |known| (known.no, [known.yes, known.unknown])),
        Atom::Unknown(inner) => about(encoding, inner, moment, |known| (known.unknown, [known.yes, known.no])),
        Atom::Known(inner) => {
            let unknown = about(encoding, inner, moment, |known| (known.unknown, [known.yes, known.no]));
            Known { yes: unknown.no, no: unknown.yes, ..unknown }
        }
        Atom::Flag(signal)
        | Atom::Band(signal, _)
        | Atom::Rising(signal)
        | Atom::Falling(signal)
        | Atom::AtLeast(signal, _)
        | Atom::SignalKnown(signal)
        | Atom::SignalUnknown(signal) => of_signal(encoding, atom, signal),
        Atom::Fact(_)
        | Atom::Done(_)
        | Atom::DoneTimes(..)
        | Atom::StageTurns(_)
        | Atom::PromiseDue
        | Atom::PromiseMissed => of_the_case(encoding, atom, moment),
    }
}

/// A two-valued reading: one value of the three, and the others.
fn about(encoding: &mut Encoding<'_>, inner: AtomIx, moment: Moment, read: impl Fn(Known) -> (Lit, [Lit; 2])) -> Known {
    let (yes, others) = read(atom(encoding, inner, moment));
    let formula = &mut encoding.formula;
    Known { yes, no: formula.or(others), unknown: formula.no() }
}

fn of_the_case(encoding: &mut Encoding<'_>, atom: Atom, moment: Moment) -> Known {
    let Encoding { world, formula, ground, .. } = encoding;
    let promises = if moment == Moment::Now { world.promises } else { world.promises_then };
    let yes = match atom {
        Atom::Fact(fact) => {
            let bits = world.fact(fact, formula);
            return Known::three_valued(bits.yes, bits.no, formula);
        }
        Atom::Done(action) => Some(world.action(action, ground, formula).done),
        Atom::DoneTimes(action, times) => {
            let reached = &world.action(action, ground, formula).times;
            passed(reached, times, formula)
        }
        Atom::StageTurns(turns) if turns <= 1 => Some(formula.yes()),
        Atom::StageTurns(turns) => passed(&world.turns, turns, formula),
        Atom::PromiseDue => Some(promises.due),
        Atom::PromiseMissed => Some(promises.missed),
        Atom::Flag(_)
        | Atom::Band(..)
        | Atom::Rising(_)
        | Atom::Falling(_)
        | Atom::AtLeast(..)
        | Atom::Named(_)
        | Atom::SignalKnown(_)
        | Atom::SignalUnknown(_)
        | Atom::Yes(_)
        | Atom::No(_)
        | Atom::Known(_)
        | Atom::Unknown(_) => None,
    };
    match yes {
        Some(yes) => Known::two_valued(yes, formula),
        None => unclear(formula),
    }
}

/// What could be anything: it never comes to this, and if it did, a proof would fail and not be wrong.
fn unclear(formula: &mut Formula) -> Known {
    let (yes, no) = (formula.variable(), formula.variable());
    formula.require([!yes, !no]);
    Known::three_valued(yes, no, formula)
}

/// Whether a number is at least `wanted`; at least 0 is any.
fn passed<N: Ord + Copy + Default>(steps: &[(N, Lit)], wanted: N, formula: &Formula) -> Option<Lit> {
    if wanted == N::default() {
        return Some(formula.yes());
    }
    let at = steps.binary_search_by_key(&wanted, |(step, _)| *step).ok()?;
    steps.get(at).map(|(_, passed)| *passed)
}

fn of_signal(encoding: &mut Encoding<'_>, atom: Atom, signal: SignalIx) -> Known {
    let Encoding { playbook, ground, world, formula, .. } = encoding;
    let bits = world.signal(signal, ground, formula);
    let holds = match atom {
        Atom::SignalKnown(_) => return Known::two_valued(bits.live, formula),
        Atom::SignalUnknown(_) => return Known::two_valued(!bits.live, formula),
        Atom::Rising(_) => return Known::two_valued(bits.rising, formula),
        Atom::Falling(_) => return Known::two_valued(bits.falling, formula),
        Atom::Flag(_) => passed(&bits.at_least, 1000, formula),
        Atom::AtLeast(_, level) => passed(&bits.at_least, level.thousandths(), formula),
        Atom::Band(_, band) => in_band(bits, playbook.signal(signal), band, formula),
        Atom::Fact(_)
        | Atom::Named(_)
        | Atom::Done(_)
        | Atom::DoneTimes(..)
        | Atom::StageTurns(_)
        | Atom::PromiseDue
        | Atom::PromiseMissed
        | Atom::Yes(_)
        | Atom::No(_)
        | Atom::Known(_)
        | Atom::Unknown(_) => None,
    };
    let Some(holds) = holds else { return unclear(formula) };
    let (yes, fails) = (formula.and([bits.live, holds]), formula.and([bits.live, !holds]));
    match playbook.signal(signal).absent {
        Absent::Zero => Known::two_valued(yes, formula),
        Absent::Unknown => Known::three_valued(yes, fails, formula),
    }
}

/// It enters a band at `from`, and leaves it below `until`.
fn in_band(bits: &SignalBits, signal: &Signal, position: u8, formula: &mut Formula) -> Option<Lit> {
    let band = signal.bands.get(usize::from(position))?;
    let from = passed(&bits.at_least, band.from.thousandths(), formula)?;
    let until = passed(&bits.at_least, band.until.thousandths(), formula)?;
    let held = bits.held.get(usize::from(position)).copied()?;
    let stays = formula.and([held, until]);
    Some(formula.or([from, stays]))
}
