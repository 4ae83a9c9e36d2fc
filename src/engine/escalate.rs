//! Advice to bring in people: the strictest rule that holds, kept up until it may fall, and the story to hand over.

use super::decision::{Escalation, HandoffBrief, Reason, SignalUp, Tried, Truth};
use super::explain;
use super::gate::{Leave, gate};
use super::situation::{Situation, bands_of, is_missed, is_open};
use super::snapshot::{Commitment, CommitmentStatus};
use super::state::Held;
use crate::playbook::{ActionIx, EscalationIx, EscalationLevel, Guardrail, Level};

/// Advice falls after this many turns without cause.
const FALLS_AFTER: u32 = 2;
/// A requirement whose action was not done falls after this many.
const REQUIRE_FALLS_AFTER: u32 = 5;

/// Advice in force now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Advice {
    pub(super) held: Held,
    /// The first usable one of the rule's action and its `else_action`, or the rule's where neither is.
    pub(super) action: Option<ActionIx>,
    /// Whether that action can be shown.
    pub(super) usable: bool,
}

/// The advice in force, from what held before and what holds now.
pub(super) fn advise(situation: &Situation<'_>) -> Option<Advice> {
    let turn = situation.state.turn;
    let strictest = strictest(situation);
    let raised = strictest.map(|(rule, level)| Held { rule, level, since_turn: turn, cause_turn: turn });
    let held = match (situation.state.escalation, raised) {
        (None, raised) => raised,
        (Some(held), Some(raised)) if raised.level >= held.level => Some(renewed(held, raised)),
        (Some(held), raised) => {
            if may_fall(situation, held) {
                raised
            } else {
                Some(held)
            }
        }
    }?;
    // Advice that was taken and has no cause any more stays for a while, and asks for nothing.
    let is_met = held.level < EscalationLevel::Require && held.cause_turn < turn && is_taken(situation, held);
    let (action, usable) = if is_met { (None, false) } else { usable_action(situation, held.rule) };
    Some(Advice { held, action, usable })
}

/// The same level with a cause goes on; a higher one begins.
fn renewed(held: Held, raised: Held) -> Held {
    let since_turn = if raised.level == held.level { held.since_turn } else { raised.since_turn };
    Held { since_turn, ..raised }
}

fn may_fall(situation: &Situation<'_>, held: Held) -> bool {
    let without_cause = situation.state.turn.saturating_sub(held.cause_turn);
    match held.level {
        // Also where the reading that raised it was corrected in its own turn: better help in vain than none.
        EscalationLevel::Require => {
            without_cause >= REQUIRE_FALLS_AFTER || (without_cause >= FALLS_AFTER && is_taken(situation, held))
        }
        EscalationLevel::None | EscalationLevel::Offer | EscalationLevel::Recommend => without_cause >= FALLS_AFTER,
    }
}

/// Whether one of its actions was done since it came into force; a report of that turn tells of the time before.
fn is_taken(situation: &Situation<'_>, held: Held) -> bool {
    let rule = situation.playbook.escalation(held.rule);
    let done = |action| situation.state.action(action).is_some_and(|entry| entry.done_turn > held.since_turn);
    [rule.action, rule.else_action].into_iter().flatten().any(done)
}

/// The strictest rule that holds; of equals the first listed.
fn strictest(situation: &Situation<'_>) -> Option<(EscalationIx, EscalationLevel)> {
    let mut strictest: Option<(EscalationIx, EscalationLevel)> = None;
    for (ix, rule) in situation.playbook.escalations() {
        if strictest.is_none_or(|(_, level)| rule.level > level) && is_in_force(situation, ix) {
            strictest = Some((ix, rule.level));
        }
    }
    strictest
}

fn is_in_force(situation: &Situation<'_>, ix: EscalationIx) -> bool {
    let rule = situation.playbook.escalation(ix);
    let by_stage = situation.playbook.stage(situation.state.stage).escalate == Some(ix);
    by_stage || (!rule.condition.is_empty() && situation.holds(&rule.condition))
}

