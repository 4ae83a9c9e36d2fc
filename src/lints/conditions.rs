//! Conditions that decide nothing: true in every situation, or in none.

use super::Found;
use crate::laws::Situations;
use crate::playbook::{Condition, Lint, Place, Playbook};

/// A condition where it is written.
struct Site<'p> {
    of: &'p str,
    place: Place,
    condition: &'p Condition,
    what: &'static str,
}

/// `always-true` and `never-true`.
pub(super) fn found(playbook: &Playbook, situations: &mut Situations<'_>) -> Vec<Found> {
    let written = ways(playbook).chain(rules(playbook)).chain(of_actions(playbook));
    let mut found: Vec<Found> = written.filter_map(|site| decides_nothing(&site, situations)).collect();
    found.extend(guardrails(playbook, situations));
    found
}

fn decides_nothing(Site { of, place, condition, what }: &Site<'_>, situations: &mut Situations<'_>) -> Option<Found> {
    if condition.is_empty() {
        return None;
    }
    if !situations.can_hold(condition) {
        let message = format!("{what} is true in no situation");
        let help = "its parts exclude each other: remove one of them, or all of it";
        return Some(Found { lint: Lint::NeverTrue, of: (*of).to_owned(), place: *place, message, help });
    }
    (!situations.can_lack(condition)).then(|| Found {
        lint: Lint::AlwaysTrue,
        of: (*of).to_owned(),
        place: *place,
        message: format!("{what} is true in every situation"),
        help: "remove the condition, or say what it should wait for",
    })
}

fn ways(playbook: &Playbook) -> impl Iterator<Item = Site<'_>> {
    let named = playbook.conditions().map(|(_, part)| Site {
        of: &part.id,
        place: part.place,
        condition: &part.condition,
        what: "this named condition",
    });
    let interrupts = playbook.interrupts().iter().map(|part| Site {
        of: &playbook.stage(part.to).id,
        place: part.place,
        condition: &part.condition,
        what: "the condition of this interrupt",
    });
    let exits = playbook.stages().flat_map(|(_, stage)| stage.exits.iter().map(move |exit| (stage, exit)));
    let exits = exits.map(|(stage, part)| Site {
        of: &stage.id,
        place: part.place,
        condition: &part.condition,
        what: "the condition of this exit",
    });
    named.chain(interrupts).chain(exits)
}

fn rules(playbook: &Playbook) -> impl Iterator<Item = Site<'_>> {
    let first = playbook.first_rules().iter().map(|part| Site {
        of: &playbook.action(part.action).id,
        place: part.place,
        condition: &part.condition,
        what: "the condition of this rule",
    });
    let escalations = playbook.escalations().map(|(_, part)| Site {
        of: &part.id,
        place: part.place,
        condition: &part.condition,
        what: "the condition of this escalation",
    });
    first.chain(escalations)
}

fn of_actions(playbook: &Playbook) -> impl Iterator<Item = Site<'_>> {
    let own = playbook.actions().map(|(_, part)| Site {
        of: &part.id,
        place: part.place,
        condition: &part.condition,
        what: "the condition of this action",
    });
    let entries = playbook.stages().flat_map(|(_, stage)| stage.candidates.iter().map(move |entry| (stage, entry)));
    let entries = entries.map(|(stage, part)| Site {
        of: &stage.id,
        place: part.place,
        condition: &part.condition,
        what: "the condition of this action, here in its stage,",
    });
    let prefer = playbook.actions().flat_map(|(_, action)| action.prefer.iter().map(move |prefer| (action, prefer)));
    let prefer = prefer.map(|(action, part)| Site {
        of: &action.id,
        place: part.place,
        condition: &part.condition,
        what: "the condition of this preference",
    });
    own.chain(entries).chain(prefer)
}

/// A guardrail is in force unless its condition is false.
fn guardrails(playbook: &Playbook, situations: &mut Situations<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (_, part) in playbook.guardrails().filter(|(_, part)| !part.condition.is_empty()) {
        if !situations.can_escape(&part.condition) {
            let message = "this guardrail is in force in no situation".to_owned();
            let help = "its parts exclude each other: remove one of them, or all of it";
            found.push(Found { lint: Lint::NeverTrue, of: part.id.clone(), place: part.place, message, help });
        } else if !situations.can_fail(&part.condition) {
            let message = "this guardrail is never lifted".to_owned();
            let help = "remove the condition, or say what lifts it";
            found.push(Found { lint: Lint::AlwaysTrue, of: part.id.clone(), place: part.place, message, help });
        }
    }
    found
}
