//! A playbook as formulas: what the engine would answer, for all situations at once.
//!
//! It says the same as the engine, in other words; a test with random playbooks holds the two against each other.

use rustc_hash::{FxHashMap, FxHashSet};

use super::formula::Formula;
use super::truth::{Known, Moment};
use super::world::{Asked, World};
use crate::playbook::{ActionIx, Atom, AtomIx, Condition, FactIx, Forget, Playbook, Within};

/// What all encodings of a playbook share.
#[derive(Debug)]
pub(super) struct Ground<'p> {
    pub(super) playbook: &'p Playbook,
    pub(super) asked: Asked,
    pub(super) fleeting: Fleeting,
}

impl<'p> Ground<'p> {
    /// That of `playbook`.
    pub(super) fn of(playbook: &'p Playbook) -> Self {
        Self { playbook, asked: Asked::of(playbook), fleeting: Fleeting::of(playbook) }
    }
}

/// The formulas so far, and what they are about.
pub(super) struct Encoding<'p> {
    pub(super) ground: &'p Ground<'p>,
    pub(super) playbook: &'p Playbook,
    pub(super) formula: Formula,
    pub(super) world: World,
    /// Every atom is encoded once for each moment.
    pub(super) known: FxHashMap<(AtomIx, Moment), Known>,
}

impl<'p> Encoding<'p> {
    /// No formulas yet. One encoding is for one stage, or a few: a search takes as long as there are variables.
    pub(super) fn on(ground: &'p Ground<'p>) -> Self {
        let mut formula = Formula::new();
        let world = World::of(ground.playbook, &ground.asked, &mut formula);
        Self { ground, playbook: ground.playbook, formula, world, known: FxHashMap::default() }
    }
}

/// What a move from stage to stage may change.
#[derive(Debug)]
pub(super) struct Fleeting {
    facts: FxHashSet<FactIx>,
    actions: FxHashSet<ActionIx>,
}

impl Fleeting {
    fn of(playbook: &Playbook) -> Self {
        let mut fleeting = Self { facts: FxHashSet::default(), actions: FxHashSet::default() };
        for (_, stage) in playbook.stages() {
            fleeting.add(&stage.forget);
            stage.exits.iter().for_each(|exit| fleeting.add(&exit.forget));
        }
        fleeting
    }

    fn add(&mut self, forget: &Forget) {
        self.facts.extend(&forget.facts);
        self.actions.extend(&forget.actions);
    }

    /// Whether a move may change this atom itself.
    pub(super) fn has(&self, atom: Atom) -> bool {
        match atom {
            Atom::Fact(fact) => self.facts.contains(&fact),
            Atom::Done(action) => self.actions.contains(&action),
            Atom::StageTurns(turns) => turns > 1,
            Atom::Flag(_)
            | Atom::Band(..)
            | Atom::Rising(_)
            | Atom::Falling(_)
            | Atom::AtLeast(..)
            | Atom::Named(_)
            | Atom::DoneTimes(..)
            | Atom::PromiseDue
            | Atom::PromiseMissed
            | Atom::SignalKnown(_)
            | Atom::SignalUnknown(_)
            | Atom::Yes(_)
            | Atom::No(_)
            | Atom::Known(_)
            | Atom::Unknown(_) => false,
        }
    }

    /// Whether a move may change anything that the condition reads.
    pub(super) fn touches(&self, playbook: &Playbook, condition: &Condition) -> bool {
        let mut atoms = condition.when.iter().chain(&condition.any).chain(&condition.unless);
        atoms.any(|ix| self.touches_atom(playbook, playbook.atom(*ix).atom))
    }

    fn touches_atom(&self, playbook: &Playbook, atom: Atom) -> bool {
        match atom.within() {
            Within::Nothing => self.has(atom),
            Within::Condition(named) => self.touches(playbook, &playbook.condition(named).condition),
            Within::Atom(inner) => self.touches_atom(playbook, playbook.atom(inner).atom),
        }
    }
}
