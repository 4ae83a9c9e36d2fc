//! Moves the conversation to the stage where it belongs: interrupts first, then exits, each stage at most once.

use super::decision::{Move, Way};
use super::situation::Situation;
use super::snapshot::Snapshot;
use crate::playbook::{ActionIx, Destination, Exit, Forget, Interrupt, StageIx};

/// Settles the situation. It ends: every move leads to a stage not yet seen in this call.
pub(super) fn settle(situation: &mut Situation<'_>) {
    let playbook = situation.playbook;
    let mut seen = vec![situation.state.stage];
    loop {
        let from = situation.state.stage;
        if let Some((position, interrupt)) = interrupt(situation) {
            if seen.contains(&interrupt.to) {
                return;
            }
            situation.state.return_stage = situation.state.return_stage.or(Some(from));
            enter(situation, interrupt.to, Way::Interrupt(position));
        } else if let Some((position, exit, to)) = open_exit(situation, &playbook.stage(from).exits) {
            if seen.contains(&to) {
                return;
            }
            forget(situation, &exit.forget);
            situation.state.return_stage = return_after(situation, exit, to);
            enter(situation, to, Way::Exit(position));
        } else {
            return;
        }
        seen.push(situation.state.stage);
    }
}

/// The first interrupt that holds, and its position.
pub(super) fn interrupt<'a>(situation: &Situation<'a>) -> Option<(usize, &'a Interrupt)> {
    let mut interrupts = situation.playbook.interrupts().iter().enumerate();
    interrupts.find(|(_, interrupt)| situation.holds(&interrupt.condition))
}

fn open_exit<'a>(situation: &Situation<'_>, exits: &'a [Exit]) -> Option<(usize, &'a Exit, StageIx)> {
    let (position, exit) = exits.iter().enumerate().find(|(_, exit)| situation.holds(&exit.condition))?;
    Some((position, exit, destination(situation, exit)))
}

/// Where an exit leads; back without a place to go back to is the start.
pub(super) fn destination(situation: &Situation<'_>, exit: &Exit) -> StageIx {
    match exit.to {
        Destination::Stage(stage) => stage,
        Destination::Back => situation.state.return_stage.unwrap_or(situation.playbook.start()),
    }
}

/// A stage that leads back remembers where to, however it was entered; others have no need to.
fn return_after(situation: &Situation<'_>, exit: &Exit, to: StageIx) -> Option<StageIx> {
    let leads_back = |stage| situation.playbook.stage(stage).exits.iter().any(|exit| exit.to == Destination::Back);
    match exit.to {
        Destination::Stage(_) if leads_back(to) => situation.state.return_stage.or(Some(situation.state.stage)),
        Destination::Stage(_) | Destination::Back => None,
    }
}

fn enter(situation: &mut Situation<'_>, stage: StageIx, by: Way) {
    let playbook = situation.playbook;
    situation.moves.push(Move { from: situation.state.stage, to: stage, by });
    situation.state.stage = stage;
    situation.state.stage_since = situation.state.turn;
    if situation.state.path.len() >= Snapshot::MAX_PATH {
        situation.state.path.remove(0);
    }
    situation.state.path.push(stage);
    forget(situation, &playbook.stage(stage).forget);
}

/// Drops facts and done-marks, never counts.
fn forget(situation: &mut Situation<'_>, forget: &Forget) {
    for fact in &forget.facts {
        if let Some(entry) = situation.state.fact(*fact).filter(|entry| entry.value.is_some()) {
            let fact = entry.fact;
            if let Some(entry) = situation.state.fact_mut(fact) {
                entry.forgotten = true;
            }
        }
    }
    for action in &forget.actions {
        // An exit would wait for what cannot happen again.
        if !is_held_back(situation, *action)
            && situation.state.action(*action).is_some_and(|entry| entry.done)
            && let Some(entry) = situation.state.action_mut(*action)
        {
            entry.done = false;
        }
    }
}

fn is_held_back(situation: &Situation<'_>, action: ActionIx) -> bool {
    situation.is_spent(action) || situation.gap_until(action) > 0
}
