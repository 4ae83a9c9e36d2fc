//! The agent: does mostly what the answer says, and finds out some of what it asks for.

use super::chance::Chance;
use super::customer::Customer;
use super::memory::Memory;
use crate::engine::{ActionReport, ActionResult, Decision, Suggestion};
use crate::playbook::{Kind, Time};

/// Minutes until something that was promised.
const PROMISED: i64 = 30;

/// What the agent makes of an answer: what it reports, if it reports.
pub(super) fn acts<'a>(decision: &Decision<'a>, now: Time, chance: &mut Chance) -> Option<Vec<ActionReport<'a>>> {
    let habit = chance.unit();
    let count = if habit < 0.05 { 0 } else { 1 + usize::from(habit > 0.65) };
    // Some agents never say what they did.
    let tells = !chance.comes(0.05);
    tells.then(|| decision.suggestions.iter().take(count).map(|suggestion| report(suggestion, now)).collect())
}

fn report<'a>(suggestion: &Suggestion<'a>, now: Time) -> ActionReport<'a> {
    let action = suggestion.action;
    ActionReport {
        action: &action.id,
        phrasing: suggestion.phrasings.first().map_or("", |phrasing| &phrasing.text.id),
        result: ActionResult::Done,
        due: (action.kind == Kind::Promise).then(|| now.plus_millis(PROMISED * 60_000)),
        commitment_id: "",
    }
}

/// What the agent finds out of what the answer asks for.
pub(super) fn finds_out<'a>(
    decision: &Decision<'a>,
    customer: &Customer,
    memory: &Memory<'a>,
    chance: &mut Chance,
) -> Vec<(&'a str, Option<bool>)> {
    let mut found = Vec::new();
    for missing in &decision.missing {
        if chance.comes(customer.temper.open)
            && let Some(value) = truth(missing.fact, customer, memory, chance)
        {
            // What was told before and is asked again was forgotten: it is unknown first, and then known anew.
            let is_old = memory.facts.get(missing.fact) == Some(&value);
            found.push((missing.fact, (!is_old).then_some(value)));
        }
    }
    found
}

/// What is so; `None`: that is not decided yet.
fn truth(fact: &str, customer: &Customer, memory: &Memory<'_>, chance: &mut Chance) -> Option<bool> {
    let calm = customer.anger < 0.4;
    match fact {
        "solution_agreed" => customer.agreed.then_some(true),
        "action_started" | "action_completed" | "followed_up" => (customer.agreed && chance.comes(0.5)).then_some(true),
        "satisfaction_confirmed" => Some(calm && customer.agreed),
        "understanding_confirmed" => Some(customer.heard > 0.4 || memory.turns > 6),
        "mistake_confirmed" => Some(chance.comes(0.5)),
        "setback" | "promise_missed" | "audience_present" => Some(chance.comes(0.05)),
        _ => Some(chance.comes(0.8)),
    }
}
