//! Everything that a decision depends on, as variables: what was detected, what is known, what was done.
//!
//! Variables are free but for what holds in every conversation: a level past a higher threshold is past a lower one, what was
//! done twice was done once. Where that leaves values that no conversation has, it errs on the side of looking at more.

use super::formula::{Formula, Lit};
use crate::playbook::{Action, Atom, Level, Playbook, Signal, SignalIx};

/// A level that rises or falls does so by this much, in thousandths.
pub(super) const TREND: u16 = 150;

/// A fact; neither: unknown.
#[derive(Debug, Clone, Copy)]
pub(super) struct FactBits {
    pub(super) yes: Lit,
    pub(super) no: Lit,
}

/// A signal.
#[derive(Debug, Clone)]
pub(super) struct SignalBits {
    /// Whether it has a reading.
    pub(super) live: Lit,
    /// Whether its level is at least so much, by thousandths.
    pub(super) at_least: Vec<(u16, Lit)>,
    /// For each band, whether it held before.
    pub(super) held: Vec<Lit>,
    pub(super) rising: Lit,
    pub(super) falling: Lit,
}

/// What was done with an action.
#[derive(Debug, Clone)]
pub(super) struct ActionBits {
    pub(super) done: Lit,
    /// Whether it was done at least so often.
    pub(super) times: Vec<(u32, Lit)>,
    pub(super) spent: Lit,
    pub(super) in_gap: Lit,
    pub(super) dismissed: Lit,
    pub(super) unavailable: Lit,
    pub(super) excluded: Lit,
}

/// Whether a promise is due, and whether one was missed.
#[derive(Debug, Clone, Copy)]
pub(super) struct PromiseBits {
    pub(super) due: Lit,
    pub(super) missed: Lit,
}

/// All of it.
#[derive(Debug)]
pub(super) struct World {
    pub(super) facts: Vec<FactBits>,
    pub(super) signals: Vec<SignalBits>,
    pub(super) actions: Vec<ActionBits>,
    /// Whether this is at least that turn in the stage.
    pub(super) turns: Vec<(u32, Lit)>,
    pub(super) promises: PromiseBits,
    /// The same when the stage was decided on: time goes on while nothing is observed.
    pub(super) promises_then: PromiseBits,
    /// For each escalation: whether it is kept up from before, and may not fall yet.
    pub(super) kept: Vec<Lit>,
    /// Whether the advice that is kept up was taken.
    pub(super) taken: Lit,
    /// Whether the caller wants a single suggestion.
    pub(super) one_place: Lit,
}

impl World {
    /// The variables for `playbook`.
    pub(super) fn of(playbook: &Playbook, formula: &mut Formula) -> Self {
        let facts = playbook.facts().map(|_| fact(formula)).collect();
        let signals = playbook.signals().map(|(ix, part)| signal(playbook, ix, part, formula)).collect();
        let actions =
            (0..).zip(playbook.actions()).map(|(at, (_, part))| action(playbook, at, part, formula)).collect();
        let turns = steps(turns_asked(playbook), formula);
        let promises_then = PromiseBits { due: formula.variable(), missed: formula.variable() };
        let promises = PromiseBits { due: formula.variable(), missed: formula.variable() };
        formula.require([!promises_then.due, promises.due]);
        formula.require([!promises_then.missed, promises.missed]);
        let kept: Vec<Lit> = playbook.escalations().map(|_| formula.variable()).collect();
        at_most_one(&kept, formula);
        let (taken, one_place) = (formula.variable(), formula.variable());
        Self { facts, signals, actions, turns, promises, promises_then, kept, taken, one_place }
    }
}

fn fact(formula: &mut Formula) -> FactBits {
    let fact = FactBits { yes: formula.variable(), no: formula.variable() };
    formula.require([!fact.yes, !fact.no]);
    fact
}

