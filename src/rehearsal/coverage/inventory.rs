//! Everything that there is to exercise in a playbook, and what to call it.

use super::Spot;
use super::conditions::{Whose, atoms};
use super::items::{Case, Item, Sort};
use crate::playbook::{Claim, Condition, Destination, Exit, Law, Place, Playbook, Stage};

/// Everything there is, sort by sort, in the order of the document.
pub(super) fn all(playbook: &Playbook) -> Vec<(Spot, Item)> {
    let mut items = ways(playbook);
    items.extend(actions_and_rules(playbook));
    items.extend(advice(playbook));
    items.extend(laws(playbook));
    items.extend(conditions(playbook).into_iter().flat_map(|(whose, read)| read.items(playbook, whose)));
    items.extend(texts(playbook));
    items
}

fn item(sort: Sort, case: Case, name: String, place: Place) -> Item {
    Item { sort, name, atom: String::new(), case, place, count: 0 }
}

fn ways(playbook: &Playbook) -> Vec<(Spot, Item)> {
    let stages = playbook.stages().map(|(ix, stage)| {
        (Spot::Entered(ix), item(Sort::Stages, Case::Entered, format!("stage `{}`", stage.id), stage.place))
    });
    let exits = playbook.stages().flat_map(|(ix, stage)| {
        let name = |exit| exit_name(playbook, stage, exit);
        let exits = stage.exits.iter().enumerate();
        exits.map(move |(at, exit)| (Spot::Left(ix, at), item(Sort::Exits, Case::Taken, name(exit), exit.place)))
    });
    let interrupts = playbook.interrupts().iter().enumerate().map(|(at, interrupt)| {
        let name = format!("interrupt to `{}`", playbook.stage(interrupt.to).id);
        (Spot::Interrupted(at), item(Sort::Interrupts, Case::Taken, name, interrupt.place))
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
        (Spot::Suggested(ix), item(Sort::Actions, Case::Suggested, format!("action `{}`", action.id), action.place))
    });
    let rules = playbook.first_rules().iter().enumerate().map(|(at, rule)| {
        let name = first_name(&playbook.action(rule.action).id);
        (Spot::PutFirst(at), item(Sort::FirstRules, Case::Fired, name, rule.place))
    });
    actions.chain(rules).collect()
}

fn first_name(action: &str) -> String {
    format!("`first` rule for `{action}`")
}

/// A guardrail without a condition is never lifted.
fn advice(playbook: &Playbook) -> Vec<(Spot, Item)> {
    let guardrails = playbook.guardrails().flat_map(|(ix, guardrail)| {
        let item = |case| item(Sort::Guardrails, case, format!("guardrail `{}`", guardrail.id), guardrail.place);
        let lifted = (Spot::Lifted(ix), item(Case::Lifted));
        [(Spot::InForce(ix), item(Case::InForce))]
            .into_iter()
            .chain((!guardrail.condition.is_empty()).then_some(lifted))
    });
    let escalations = playbook.escalations().map(|(ix, rule)| {
        (Spot::Advised(ix), item(Sort::Escalations, Case::Fired, format!("escalation `{}`", rule.id), rule.place))
    });
    guardrails.chain(escalations).collect()
}

fn laws(playbook: &Playbook) -> Vec<(Spot, Item)> {
    let item = |(at, law): (usize, &Law)| {
        let says = if law.it.is_empty() { claim(law) } else { law.it.clone() };
        (Spot::Applied(at), item(Sort::Laws, Case::Applied, format!("law `{says}`"), law.place))
    };
    playbook.laws().iter().enumerate().map(item).collect()
}

/// What a law without a sentence claims, as its author wrote it.
fn claim(law: &Law) -> String {
    match &law.claim {
        Claim::Never { .. } => format!("never: [{}]", law.names.join(", ")),
        Claim::First(_) => format!("first: [{}]", law.names.join(", ")),
        Claim::Reaches(_) => format!("reaches: {}", law.names.join(", ")),
        Claim::Escalation(level) => format!("escalation: {}", level.as_str()),
    }
}

fn texts(playbook: &Playbook) -> Vec<(Spot, Item)> {
    let mut texts = Vec::new();
    for (ix, action) in playbook.actions() {
        for (at, text) in action.say.iter().enumerate() {
            let name = format!("phrasing `{}` of `{}`", text.id, action.id);
            texts.push((Spot::Said(ix, at), item(Sort::Phrasings, Case::Shown, name, text.place)));
        }
        for (at, text) in action.cue.iter().enumerate() {
            let name = format!("cue `{}` of `{}`", text.id, action.id);
            texts.push((Spot::Cued(ix, at), item(Sort::Phrasings, Case::Shown, name, text.place)));
        }
    }
    texts
}

/// A condition, and who has it.
struct Read<'a> {
    condition: &'a Condition,
    name: String,
    place: Place,
}

impl Read<'_> {
    fn items(self, playbook: &Playbook, whose: Whose) -> Vec<(Spot, Item)> {
        let both = |(at, atom)| {
            [true, false].map(|truth| {
                let case = if truth { Case::True } else { Case::False };
                let atom = playbook.atom(atom).text.clone();
                (
                    Spot::Atom(whose, at, truth),
                    Item { atom, ..item(Sort::Conditions, case, self.name.clone(), self.place) },
                )
            })
        };
        atoms(self.condition).enumerate().flat_map(both).collect()
    }
}

fn conditions(playbook: &Playbook) -> Vec<(Whose, Read<'_>)> {
    let mut all = Vec::new();
    let mut add = |whose, condition, name, place| all.push((whose, Read { condition, name, place }));
    for (ix, named) in playbook.conditions() {
        add(Whose::Named(ix), &named.condition, format!("condition `{}`", named.id), named.place);
    }
    for (at, part) in playbook.interrupts().iter().enumerate() {
        let name = format!("interrupt to `{}`", playbook.stage(part.to).id);
        add(Whose::Interrupt(at), &part.condition, name, part.place);
    }
    for (at, rule) in playbook.first_rules().iter().enumerate() {
        add(Whose::First(at), &rule.condition, first_name(&playbook.action(rule.action).id), rule.place);
    }
    for (ix, stage) in playbook.stages() {
        for (at, candidate) in stage.candidates.iter().enumerate() {
            let name = format!("`{}` in stage `{}`", playbook.action(candidate.action).id, stage.id);
            add(Whose::Candidate(ix, at), &candidate.condition, name, candidate.place);
        }
        for (at, exit) in stage.exits.iter().enumerate() {
            add(Whose::Exit(ix, at), &exit.condition, exit_name(playbook, stage, exit), exit.place);
        }
    }
    for (ix, action) in playbook.actions() {
        add(Whose::Action(ix), &action.condition, format!("action `{}`", action.id), action.place);
        for (at, preference) in action.prefer.iter().enumerate() {
            let name = format!("preference of `{}`", action.id);
            add(Whose::Preference(ix, at), &preference.condition, name, preference.place);
        }
    }
    for (ix, guardrail) in playbook.guardrails() {
        add(Whose::Guardrail(ix), &guardrail.condition, format!("guardrail `{}`", guardrail.id), guardrail.place);
    }
    for (ix, rule) in playbook.escalations() {
        add(Whose::Escalation(ix), &rule.condition, format!("escalation `{}`", rule.id), rule.place);
    }
    all
}
