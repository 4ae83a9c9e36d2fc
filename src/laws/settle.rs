//! In which stage a conversation can be, as formulas: one that has settled there would have left if a way had been open.
//!
//! A turn may lead through several stages and passes each of them once, so a way that is open can lead to a stage that
//! was passed already. What was true on the way is not followed exactly: whatever a move may have changed could have been
//! anything. So this says of too many situations that they are possible, and of none that is possible that it is not.

use super::encoding::Encoding;
use super::formula::Lit;
use super::truth::{self, Moment};
use crate::playbook::{Condition, Destination, Playbook, StageIx};

/// Whether a conversation can be in `stage`.
pub(super) fn settled(encoding: &mut Encoding<'_>, stage: StageIx) -> Lit {
    let stays = stays(encoding, stage);
    if stage != encoding.playbook.start() {
        return stays;
    }
    // Nothing was observed yet, so nothing was decided on.
    let untouched = untouched(encoding);
    encoding.formula.or([stays, untouched])
}

fn stays(encoding: &mut Encoding<'_>, stage: StageIx) -> Lit {
    let playbook = encoding.playbook;
    let mut needs = Vec::new();
    let mut none_before = encoding.formula.yes();
    let mut is_lasting = true;
    for interrupt in playbook.interrupts() {
        let holds = truth::condition(encoding, &interrupt.condition, Moment::Settled).yes;
        is_lasting &= !encoding.fleeting.touches(playbook, &interrupt.condition);
        let is_first = encoding.formula.and([none_before, holds]);
        if interrupt.to != stage {
            // One that no move can change has held all along, and led to its own stage.
            let passed = if is_lasting { encoding.formula.no() } else { passed(encoding, stage, Some(interrupt.to)) };
            needs.push(encoding.formula.or([!is_first, passed]));
        }
        none_before = encoding.formula.and([none_before, !holds]);
    }
    for exit in &playbook.stage(stage).exits {
        let holds = truth::condition(encoding, &exit.condition, Moment::Settled).yes;
        let is_first = encoding.formula.and([none_before, holds]);
        let passed = passed(encoding, stage, stage_of(exit.to));
        needs.push(encoding.formula.or([!is_first, passed]));
        none_before = encoding.formula.and([none_before, !holds]);
    }
    encoding.formula.and(needs)
}

/// `None`: back, wherever that is.
pub(super) fn stage_of(to: Destination) -> Option<StageIx> {
    match to {
        Destination::Stage(stage) => Some(stage),
        Destination::Back => None,
    }
}

/// Whether this turn can have led from `other` to `stage`.
fn passed(encoding: &mut Encoding<'_>, stage: StageIx, other: Option<StageIx>) -> Lit {
    let left = match other {
        Some(other) => left(encoding, other),
        None => encoding.formula.yes(),
    };
    let entered = entered(encoding, stage);
    let later = encoding.world.turns.first().map(|(_, second)| !*second);
    encoding.formula.and([left, entered].into_iter().chain(later))
}

fn left(encoding: &mut Encoding<'_>, stage: StageIx) -> Lit {
    let playbook = encoding.playbook;
    let exits = playbook.stage(stage).exits.iter().map(|exit| &exit.condition);
    let interrupts = playbook.interrupts().iter().filter(|interrupt| interrupt.to != stage);
    one_can_have_held(encoding, exits.chain(interrupts.map(|interrupt| &interrupt.condition)))
}

fn entered(encoding: &mut Encoding<'_>, stage: StageIx) -> Lit {
    let playbook = encoding.playbook;
    let ways = ways_into(playbook, stage);
    one_can_have_held(encoding, ways)
}

fn ways_into(playbook: &Playbook, stage: StageIx) -> impl Iterator<Item = &Condition> {
    let exits = playbook.stages().filter(move |(from, _)| *from != stage).flat_map(|(_, part)| &part.exits);
    let exits = exits.filter(move |exit| stage_of(exit.to).is_none_or(|to| to == stage));
    let interrupts = playbook.interrupts().iter().filter(move |interrupt| interrupt.to == stage);
    exits.map(|exit| &exit.condition).chain(interrupts.map(|interrupt| &interrupt.condition))
}

fn one_can_have_held<'c>(encoding: &mut Encoding<'_>, conditions: impl Iterator<Item = &'c Condition>) -> Lit {
    let mut held = Vec::new();
    for condition in conditions {
        held.push(truth::condition(encoding, condition, Moment::Passing).yes);
    }
    encoding.formula.or(held)
}

/// Whether nothing was observed in this conversation.
fn untouched(encoding: &mut Encoding<'_>) -> Lit {
    let world = &encoding.world;
    let facts = world.facts.iter().flat_map(|fact| [fact.yes, fact.no]);
    let signals = world.signals.iter().map(|signal| signal.live);
    let actions = world.actions.iter().flat_map(|action| {
        let counts = action.times.iter().map(|(_, reached)| *reached);
        counts.chain([action.done, action.spent, action.in_gap, action.dismissed, action.unavailable])
    });
    let turns = world.turns.iter().map(|(_, reached)| *reached);
    let advice = world.kept.iter().copied();
    let promises = [world.promises.due, world.promises.missed];
    let observed: Vec<Lit> = facts.chain(signals).chain(actions).chain(turns).chain(advice).chain(promises).collect();
    encoding.formula.and(observed.into_iter().map(|observed| !observed))
}
