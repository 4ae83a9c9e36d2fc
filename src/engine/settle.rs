//! Moves the conversation to the stage where it belongs: interrupts first, then exits, each stage at most once.

use super::situation::Situation;
use super::snapshot::Snapshot;
use super::trace::{Looked, Way, Witness};
use crate::playbook::{ActionIx, Condition, Destination, Exit, Forget, Interrupt, StageIx};

/// Settles the situation. It ends: every move leads to a stage not yet seen in this call.
pub(super) fn settle(situation: &mut Situation<'_>, witness: &mut impl Witness) {
    let mut seen = vec![situation.state.stage];
    loop {
        let looked = look(situation, &seen);
        witness.step(situation, looked);
        match looked.way {
            Some(Way::Interrupt(at)) => be_interrupted(situation, at),
            Some(Way::Exit(at)) => leave(situation, at),
            None => return,
        }
        seen.push(situation.state.stage);
    }
}

/// Follows the first interrupt that holds, and nothing else; whether there is one.
pub(super) fn settle_by_interrupts(situation: &mut Situation<'_>) -> bool {
    let open = first_open(situation, situation.playbook.interrupts(), |interrupt| &interrupt.condition);
    let Some((at, interrupt)) = open else { return false };
    if interrupt.to != situation.state.stage {
        be_interrupted(situation, at);
    }
    true
}

/// The way on: the first interrupt that holds, else the first exit, and to no stage twice.
fn look(situation: &Situation<'_>, seen: &[StageIx]) -> Looked {
    let (interrupts, exits) = (situation.playbook.interrupts(), exits(situation));
    if let Some((at, interrupt)) = first_open(situation, interrupts, |interrupt| &interrupt.condition) {
        let way = Some(Way::Interrupt(at)).filter(|_| !seen.contains(&interrupt.to));
        return Looked { interrupts: at + 1, exits: 0, way };
    }
    let open = first_open(situation, exits, |exit| &exit.condition);
    let way = open.filter(|(_, exit)| !seen.contains(&destination(situation, exit))).map(|(at, _)| Way::Exit(at));
    Looked { interrupts: interrupts.len(), exits: open.map_or(exits.len(), |(at, _)| at + 1), way }
}

fn first_open<'p, T>(
    situation: &Situation<'_>,
    ways: &'p [T],
    condition: impl Fn(&T) -> &Condition,
) -> Option<(usize, &'p T)> {
    ways.iter().enumerate().find(|(_, way)| situation.holds(condition(way)))
}

fn exits<'a>(situation: &Situation<'a>) -> &'a [Exit] {
    &situation.playbook.stage(situation.state.stage).exits
}

fn be_interrupted(situation: &mut Situation<'_>, at: usize) {
    if let Some(interrupt) = situation.playbook.interrupts().get(at) {
        situation.state.return_stage = situation.state.return_stage.or(Some(situation.state.stage));
        enter(situation, interrupt.to);
    }
}

fn leave(situation: &mut Situation<'_>, at: usize) {
    if let Some(exit) = exits(situation).get(at) {
        let to = destination(situation, exit);
        forget(situation, &exit.forget);
        situation.state.return_stage = return_after(situation, exit, to);
        enter(situation, to);
    }
}

/// The first interrupt that holds.
pub(super) fn interrupt<'a>(situation: &Situation<'a>) -> Option<&'a Interrupt> {
    situation.playbook.interrupts().iter().find(|interrupt| situation.holds(&interrupt.condition))
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

fn enter(situation: &mut Situation<'_>, stage: StageIx) {
    let playbook = situation.playbook;
    situation.state.stage = stage;
    situation.state.stage_since = situation.state.turn;
    if situation.state.path.len() >= Snapshot::MAX_PATH {
        situation.state.path.remove(0);
    }
    situation.state.path.push(stage);
    forget(situation, &playbook.stage(stage).forget);
    situation.remember();
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
