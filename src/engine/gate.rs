//! Gates: what holds an action back now. Gates never score, and scores never gate.

use super::decision::{SuppressionReason, Truth};
use super::explain;
use super::situation::Situation;
use crate::playbook::{ActionIx, Condition};

/// What an action may be excused from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leave {
    /// Nothing.
    None,
    /// Limit, gap and dismissal: the advice to bring in people stands until it is taken.
    Escalation,
}

/// What holds an action back.
#[derive(Debug, Clone)]
pub(super) struct Held<'a> {
    pub(super) reason: SuppressionReason,
    pub(super) because: Vec<&'a str>,
    pub(super) until_turn: u32,
}

impl Held<'_> {
    fn for_good(reason: SuppressionReason) -> Self {
        Self { reason, because: Vec::new(), until_turn: 0 }
    }
}

/// Lets an action pass, or tells what holds it back. `here` is the condition of its entry in the stage.
pub(super) fn gate<'a>(
    situation: &Situation<'a>,
    action: ActionIx,
    here: Option<&Condition>,
    leave: Leave,
) -> Result<(), Held<'a>> {
    conditions(situation, action, here)?;
    order(situation, action)?;
    if leave == Leave::None {
        limit(situation, action)?;
    }
    guardrails(situation, action)?;
    the_agent(situation, action, leave)?;
    if situation.excluded.contains(&action) { Err(Held::for_good(SuppressionReason::Excluded)) } else { Ok(()) }
}

fn conditions<'a>(situation: &Situation<'a>, action: ActionIx, here: Option<&Condition>) -> Result<(), Held<'a>> {
    let own = &situation.playbook.action(action).condition;
    let both = [Some(own), here];
    let mut reason = None;
    for condition in both.into_iter().flatten() {
        match situation.truth(condition) {
            Truth::True => {}
            Truth::Unknown => reason = reason.or(Some(SuppressionReason::Unknown)),
            Truth::False => reason = Some(SuppressionReason::Condition),
        }
    }
    let Some(reason) = reason else {
        return Ok(());
    };
    let failing = both.into_iter().flatten().filter(|condition| !situation.holds(condition));
    let because = failing.flat_map(|condition| explain::blocking(situation, condition)).collect();
    Err(Held { reason, because, until_turn: 0 })
}

/// Each of `after` is done, or can't be done any more.
fn order<'a>(situation: &Situation<'a>, action: ActionIx) -> Result<(), Held<'a>> {
    let playbook = situation.playbook;
    let is_waited_for = |before: &&ActionIx| {
        !situation.state.action(**before).is_some_and(|entry| entry.done) && !situation.is_spent(**before)
    };
    let waiting = playbook.action(action).after.iter().filter(is_waited_for);
    let because: Vec<_> = waiting.map(|before| playbook.action(*before).id.as_str()).collect();
    if because.is_empty() { Ok(()) } else { Err(Held { reason: SuppressionReason::Order, because, until_turn: 0 }) }
}

fn limit<'a>(situation: &Situation<'a>, action: ActionIx) -> Result<(), Held<'a>> {
    if situation.is_spent(action) {
        return Err(Held::for_good(SuppressionReason::Limit));
    }
    match situation.gap_until(action) {
        0 => Ok(()),
        until_turn => Err(Held { reason: SuppressionReason::Gap, because: Vec::new(), until_turn }),
    }
}

fn guardrails<'a>(situation: &Situation<'a>, action: ActionIx) -> Result<(), Held<'a>> {
    let playbook = situation.playbook;
    let mut forbid = playbook.forbidden_by(action).iter();
    let Some(guardrail) = forbid.find(|guardrail| situation.guardrails.binary_search(guardrail).is_ok()) else {
        return Ok(());
    };
    let guardrail = playbook.guardrail(*guardrail);
    let mut because = vec![guardrail.id.as_str()];
    because.extend(explain::standing(situation, &guardrail.condition));
    Err(Held { reason: SuppressionReason::Guardrail, because, until_turn: 0 })
}

fn the_agent<'a>(situation: &Situation<'a>, action: ActionIx, leave: Leave) -> Result<(), Held<'a>> {
    let Some(entry) = situation.state.action(action) else {
        return Ok(());
    };
    if entry.unavailable {
        return Err(Held::for_good(SuppressionReason::Unavailable));
    }
    if leave == Leave::None && entry.dismissed_until > situation.state.turn {
        let until_turn = entry.dismissed_until;
        return Err(Held { reason: SuppressionReason::Dismissed, because: Vec::new(), until_turn });
    }
    Ok(())
}
