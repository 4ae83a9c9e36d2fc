//! How often conversations came through a playbook's stages and took its ways.

use crate::playbook::Playbook;
use crate::playbook::ids::StageIx;

/// How often a set of conversations visited each stage and took each exit and interrupt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    stages: Vec<Visits>,
    interrupts: Vec<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Visits {
    turns: usize,
    exits: Vec<usize>,
}

/// What a drawing shows beside the playbook itself.
#[derive(Debug, Clone, Copy)]
pub enum Overlay<'a> {
    /// Nothing.
    Nothing,
    /// What was visited and taken, and what never.
    Coverage(&'a Coverage),
}

impl Coverage {
    /// No conversation yet.
    #[must_use]
    pub fn of_nothing(playbook: &Playbook) -> Self {
        let visits = |exits| Visits { turns: 0, exits: vec![0; exits] };
        Self {
            stages: playbook.stages().map(|(_, stage)| visits(stage.exits.len())).collect(),
            interrupts: vec![0; playbook.interrupts().len()],
        }
    }

    /// A turn in which a conversation was in `stage`, if only on its way.
    pub fn visit(&mut self, stage: StageIx) {
        if let Some(visits) = self.stages.get_mut(stage.position()) {
            visits.turns += 1;
        }
    }

    /// The exit at `position` of `stage` was taken.
    pub fn take_exit(&mut self, stage: StageIx, position: usize) {
        let visits = self.stages.get_mut(stage.position());
        if let Some(taken) = visits.and_then(|visits| visits.exits.get_mut(position)) {
            *taken += 1;
        }
    }

    /// The interrupt at `position` was taken.
    pub fn take_interrupt(&mut self, position: usize) {
        if let Some(taken) = self.interrupts.get_mut(position) {
            *taken += 1;
        }
    }

    /// In how many turns a conversation was in `stage`.
    #[must_use]
    pub fn turns_in(&self, stage: StageIx) -> usize {
        self.stages.get(stage.position()).map_or(0, |visits| visits.turns)
    }

    /// How often the exit at `position` of `stage` was taken.
    #[must_use]
    pub fn exit(&self, stage: StageIx, position: usize) -> usize {
        let visits = self.stages.get(stage.position());
        visits.and_then(|visits| visits.exits.get(position)).copied().unwrap_or(0)
    }

    /// How often the interrupt at `position` was taken.
    #[must_use]
    pub fn interrupt(&self, position: usize) -> usize {
        self.interrupts.get(position).copied().unwrap_or(0)
    }

    /// `12 of 13 stages visited, 40 of 44 exits and 2 of 3 interrupts taken`.
    pub(super) fn summary(&self) -> String {
        let exits: Vec<usize> = self.stages.iter().flat_map(|visits| visits.exits.iter().copied()).collect();
        let turns: Vec<usize> = self.stages.iter().map(|visits| visits.turns).collect();
        let ways = match self.interrupts.as_slice() {
            [] => format!("{} exits taken", share(&exits)),
            some => format!("{} exits and {} interrupts taken", share(&exits), share(some)),
        };
        format!("{} stages visited, {ways}", share(&turns))
    }
}

/// How many of these are more than nothing: `12 of 13`.
fn share(counts: &[usize]) -> String {
    format!("{} of {}", counts.iter().filter(|count| **count > 0).count(), counts.len())
}
