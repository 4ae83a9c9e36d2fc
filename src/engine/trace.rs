//! The way by which a conversation came to where it is, for whoever asks what of a playbook was exercised.
//!
//! A decision tells where the conversation is and why; two exits to one stage look alike in it. Here they do not.

use super::decision::Truth;
use super::situation::Situation;
use super::truth::truth;
use crate::playbook::{AtomIx, Condition, StageIx};

/// Everything that was evaluated on the way to one decision.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace {
    /// Stage by stage; empty where nothing was observed.
    pub steps: Vec<Step>,
    /// What was known of each atom, by its position, when the answer was made.
    pub atoms: Vec<Truth>,
}

impl Trace {
    /// What was known of `condition`, one of the playbook's, when the answer was made.
    #[must_use]
    pub fn truth(&self, condition: &Condition) -> Truth {
        truth(condition, |atom| self.atoms.get(atom.position()).copied().unwrap_or(Truth::Unknown))
    }
}

/// A stage, and the ways out of it that were looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The stage.
    pub stage: StageIx,
    /// What was looked at, and what came of it.
    pub looked: Looked,
    /// What was known of each atom, by its position, at that moment.
    pub atoms: Vec<Truth>,
}

/// Ways out that were looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Looked {
    /// So many interrupts, from the first.
    pub interrupts: usize,
    /// So many exits of the stage, from the first.
    pub exits: usize,
    /// The way that was taken; `None`: the conversation stayed.
    pub way: Option<Way>,
}

/// A way out of a stage, by its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// An interrupt of the playbook.
    Interrupt(usize),
    /// An exit of the stage.
    Exit(usize),
}

/// Somebody who is told what is evaluated.
pub(super) trait Witness {
    /// The ways out of the present stage were looked at, and none was taken yet.
    fn step(&mut self, situation: &Situation<'_>, looked: Looked);

    /// The conversation has settled.
    fn settled(&mut self, situation: &Situation<'_>);
}

/// Nobody.
pub(super) struct Unwatched;

impl Witness for Unwatched {
    fn step(&mut self, _: &Situation<'_>, _: Looked) {}

    fn settled(&mut self, _: &Situation<'_>) {}
}

impl Witness for Trace {
    fn step(&mut self, situation: &Situation<'_>, looked: Looked) {
        self.steps.push(Step { stage: situation.state.stage, looked, atoms: atoms(situation) });
    }

    fn settled(&mut self, situation: &Situation<'_>) {
        self.atoms = atoms(situation);
    }
}

fn atoms(situation: &Situation<'_>) -> Vec<Truth> {
    let all = (0..situation.playbook.atom_count()).filter_map(AtomIx::new);
    all.map(|atom| situation.atom(atom)).collect()
}
