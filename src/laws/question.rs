//! What would break a law, as a formula.

use super::encoding::Encoding;
use super::formula::Lit;
use super::gate::{self, Advice};
use super::screen::{self, Screen};
use super::settle::settled;
use super::truth::{self, Moment};
use super::world::ActionBits;
use crate::playbook::{ActionIx, Claim, EscalationLevel, Law, StageIx};

/// What makes a situation of `stage` one that a conversation can be in, and that breaks `law`: all of it at once.
pub(super) fn broken_in(encoding: &mut Encoding<'_>, law: &Law, stage: StageIx) -> Vec<Lit> {
    let breaks = breaking(encoding, law, stage);
    let settled = settled(encoding, stage);
    [settled].into_iter().chain(breaks).collect()
}

/// What makes a situation of `stage` one that breaks `law`, if a conversation is there: all of it at once.
pub(super) fn breaking(encoding: &mut Encoding<'_>, law: &Law, stage: StageIx) -> Vec<Lit> {
    let breaks = match &law.claim {
        Claim::Never { actions, before } => {
            let Some(screen) = screen::screen(encoding, stage) else { return vec![encoding.formula.no()] };
            shown_too_early(encoding, &screen, actions, before)
        }
        Claim::First(actions) => {
            let Some(screen) = screen::screen(encoding, stage) else { return vec![encoding.formula.no()] };
            not_first(encoding, &screen, actions)
        }
        Claim::Escalation(level) => {
            let advice = gate::advice(encoding, stage);
            let enough = advice.rules.iter().filter(|(other, _)| other >= level).map(|(_, in_force)| *in_force);
            vec![!encoding.formula.or(enough)]
        }
        // No single situation breaks it.
        Claim::Reaches(_) => return vec![encoding.formula.no()],
    };
    let applies = applies(encoding, law);
    [applies].into_iter().chain(breaks).collect()
}

/// A prohibition stands unless its condition is false, as a guardrail does; a demand needs a condition that is true.
pub(super) fn applies(encoding: &mut Encoding<'_>, law: &Law) -> Lit {
    let known = truth::condition(encoding, &law.condition, Moment::Now);
    match law.claim {
        Claim::Never { .. } => !known.no,
        Claim::First(_) | Claim::Escalation(_) | Claim::Reaches(_) => known.yes,
    }
}

fn shown_too_early(
    encoding: &mut Encoding<'_>,
    screen: &Screen,
    actions: &[ActionIx],
    before: &[ActionIx],
) -> Vec<Lit> {
    let shown: Vec<Lit> = actions.iter().map(|action| screen.shows(encoding, *action)).collect();
    let not_yet =
        before.iter().filter_map(|action| gate::bits(encoding, *action).times.first().map(|(_, once)| !*once));
    let not_yet: Vec<Lit> = not_yet.collect();
    let shown = encoding.formula.or(shown);
    not_yet.into_iter().chain([shown]).collect()
}

/// None of `actions` is first, or one is though an earlier one can be; advice that has outlived its cause may be above.
fn not_first(encoding: &mut Encoding<'_>, screen: &Screen, actions: &[ActionIx]) -> Vec<Lit> {
    let firsts = screen.firsts(encoding);
    let mut fine: Vec<Lit> = firsts.iter().map(|first| first.outlives).collect();
    let mut none_so_far = encoding.formula.yes();
    for action in actions {
        let is_first = firsts.iter().filter(|first| first.action == *action).map(|first| first.lit);
        let is_first = encoding.formula.or(is_first);
        fine.push(encoding.formula.and([none_so_far, is_first]));
        let silent = is_silent(encoding, screen.advice(), *action);
        none_so_far = encoding.formula.and([none_so_far, silent]);
    }
    fine.push(none_so_far);
    vec![!encoding.formula.or(fine)]
}

/// Whether the playbook's limits, the agent or the caller keep an action from being suggested, whatever the rules say.
fn is_silent(encoding: &mut Encoding<'_>, advice: &Advice, action: ActionIx) -> Lit {
    let required = advice.calls.iter().filter(|call| call.action == action && call.level == EscalationLevel::Require);
    let lifted = encoding.formula.or(required.map(|call| call.lifts));
    let ActionBits { spent, in_gap, dismissed, unavailable, excluded, .. } = *gate::bits(encoding, action);
    let worn = encoding.formula.or([spent, in_gap, dismissed]);
    let worn = encoding.formula.and([worn, !lifted]);
    encoding.formula.or([worn, unavailable, excluded])
}
