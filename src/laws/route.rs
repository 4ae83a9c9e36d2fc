//! Conversations that lead into each stage, found step by step: each step opens one way out of a stage reached before,
//! and the engine says where it led.

use super::draft::drafts;
use super::encoding::{Encoding, Ground};
use super::formula::Lit;
use super::model::plainest;
use super::replay;
use super::truth::{self, Moment};
use crate::playbook::{Condition, StageIx, TurnCase};

/// Ways into a stage that are kept: one may do something that a situation excludes.
const MOST_WAYS: usize = 3;

/// Conversations that are followed on, at most: a proof is waited for.
const MOST_LOOKED_AT: usize = 150;

/// What is known so far.
pub(super) struct Routes {
    /// Stages with the turns that lead there, in order of discovery.
    known: Vec<(StageIx, Vec<TurnCase>)>,
    /// How many of them have been looked at for ways on.
    looked_at: usize,
}

impl Routes {
    /// A conversation starts at the start.
    pub(super) fn from(start: StageIx) -> Self {
        Self { known: vec![(start, Vec::new())], looked_at: 0 }
    }

    /// Conversations that lead to `stage`, as far as they were found.
    pub(super) fn to(&mut self, ground: &Ground<'_>, stage: StageIx) -> Vec<Vec<TurnCase>> {
        while self.looked_at < MOST_LOOKED_AT && !self.known.iter().any(|(known, _)| *known == stage) {
            let Some((from, turns)) = self.known.get(self.looked_at).cloned() else { break };
            self.looked_at += 1;
            self.go_on(ground, from, &turns);
        }
        self.known.iter().filter(|(known, _)| *known == stage).map(|(_, turns)| turns.clone()).collect()
    }

    fn go_on(&mut self, ground: &Ground<'_>, from: StageIx, turns: &[TurnCase]) {
        let mut encoding = Encoding::on(ground);
        for way in ways(&mut encoding, from) {
            let Some(picture) = plainest(&mut encoding, from, &[way]) else { continue };
            for draft in drafts(ground.playbook, turns, &picture) {
                let Some(to) = replay::stage_after(ground.playbook, &draft) else { continue };
                if self.known.iter().filter(|(known, _)| *known == to).count() < MOST_WAYS {
                    self.known.push((to, draft));
                    break;
                }
            }
        }
    }
}

/// For each way out of `stage`, interrupts first, that it is the one taken.
pub(super) fn ways(encoding: &mut Encoding<'_>, stage: StageIx) -> Vec<Lit> {
    let playbook = encoding.playbook;
    let interrupts = playbook.interrupts().iter().map(|interrupt| &interrupt.condition);
    let exits = playbook.stage(stage).exits.iter().map(|exit| &exit.condition);
    let conditions: Vec<&Condition> = interrupts.chain(exits).collect();
    let mut none_before = encoding.formula.yes();
    let mut ways = Vec::with_capacity(conditions.len());
    for condition in conditions {
        let holds = truth::condition(encoding, condition, Moment::Settled).yes;
        ways.push(encoding.formula.and([none_before, holds]));
        none_before = encoding.formula.and([none_before, !holds]);
    }
    ways
}
