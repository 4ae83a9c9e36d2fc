//! How often conversations came into a playbook's stages and took its ways.

use crate::playbook::Playbook;
use crate::playbook::ids::StageIx;

/// How often a set of conversations entered each stage and took each exit and interrupt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traffic {
    stages: Vec<Visits>,
    interrupts: Vec<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Visits {
    entered: usize,
    exits: Vec<usize>,
}

/// What a drawing shows beside the playbook itself.
#[derive(Debug, Clone, Copy)]
pub enum Overlay<'a> {
    /// Nothing.
    Nothing,
    /// What was entered and taken, and what never.
    Traffic(&'a Traffic),
}

impl Traffic {
    /// No conversation yet.
    #[must_use]
    pub fn none(playbook: &Playbook) -> Self {
        let visits = |exits| Visits { entered: 0, exits: vec![0; exits] };
        Self {
            stages: playbook.stages().map(|(_, stage)| visits(stage.exits.len())).collect(),
            interrupts: vec![0; playbook.interrupts().len()],
        }
    }

    /// `stage` was entered so many times more.
    pub fn enter(&mut self, stage: StageIx, times: usize) {
        if let Some(visits) = self.stages.get_mut(stage.position()) {
            visits.entered += times;
        }
    }

    /// The exit at `position` of `stage` was taken so many times more.
    pub fn take_exit(&mut self, stage: StageIx, position: usize, times: usize) {
        let visits = self.stages.get_mut(stage.position());
        if let Some(taken) = visits.and_then(|visits| visits.exits.get_mut(position)) {
            *taken += times;
        }
    }

    /// The interrupt at `position` was taken so many times more.
    pub fn take_interrupt(&mut self, position: usize, times: usize) {
        if let Some(taken) = self.interrupts.get_mut(position) {
            *taken += times;
        }
    }

    pub(super) fn entered(&self, stage: StageIx) -> usize {
        self.stages.get(stage.position()).map_or(0, |visits| visits.entered)
    }

    pub(super) fn exit(&self, stage: StageIx, position: usize) -> usize {
        let visits = self.stages.get(stage.position());
        visits.and_then(|visits| visits.exits.get(position)).copied().unwrap_or(0)
    }

    pub(super) fn interrupt(&self, position: usize) -> usize {
        self.interrupts.get(position).copied().unwrap_or(0)
    }

    /// `12 of 13 stages entered, 40 of 44 exits and 2 of 3 interrupts taken`.
    pub(super) fn summary(&self) -> String {
        let exits: Vec<usize> = self.stages.iter().flat_map(|visits| visits.exits.iter().copied()).collect();
        let entered: Vec<usize> = self.stages.iter().map(|visits| visits.entered).collect();
        let ways = match self.interrupts.as_slice() {
            [] => format!("{} exits taken", share(&exits)),
            some => format!("{} exits and {} interrupts taken", share(&exits), share(some)),
        };
        format!("{} stages entered, {ways}", share(&entered))
    }
}

/// How many of these are more than nothing: `12 of 13`.
fn share(counts: &[usize]) -> String {
    format!("{} of {}", counts.iter().filter(|count| **count > 0).count(), counts.len())
}