fn signal(playbook: &Playbook, ix: SignalIx, part: &Signal, formula: &mut Formula) -> SignalBits {
    let mut thresholds: Vec<u16> =
        part.bands.iter().flat_map(|band| [band.from, band.until]).map(thousandths).collect();
    for (_, entry) in playbook.atoms() {
        if let Atom::AtLeast(signal, level) = entry.atom
            && signal == ix
        {
            thresholds.push(thousandths(level));
        }
    }
    thresholds.push(thousandths(Level::ONE));
    let bits = SignalBits {
        live: formula.variable(),
        at_least: steps(thresholds, formula),
        held: part.bands.iter().map(|_| formula.variable()).collect(),
        rising: formula.variable(),
        falling: formula.variable(),
    };
    a_trend_has_room(&bits, formula);
    bands_nest(part, &bits, formula);
    bits
}

fn thousandths(level: Level) -> u16 {
    level.thousandths()
}

/// What rises is not low, what falls is not high, and nothing does both.
fn a_trend_has_room(bits: &SignalBits, formula: &mut Formula) {
    formula.require([!bits.rising, !bits.falling]);
    formula.require([!bits.rising, bits.live]);
    formula.require([!bits.falling, bits.live]);
    for (threshold, passed) in &bits.at_least {
        if *threshold <= TREND {
            formula.require([!bits.rising, *passed]);
        }
        if *threshold > thousandths(Level::ONE) - TREND {
            formula.require([!bits.falling, !*passed]);
        }
    }
}

/// A reading that was inside a band was inside every band that starts no higher than that one ends.
fn bands_nest(part: &Signal, bits: &SignalBits, formula: &mut Formula) {
    for (inner, inside) in part.bands.iter().zip(&bits.held) {
        for (outer, around) in part.bands.iter().zip(&bits.held) {
            if outer.from <= inner.until {
                formula.require([!*inside, *around]);
            }
        }
    }
}

fn action(playbook: &Playbook, at: usize, part: &Action, formula: &mut Formula) -> ActionBits {
    let mut counts: Vec<u32> = vec![1];
    counts.extend(part.limit.times);
    for (_, entry) in playbook.atoms() {
        if let Atom::DoneTimes(action, times) = entry.atom
            && action.position() == at
        {
            counts.push(times);
        }
    }
    let bits = ActionBits {
        done: formula.variable(),
        times: steps(counts, formula),
        spent: if part.limit.times.is_some() { formula.variable() } else { formula.no() },
        in_gap: if part.limit.gap > 0 { formula.variable() } else { formula.no() },
        dismissed: formula.variable(),
        unavailable: formula.variable(),
        excluded: formula.variable(),
    };
    for (count, reached) in &bits.times {
        if *count == 1 {
            formula.require([!bits.done, *reached]);
        }
        if part.limit.times == Some(*count) {
            formula.require([!*reached, bits.spent]);
        }
    }
    bits
}

fn turns_asked(playbook: &Playbook) -> Vec<u32> {
    // Whether the stage was entered in this very turn matters in any case.
    let mut asked = vec![2];
    for (_, entry) in playbook.atoms() {
        if let Atom::StageTurns(turns) = entry.atom
            && turns > 2
        {
            asked.push(turns);
        }
    }
    asked
}

/// A variable for each of the numbers: what is at least more is at least less.
fn steps<N: Ord + Copy>(mut numbers: Vec<N>, formula: &mut Formula) -> Vec<(N, Lit)> {
    numbers.sort_unstable();
    numbers.dedup();
    let steps: Vec<(N, Lit)> = numbers.into_iter().map(|number| (number, formula.variable())).collect();
    for pair in steps.windows(2) {
        if let [(_, less), (_, more)] = pair {
            formula.require([!*more, *less]);
        }
    }
    steps
}

fn at_most_one(lits: &[Lit], formula: &mut Formula) {
    for (at, one) in lits.iter().enumerate() {
        for other in lits.iter().skip(at + 1) {
            formula.require([!*one, !*other]);
        }
    }
}
