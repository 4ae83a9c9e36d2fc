//! Everything that a decision depends on, as variables: what was detected, what is known, what was done.
//!
//! Variables are free but for what holds in every conversation: a level past a higher threshold is past a lower one, what was
//! done twice was done once. Where that leaves values that no conversation has, it errs on the side of looking at more.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::encoding::Ground;
use super::formula::{Formula, Lit};
use crate::playbook::{Action, ActionIx, Atom, FactIx, Level, Playbook, Signal, SignalIx};

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

/// All of it. Facts, signals and actions get their variables once a formula speaks of them.
#[derive(Debug, Clone)]
pub(super) struct World {
    pub(super) facts: BTreeMap<FactIx, FactBits>,
    pub(super) signals: BTreeMap<SignalIx, SignalBits>,
    pub(super) actions: BTreeMap<ActionIx, ActionBits>,
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
    /// The variables that every formula may speak of.
    pub(super) fn of(playbook: &Playbook, asked: &Asked, formula: &mut Formula) -> Self {
        let turns = steps(asked.turns.clone(), formula);
        let promises_then = PromiseBits { due: formula.variable(), missed: formula.variable() };
        let promises = PromiseBits { due: formula.variable(), missed: formula.variable() };
        formula.require([!promises_then.due, promises.due]);
        formula.require([!promises_then.missed, promises.missed]);
        let kept: Vec<Lit> = playbook.escalations().map(|_| formula.variable()).collect();
        at_most_one(&kept, formula);
        let (taken, one_place) = (formula.variable(), formula.variable());
        let (facts, signals, actions) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { facts, signals, actions, turns, promises, promises_then, kept, taken, one_place }
    }

    /// The variables of a fact.
    pub(super) fn fact(&mut self, ix: FactIx, formula: &mut Formula) -> FactBits {
        *self.facts.entry(ix).or_insert_with(|| fact(formula))
    }

    /// The variables of a signal.
    pub(super) fn signal(&mut self, ix: SignalIx, ground: &Ground<'_>, formula: &mut Formula) -> &SignalBits {
        let levels = || ground.asked.levels.get(&ix).cloned().unwrap_or_default();
        self.signals.entry(ix).or_insert_with(|| signal(ground.playbook.signal(ix), levels(), formula))
    }

    /// The variables of an action.
    pub(super) fn action(&mut self, ix: ActionIx, ground: &Ground<'_>, formula: &mut Formula) -> &ActionBits {
        let counts = || ground.asked.counts.get(&ix).cloned().unwrap_or_default();
        self.actions.entry(ix).or_insert_with(|| action(ground.playbook.action(ix), counts(), formula))
    }
}

/// The numbers that conditions ask about.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// In thousandths.
    levels: FxHashMap<SignalIx, Vec<u16>>,
    counts: FxHashMap<ActionIx, Vec<u32>>,
    turns: Vec<u32>,
}

impl Asked {
    /// Those of `playbook`.
    pub(super) fn of(playbook: &Playbook) -> Self {
        // Whether the stage was entered in this very turn matters in any case.
        let mut asked = Self { turns: vec![2], ..Self::default() };
        for (_, entry) in playbook.atoms() {
            asked.add(entry.atom);
        }
        asked
    }

    fn add(&mut self, atom: Atom) {
        if let Atom::AtLeast(signal, level) = atom {
            self.levels.entry(signal).or_default().push(thousandths(level));
        }
        if let Atom::DoneTimes(action, times) = atom {
            self.counts.entry(action).or_default().push(times);
        }
        if let Atom::StageTurns(turns) = atom
            && turns > 1
        {
            self.turns.push(turns);
        }
    }
}

fn fact(formula: &mut Formula) -> FactBits {
    let fact = FactBits { yes: formula.variable(), no: formula.variable() };
    formula.require([!fact.yes, !fact.no]);
    fact
}

fn signal(part: &Signal, mut levels: Vec<u16>, formula: &mut Formula) -> SignalBits {
    levels.push(thousandths(Level::ONE));
    levels.extend(part.bands.iter().flat_map(|band| [band.from, band.until]).map(thousandths));
    let bits = SignalBits {
        live: formula.variable(),
        at_least: steps(levels, formula),
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

fn action(part: &Action, mut counts: Vec<u32>, formula: &mut Formula) -> ActionBits {
    counts.push(1);
    counts.extend(part.limit.times);
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

/// A variable for each of the numbers: what is at least more is at least less.
pub(super) fn steps<N: Ord + Copy>(mut numbers: Vec<N>, formula: &mut Formula) -> Vec<(N, Lit)> {
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

/// No two of them are true: once one was, none of the rest is.
fn at_most_one(lits: &[Lit], formula: &mut Formula) {
    let mut one_was = formula.no();
    for lit in lits {
        formula.require([!*lit, !one_was]);
        one_was = formula.or([one_was, *lit]);
    }
}
