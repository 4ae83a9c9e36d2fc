//! Coverage: what of a playbook the conversations played so far have exercised, and what never.
//!
//! It counts what answers and the traces beside them tell; it evaluates nothing itself.

mod conditions;
mod inventory;
mod items;
mod laws;

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::{Decision, Phrasing, Placed, RuleCheck, RuleSort, Suggestion, Trace, Truth, Way};
use crate::playbook::{ActionIx, EscalationIx, GuardrailIx, Playbook, StageIx, Text, Traffic};
use conditions::Whose;

pub use items::{Case, Item, Sort, Tally};

/// How often each part of a playbook was exercised.
#[derive(Debug)]
pub struct Coverage<'a> {
    playbook: &'a Playbook,
    counts: BTreeMap<Spot, usize>,
    /// Laws of which this conversation has to reach a stage yet, by their positions.
    on_the_way: BTreeSet<usize>,
}

/// Something that can be exercised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Spot {
    Entered(StageIx),
    Left(StageIx, usize),
    Interrupted(usize),
    Suggested(ActionIx),
    PutFirst(usize),
    InForce(GuardrailIx),
    Lifted(GuardrailIx),
    Advised(EscalationIx),
    /// A law, by its position.
    Applied(usize),
    /// An atom of a condition, by its place there, and what it was.
    Atom(Whose, usize, bool),
    Said(ActionIx, usize),
    Cued(ActionIx, usize),
}

impl<'a> Coverage<'a> {
    /// Nothing of `playbook` so far.
    #[must_use]
    pub fn none(playbook: &'a Playbook) -> Self {
        Self { playbook, counts: BTreeMap::new(), on_the_way: BTreeSet::new() }
    }

    /// Everything that can be exercised, sort by sort in the order of [`Sort::ALL`], with how often it was.
    #[must_use]
    pub fn items(&self) -> Vec<Item> {
        let counted = |(spot, item): (Spot, Item)| Item { count: self.counts.get(&spot).copied().unwrap_or(0), ..item };
        inventory::all(self.playbook).into_iter().map(counted).collect()
    }

    /// How often each stage was entered, and each way taken.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        let mut traffic = Traffic::none(self.playbook);
        for (spot, count) in &self.counts {
            match spot {
                Spot::Entered(stage) => traffic.enter(*stage, *count),
                Spot::Left(stage, at) => traffic.take_exit(*stage, *at, *count),
                Spot::Interrupted(at) => traffic.take_interrupt(*at, *count),
                Spot::Suggested(_)
                | Spot::PutFirst(_)
                | Spot::InForce(_)
                | Spot::Lifted(_)
                | Spot::Advised(_)
                | Spot::Applied(_)
                | Spot::Atom(..)
                | Spot::Said(..)
                | Spot::Cued(..) => {}
            }
        }
        traffic
    }

    /// A conversation begins.
    pub(super) fn begin(&mut self) {
        self.on_the_way.clear();
        self.count(Spot::Entered(self.playbook.start()));
    }

    /// An answer was given.
    pub(super) fn note(&mut self, decision: &Decision<'_>, trace: &Trace) {
        self.note_ways(trace);
        self.note_screen(decision);
        self.note_first_rules(decision);
        self.note_surroundings(decision);
        self.note_laws(decision, trace);
        let mut atoms = BTreeSet::new();
        conditions::note(self.playbook, decision, trace, &mut atoms);
        for (whose, at, truth) in atoms {
            self.count(Spot::Atom(whose, at, truth));
        }
    }

    fn note_laws(&mut self, decision: &Decision<'_>, trace: &Trace) {
        let (applied, on_the_way): (Vec<_>, Vec<_>) =
            laws::applied(self.playbook, decision, trace).into_iter().partition(|law| !law.is_a_way);
        self.on_the_way.extend(on_the_way.into_iter().map(|law| law.at));
        let arrived = laws::arrived(self.playbook, decision);
        let arrived: Vec<usize> = arrived.into_iter().filter(|at| self.on_the_way.contains(at)).collect();
        self.count_all(applied.into_iter().map(|law| law.at).chain(arrived).map(Spot::Applied));
    }

    fn count(&mut self, spot: Spot) {
        *self.counts.entry(spot).or_default() += 1;
    }

    fn count_all(&mut self, spots: impl IntoIterator<Item = Spot>) {
        for spot in spots {
            self.count(spot);
        }
    }

    fn note_ways(&mut self, trace: &Trace) {
        self.count_all(trace.steps.iter().skip(1).map(|step| Spot::Entered(step.stage)));
        for step in &trace.steps {
            match step.looked.way {
                Some(Way::Interrupt(at)) => self.count(Spot::Interrupted(at)),
                Some(Way::Exit(at)) => self.count(Spot::Left(step.stage, at)),
                None => {}
            }
        }
    }

    fn note_screen(&mut self, decision: &Decision<'_>) {
        for Suggestion { action, phrasings, cues, .. } in &decision.suggestions {
            let Some(ix) = self.playbook.find_action(&action.id) else { continue };
            self.count(Spot::Suggested(ix));
            self.count_all(positions(&action.say, phrasings).map(|at| Spot::Said(ix, at)));
            self.count_all(positions(&action.cue, cues).map(|at| Spot::Cued(ix, at)));
        }
    }

    /// The rule that put an action on top is the first one for it that holds.
    fn note_first_rules(&mut self, decision: &Decision<'_>) {
        let on_top = decision.suggestions.iter().filter(|suggestion| suggestion.placed == Placed::First);
        let fired = |id: &str| first_rules(decision).position(|rule| rule.id == id && rule.truth == Truth::True);
        self.count_all(on_top.filter_map(|suggestion| fired(&suggestion.action.id)).map(Spot::PutFirst));
    }

    fn note_surroundings(&mut self, decision: &Decision<'_>) {
        let playbook = self.playbook;
        for (ix, guardrail) in playbook.guardrails() {
            let in_force = decision.guardrails.iter().any(|one| one.id == guardrail.id);
            self.count(if in_force { Spot::InForce(ix) } else { Spot::Lifted(ix) });
        }
        let rule = decision.escalation.as_ref().map(|advice| advice.rule.id.as_str());
        let advised = playbook.escalations().find(|(_, part)| Some(part.id.as_str()) == rule);
        self.count_all(advised.map(|(ix, _)| Spot::Advised(ix)));
    }
}

/// The places among `texts` of those that are on the screen.
fn positions<'t>(texts: &'t [Text], shown: &'t [Phrasing<'_>]) -> impl Iterator<Item = usize> {
    shown.iter().filter_map(|phrasing| texts.iter().position(|text| text.id == phrasing.text.id))
}

/// What came out of the playbook's `first` rules, in order.
fn first_rules<'d>(decision: &'d Decision<'_>) -> impl Iterator<Item = &'d RuleCheck<'d>> {
    let rules = decision.explanation.iter().flat_map(|explanation| &explanation.rules);
    rules.filter(|check| check.rule == RuleSort::First)
}
