//! Gates: what holds an action back now. Gates never score, and scores never gate.

use super::decision::{SuppressionReason, Truth};
use super::situation::Situation;
use crate::playbook::{ActionIx, Condition, Guardrail};

/// What an action may be excused from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leave {
    /// Nothing.
    None,
    /// Limit, gap and dismissal: the advice to bring in people stands until it is taken.
    Escalation,
}

/// What holds an action back.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held<'a> {
    pub(super) action: ActionIx,
    /// The condition of its entry in the stage.
    pub(super) here: Option<&'a Condition>,
    pub(super) reason: SuppressionReason,
    pub(super) until_turn: u32,
}

/// Lets an action pass, or tells what holds it back. `here` is the condition of its entry in the stage.
pub(super) fn gate<'a>(
    situation: &Situation<'_>,
    action: ActionIx,
    here: Option<&'a Condition>,
    leave: Leave,
) -> Result<(), Held<'a>> {
    let held = |(reason, until_turn)| Held { action, here, reason, until_turn };
    let for_good = |reason| (reason, 0);
    let first = conditions(situation, action, here)
        .or_else(|| order(situation, action))
        .map(for_good)
        .or_else(|| limit(situation, action, leave))
        .or_else(|| forbidding(situation, action).map(|_| for_good(SuppressionReason::Guardrail)))
        .or_else(|| the_agent(situation, action, leave))
        .or_else(|| situation.excluded.contains(&action).then_some(for_good(SuppressionReason::Excluded)));
    first.map_or(Ok(()), |first| Err(held(first)))
}

fn conditions(situation: &Situation<'_>, action: ActionIx, here: Option<&Condition>) -> Option<SuppressionReason> {
    let own = situation.truth(&situation.playbook.action(action).condition);
    let here = here.map_or(Truth::True, |here| situation.truth(here));
    match own.min(here) {
        Truth::True => None,
        Truth::Unknown => Some(SuppressionReason::Unknown),
        Truth::False => Some(SuppressionReason::Condition),
    }
}

fn order(situation: &Situation<'_>, action: ActionIx) -> Option<SuppressionReason> {
    waited_for(situation, action).next().map(|_| SuppressionReason::Order)
}

/// What has to come before: each of `after` that is neither done nor can't be done any more.
pub(super) fn waited_for(situation: &Situation<'_>, action: ActionIx) -> impl Iterator<Item = ActionIx> {
    let is_done = |before| situation.state.action(before).is_some_and(|entry| entry.done);
    let after = situation.playbook.action(action).after.iter().copied();
    after.filter(move |before| !is_done(*before) && !situation.is_spent(*before))
}

fn limit(situation: &Situation<'_>, action: ActionIx, leave: Leave) -> Option<(SuppressionReason, u32)> {
    match leave {
        Leave::Escalation => None,
        Leave::None if situation.is_spent(action) => Some((SuppressionReason::Limit, 0)),
        Leave::None => match situation.gap_until(action) {
            0 => None,
            until_turn => Some((SuppressionReason::Gap, until_turn)),
        },
    }
}

/// The first guardrail in force that forbids an action.
pub(super) fn forbidding<'a>(situation: &Situation<'a>, action: ActionIx) -> Option<&'a Guardrail> {
    let mut forbid = situation.playbook.forbidden_by(action).iter();
    let guardrail = forbid.find(|guardrail| situation.guardrails.binary_search(guardrail).is_ok())?;
    Some(situation.playbook.guardrail(*guardrail))
}

fn the_agent(situation: &Situation<'_>, action: ActionIx, leave: Leave) -> Option<(SuppressionReason, u32)> {
    let entry = situation.state.action(action)?;
    if entry.unavailable {
        return Some((SuppressionReason::Unavailable, 0));
    }
    let is_silent = leave == Leave::None && entry.dismissed_until > situation.state.turn;
    is_silent.then_some((SuppressionReason::Dismissed, entry.dismissed_until))
}