fn usable_action(situation: &Situation<'_>, rule: EscalationIx) -> (Option<ActionIx>, bool) {
    let rule = situation.playbook.escalation(rule);
    let passes = |action: &ActionIx| gate(situation, *action, None, Leave::Escalation).is_ok();
    let usable = [rule.action, rule.else_action].into_iter().flatten().find(passes);
    (usable.or(rule.action), usable.is_some())
}

/// The advice with its reasons and the story to hand over.
pub(super) fn escalation<'a>(
    situation: &Situation<'a>,
    advice: Advice,
    guardrails: &[&'a Guardrail],
    commitments: &[Commitment<'a>],
) -> Escalation<'a> {
    let playbook = situation.playbook;
    let rule = playbook.escalation(advice.held.rule);
    let others = playbook.escalations().filter(|(ix, _)| *ix != advice.held.rule && is_in_force(situation, *ix));
    let in_force = std::iter::once(advice.held.rule).chain(others.map(|(ix, _)| ix));
    Escalation {
        level: advice.held.level,
        rule,
        action: advice.action.map(|action| playbook.action(action)),
        reasons: in_force.map(|ix| reason(situation, ix)).collect(),
        brief: brief(situation, guardrails, commitments),
    }
}

fn reason<'a>(situation: &Situation<'a>, ix: EscalationIx) -> Reason<'a> {
    let rule = situation.playbook.escalation(ix);
    let holds = !rule.condition.is_empty() && situation.truth(&rule.condition) == Truth::True;
    let because = if holds { explain::supporting(situation, &rule.condition) } else { Vec::new() };
    Reason { rule, because, in_force: is_in_force(situation, ix) }
}

/// The story of the conversation.
pub(super) fn brief<'a>(
    situation: &Situation<'a>,
    guardrails: &[&'a Guardrail],
    commitments: &[Commitment<'a>],
) -> HandoffBrief<'a> {
    let playbook = situation.playbook;
    let done = situation.state.actions.iter().filter(|entry| entry.count > 0);
    let facts = situation.state.facts.iter();
    HandoffBrief {
        stage: playbook.stage(situation.state.stage),
        turns: situation.state.turn,
        tried: done
            .map(|entry| Tried {
                action: playbook.action(entry.action),
                times: entry.count,
                last_turn: entry.done_turn,
                assumed: entry.assumed,
            })
            .collect(),
        facts: facts
            .filter_map(|entry| Some((playbook.fact(entry.fact).id.as_str(), situation.fact_value(entry)?)))
            .collect(),
        signals: signals_up(situation),
        commitments: commitments.iter().filter(|promise| is_open(promise)).cloned().collect(),
        avoid: guardrails.to_vec(),
        values: situation.values.iter().map(|(value, text)| (playbook.value(*value).id.as_str(), *text)).collect(),
    }
}

/// Flags that are up, and the bands that hold, as conditions would call them.
fn signals_up<'a>(situation: &Situation<'a>) -> Vec<SignalUp<'a>> {
    let playbook = situation.playbook;
    let live = situation.state.signals.iter().filter_map(|entry| situation.live(entry.signal));
    let mut up = Vec::new();
    for reading in live {
        let signal = playbook.signal(reading.signal);
        if signal.flag && reading.level == Level::ONE {
            up.push(SignalUp { signal: &signal.id, band: "" });
        }
        let bands = bands_of(signal, reading.level, reading.bands_before);
        let holding = signal.bands.iter().enumerate().filter(|(bit, _)| bands & (1 << bit) != 0);
        up.extend(holding.map(|(_, band)| SignalUp { signal: &signal.id, band: &band.id }));
    }
    up
}

/// Promises as they stand now: one whose time has passed is missed.
pub(super) fn commitments<'a>(situation: &Situation<'a>) -> Vec<Commitment<'a>> {
    let as_it_stands = |promise: &Commitment<'a>| {
        let mut promise = promise.clone();
        if is_missed(&promise, situation.now) {
            promise.status = CommitmentStatus::Missed;
        }
        promise
    };
    situation.state.commitments.iter().map(as_it_stands).collect()
}
