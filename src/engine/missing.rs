//! What is worth finding out: unknown facts that decide something, and what a yes would unlock.

use super::decision::{MissingFact, SuppressionReason, Truth};
use super::gate::Held;
use super::situation::Situation;
use super::truth::Assumed;
use crate::playbook::{Condition, Course, Exit, FactIx, StageIx};

/// At most this many facts are asked for.
const MOST: usize = 3;

/// Who waits for a fact; the exits to later stages are served first, the nearest of them before the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Waiting {
    NextStage,
    LaterStage,
    Candidate,
    FirstRule,
}

/// What waits for a yes: a stage or an action.
#[derive(Clone, Copy)]
struct Waiter<'a> {
    waiting: Waiting,
    id: &'a str,
}

/// A fact that decides something, and what it would unlock.
struct Deciding<'a> {
    fact: FactIx,
    waiting: Waiting,
    unlocks: Vec<&'a str>,
}

struct Search<'s, 'a> {
    situation: &'s Situation<'a>,
    found: Vec<Deciding<'a>>,
}

/// What to find out: what the next stage waits for, then what actions wait for, then the `first` rules; least asked first.
pub(super) fn missing<'a>(
    situation: &Situation<'a>,
    onward: &[(&'a Exit, StageIx)],
    held: &[Held<'a>],
) -> Vec<(FactIx, MissingFact<'a>)> {
    let playbook = situation.playbook;
    if let Course::Final(_) = playbook.stage(situation.state.stage).course {
        return Vec::new();
    }
    let mut search = Search { situation, found: Vec::new() };
    for (at, (exit, to)) in onward.iter().enumerate() {
        let waiting = if at == 0 { Waiting::NextStage } else { Waiting::LaterStage };
        search.add(&exit.condition, Truth::True, Waiter { waiting, id: &playbook.stage(*to).id });
    }
    for held in held {
        search.unlocking(held);
    }
    for rule in playbook.first_rules() {
        let waiter = Waiter { waiting: Waiting::FirstRule, id: &playbook.action(rule.action).id };
        search.add(&rule.condition, Truth::True, waiter);
    }
    search.found.sort_by_key(|deciding| (deciding.waiting, asked_before(situation, deciding.fact)));
    search.found.truncate(MOST);
    search.found.into_iter().map(|deciding| (deciding.fact, missing_fact(situation, deciding))).collect()
}

fn missing_fact<'a>(situation: &Situation<'a>, deciding: Deciding<'a>) -> MissingFact<'a> {
    let fact = situation.playbook.fact(deciding.fact);
    MissingFact { fact: &fact.id, question: &fact.question, unlocks: deciding.unlocks }
}

/// In how many earlier turns a fact was asked for. This turn does not count, so that a repeated turn repeats its answer.
fn asked_before(situation: &Situation<'_>, fact: FactIx) -> u32 {
    let this_turn = |turn| u32::from(turn == situation.state.turn);
    situation.state.fact(fact).map_or(0, |entry| entry.asked.saturating_sub(this_turn(entry.asked_turn)))
}

impl<'a> Search<'_, 'a> {
    /// What a yes would do for an action that its condition or a guardrail holds back.
    fn unlocking(&mut self, held: &Held<'a>) {
        let action = held.action;
        let playbook = self.situation.playbook;
        let part = playbook.action(action);
        let waiter = Waiter { waiting: Waiting::Candidate, id: &part.id };
        match held.reason {
            SuppressionReason::Condition | SuppressionReason::Unknown => {
                let here = playbook.stage(self.situation.state.stage).candidates.iter();
                let entries = here.filter(|candidate| candidate.action == action).map(|candidate| &candidate.condition);
                for condition in std::iter::once(&part.condition).chain(entries) {
                    self.add(condition, Truth::True, waiter);
                }
            }
            SuppressionReason::Guardrail => {
                for guardrail in playbook.forbidden_by(action) {
                    let condition = &playbook.guardrail(*guardrail).condition;
                    self.add(condition, Truth::False, waiter);
                }
            }
            SuppressionReason::Order
            | SuppressionReason::Limit
            | SuppressionReason::Gap
            | SuppressionReason::Dismissed
            | SuppressionReason::Unavailable
            | SuppressionReason::Excluded => {}
        }
    }

    /// Adds the unknown facts of a condition with which a yes, alone or together with the others, makes it `wanted`.
    fn add(&mut self, condition: &Condition, wanted: Truth, waiter: Waiter<'a>) {
        let situation = self.situation;
        if situation.is_settled(condition) || situation.truth(condition) == wanted {
            return;
        }
        for facts in condition.facts.chunks(Assumed::MOST) {
            let met = situation.would(condition, Assumed(facts)).be(wanted);
            let unknown = facts.iter().enumerate().filter(|(_, fact)| situation.fact(**fact).is_none());
            for (at, fact) in unknown {
                let is_needed = met & Assumed::ALL != 0 && met & Assumed::all_but(at) == 0;
                if met & Assumed::alone(at) != 0 || is_needed {
                    self.note(*fact, waiter);
                }
            }
        }
    }

    fn note(&mut self, fact: FactIx, Waiter { waiting, id }: Waiter<'a>) {
        match self.found.iter_mut().find(|known| known.fact == fact) {
            Some(known) if known.unlocks.contains(&id) => {}
            Some(known) => known.unlocks.push(id),
            None => self.found.push(Deciding { fact, waiting, unlocks: vec![id] }),
        }
    }
}
