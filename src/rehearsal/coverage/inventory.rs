//! Everything that there is to exercise in a playbook, and what to call it.

use super::Spot;
use super::conditions::{Place, atoms};
use super::items::{Case, Item, Sort};
use crate::playbook::{Condition, Destination, Exit, Playbook, Stage};

/// Everything there is, sort by sort, in the order of the document.
pub(super) fn all(playbook: &Playbook) -> Vec<(Spot, Item)> {
    let mut items = ways(playbook);
    items.extend(actions_and_rules(playbook));
    items.extend(advice(playbook));
    items.extend(conditions(playbook).into_iter().flat_map(|(place, read)| read.items(playbook, place)));
    items.extend(texts(playbook));
    items
}

fn item(sort: Sort, case: Case, name: String, line: usize) -> Item {
    Item { sort, name, atom: String::new(), case, line, count: 0 }
}

fn ways(playbook: &Playbook) -> Vec<(Spot, Item)> {
    let stages = playbook.stages().map(|(ix, stage)| {
        (Spot::Entered(ix), item(Sort::Stages, Case::Entered, format!("stage `{}`", stage.id), stage.line))
    });
    let exits = playbook.stages().flat_map(|(ix, stage)| {
        let name = |exit| exit_name(playbook, stage, exit);
        let exits = stage.exits.iter().enumerate();
        exits.map(move |(at, exit)| (Spot::Left(ix, at), item(Sort::Exits, Case::Taken, name(exit), exit.line)))
    });
    let interrupts = playbook.interrupts().iter().enumerate().map(|(at, interrupt)| {
        let name = format!("interrupt to `{}`", playbook.stage(interrupt.to).id);
        (Spot::Interrupted(at), item(Sort::Interrupts, Case::Taken, name, interrupt.line))
    });
    stages.chain(exits).chain(interrupts).collect()
}

fn exit_name(playbook: &Playbook, stage: &Stage, exit: &Exit) -> String {
    let to = match exit.to {
        Destination::Stage(to) => format!("to `{}`", playbook.stage(to).id),
        Destination::Back => "back".to_owned(),
    };
    format!("exit from `{}` {to}", stage.id)
}

fn actions_and_rules(playbook: &Playbook) -> Vec<(Spot, Item)> {
    let actions = playbook.actions().map(|(ix, action)| {
        (Spot::Suggested(ix), item(Sort::Actions, Case::Suggested, format!("action `{}`", action.id), action.line))
    });
    let rules = playbook.first_rules().iter().enumerate().map(|(at, rule)| {
        let name = first_name(&playbook.action(rule.action).id);
        (Spot::PutFirst(at), item(Sort::FirstRules, Case::Fired, name, rule.line))
    });
    actions.chain(rules).collect()
}

fn first_name(action: &str) -> String {
    format!("`first` rule for `{action}`")
}

/// A guardrail without a condition is never lifted.
fn advice(playbook: &Playbook) -> Vec<(Spot, Item)> {
    let guardrails = playbook.guardrails().flat_map(|(ix, guardrail)| {
        let item = |case| item(Sort::Guardrails, case, format!("guardrail `{}`", guardrail.id), guardrail.line);
        let lifted = (Spot::Lifted(ix), item(Case::Lifted));
        [(Spot::InForce(ix), item(Case::InForce))]
            .into_iter()
            .chain((!guardrail.condition.is_empty()).then_some(lifted))
    });
    let escalations = playbook.escalations().map(|(ix, rule)| {
        (Spot::Advised(ix), item(Sort::Escalations, Case::Fired, format!("escalation `{}`", rule.id), rule.line))
    });
    guardrails.chain(escalations).collect()
}

fn texts(playbook: &Playbook) -> Vec<(Spot, Item)> {
    let mut texts = Vec::new();
    for (ix, action) in playbook.actions() {
        for (at, text) in action.say.iter().enumerate() {
            let name = format!("phrasing `{}` of `{}`", text.id, action.id);
            texts.push((Spot::Said(ix, at), item(Sort::Phrasings, Case::Shown, name, text.line)));
        }
        for (at, text) in action.cue.iter().enumerate() {
            let name = format!("cue `{}` of `{}`", text.id, action.id);
            texts.push((Spot::Cued(ix, at), item(Sort::Phrasings, Case::Shown, name, text.line)));
        }
    }
    texts
}

/// A condition, and who has it.
struct Read<'a> {
    condition: &'a Condition,
    name: String,
    line: usize,
}

impl Read<'_> {
    fn items(self, playbook: &Playbook, place: Place) -> Vec<(Spot, Item)> {
        let both = |(at, atom)| {
            [true, false].map(|truth| {
                let case = if truth { Case::True } else { Case::False };
                let atom = playbook.atom(atom).text.clone();
                (
                    Spot::Atom(place, at, truth),
                    Item { atom, ..item(Sort::Conditions, case, self.name.clone(), self.line) },
                )
            })
        };
        atoms(self.condition).enumerate().flat_map(both).collect()
    }
}

fn conditions(playbook: &Playbook) -> Vec<(Place, Read<'_>)> {
    let mut all = Vec::new();
    let mut add = |place, condition, name, line| all.push((place, Read { condition, name, line }));
    for (ix, named) in playbook.conditions() {
        add(Place::Named(ix), &named.condition, format!("condition `{}`", named.id), named.line);
    }
    for (at, part) in playbook.interrupts().iter().enumerate() {
        let name = format!("interrupt to `{}`", playbook.stage(part.to).id);
        add(Place::Interrupt(at), &part.condition, name, part.line);
    }
    for (at, rule) in playbook.first_rules().iter().enumerate() {
        add(Place::First(at), &rule.condition, first_name(&playbook.action(rule.action).id), rule.line);
    }
    for (ix, stage) in playbook.stages() {
        for (at, candidate) in stage.candidates.iter().enumerate() {
            let name = format!("`{}` in stage `{}`", playbook.action(candidate.action).id, stage.id);
            add(Place::Candidate(ix, at), &candidate.condition, name, candidate.line);
        }
        for (at, exit) in stage.exits.iter().enumerate() {
            add(Place::Exit(ix, at), &exit.condition, exit_name(playbook, stage, exit), exit.line);
        }
    }
    for (ix, action) in playbook.actions() {
        add(Place::Action(ix), &action.condition, format!("action `{}`", action.id), action.line);
        for (at, preference) in action.prefer.iter().enumerate() {
            let name = format!("preference of `{}`", action.id);
            add(Place::Preference(ix, at), &preference.condition, name, preference.line);
        }
    }
    for (ix, guardrail) in playbook.guardrails() {
        add(Place::Guardrail(ix), &guardrail.condition, format!("guardrail `{}`", guardrail.id), guardrail.line);
    }
    for (ix, rule) in playbook.escalations() {
        add(Place::Escalation(ix), &rule.condition, format!("escalation `{}`", rule.id), rule.line);
    }
    all
}
