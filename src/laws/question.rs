//! What would break a law, as a formula.

use super::encoding::Encoding;
use super::formula::Lit;
use super::gate::{self, Advice};
use super::screen::{self, Screen};
use super::settle::settled;
use super::truth::{self, Moment};
use crate::playbook::{ActionIx, Claim, EscalationLevel, Law, StageIx};

/// Situations of `stage` in which `law` is broken; `None`: it does not speak of situations.
pub(super) fn broken_in(encoding: &mut Encoding<'_>, law: &Law, stage: StageIx) -> Option<Vec<Lit>> {
    let breaks = match &law.claim {
        Claim::Never { actions, before } => {
            let Some(screen) = screen::screen(encoding, stage) else { return Some(vec![encoding.formula.no()]) };
            shown_too_early(encoding, &screen, actions, before)
        }
        Claim::First(actions) => {
            let Some(screen) = screen::screen(encoding, stage) else { return Some(vec![encoding.formula.no()]) };
            not_first(encoding, &screen, actions)
        }
        Claim::Escalation(level) => {
            let advice = gate::advice(encoding, stage);
            let enough = advice.rules.iter().filter(|(other, _)| other >= level).map(|(_, in_force)| *in_force);
            vec![!encoding.formula.or(enough)]
        }
        Claim::AlwaysReaches(_) => return None,
    };
    let applies = applies(encoding, law);
    let settled = settled(encoding, stage);
    Some([settled, applies].into_iter().chain(breaks).collect())
}

/// A prohibition stands unless its condition is false, as a guardrail does; a demand needs a condition that is true.
fn applies(encoding: &mut Encoding<'_>, law: &Law) -> Lit {
    let known = truth::condition(encoding, &law.condition, Moment::Now);
    match law.claim {
        Claim::Never { .. } => !known.no,
        Claim::First(_) | Claim::Escalation(_) | Claim::AlwaysReaches(_) => known.yes,
    }
}

fn shown_too_early(
    encoding: &mut Encoding<'_>,
    screen: &Screen,
    actions: &[ActionIx],
    before: &[ActionIx],
) -> Vec<Lit> {
    let shown: Vec<Lit> = actions.iter().map(|action| screen.shows(encoding, *action)).collect();
    let done = before.iter().filter_map(|action| gate::bits(encoding, *action)?.times.first().map(|(_, once)| *once));
    let not_yet: Vec<Lit> = done.map(|done| !done).collect();
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
    let Some(bits) = gate::bits(encoding, action).cloned() else { return encoding.formula.no() };
    let worn = encoding.formula.or([bits.spent, bits.in_gap, bits.dismissed]);
    let worn = encoding.formula.and([worn, !lifted]);
    encoding.formula.or([worn, bits.unavailable, bits.excluded])
}
