//! Conditions: which were looked at for an answer, and what each of their atoms was.

use std::collections::BTreeSet;

use crate::engine::{Decision, Step, Trace, Truth};
use crate::playbook::{
    ActionIx, AtomIx, Condition, ConditionIx, Course, EscalationIx, GuardrailIx, Playbook, StageIx, Within,
};

/// Whose condition it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Whose {
    Named(ConditionIx),
    Interrupt(usize),
    First(usize),
    Candidate(StageIx, usize),
    Exit(StageIx, usize),
    Action(ActionIx),
    Preference(ActionIx, usize),
    Guardrail(GuardrailIx),
    Escalation(EscalationIx),
}

/// What was seen: the atom at this place in a condition was true, or false.
pub(super) type Seen = BTreeSet<(Whose, usize, bool)>;

/// The atoms of a condition, in the order in which it is written: `when`, `any`, `unless`.
pub(super) fn atoms(condition: &Condition) -> impl Iterator<Item = AtomIx> {
    condition.when.iter().chain(&condition.any).chain(&condition.unless).copied()
}

/// Adds what the conditions that were looked at for `decision` were made of.
pub(super) fn note(playbook: &Playbook, decision: &Decision<'_>, trace: &Trace, seen: &mut Seen) {
    for step in &trace.steps {
        ways(playbook, step, seen);
    }
    let mut view = View { playbook, truths: &trace.atoms, seen };
    for (ix, guardrail) in playbook.guardrails() {
        view.look(Whose::Guardrail(ix), &guardrail.condition);
    }
    for (ix, rule) in playbook.escalations() {
        view.look(Whose::Escalation(ix), &rule.condition);
    }
    if let Course::Open { .. } = decision.stage.course {
        first_rules(decision, &mut view);
        candidates(decision, &mut view);
        preferences(decision, &mut view);
    }
}

fn ways(playbook: &Playbook, step: &Step, seen: &mut Seen) {
    let mut view = View { playbook, truths: &step.atoms, seen };
    for (at, interrupt) in playbook.interrupts().iter().enumerate().take(step.looked.interrupts) {
        view.look(Whose::Interrupt(at), &interrupt.condition);
    }
    for (at, exit) in playbook.stage(step.stage).exits.iter().enumerate().take(step.looked.exits) {
        view.look(Whose::Exit(step.stage, at), &exit.condition);
    }
}

/// A rule that holds asks its action next.
fn first_rules(decision: &Decision<'_>, view: &mut View<'_>) {
    let playbook = view.playbook;
    for ((at, rule), check) in playbook.first_rules().iter().enumerate().zip(super::first_rules(decision)) {
        view.look(Whose::First(at), &rule.condition);
        if check.truth == Truth::True {
            view.look(Whose::Action(rule.action), &playbook.action(rule.action).condition);
        }
    }
}

fn candidates(decision: &Decision<'_>, view: &mut View<'_>) {
    let playbook = view.playbook;
    let Some(stage) = playbook.find_stage(&decision.stage.id) else { return };
    for (at, candidate) in decision.stage.candidates.iter().enumerate() {
        view.look(Whose::Candidate(stage, at), &candidate.condition);
        view.look(Whose::Action(candidate.action), &playbook.action(candidate.action).condition);
    }
}

/// What is held back is not weighed.
fn preferences(decision: &Decision<'_>, view: &mut View<'_>) {
    let playbook = view.playbook;
    let is_held = |id: &str| decision.suppressed.iter().any(|suppressed| suppressed.action.id == id);
    let listed = decision.stage.candidates.iter().map(|candidate| candidate.action);
    let shown = decision.suggestions.iter().filter_map(|suggestion| playbook.find_action(&suggestion.action.id));
    for ix in listed.filter(|ix| !is_held(&playbook.action(*ix).id)).chain(shown) {
        for (at, preference) in playbook.action(ix).prefer.iter().enumerate() {
            view.look(Whose::Preference(ix, at), &preference.condition);
        }
    }
}

/// What was known at a moment, and what was seen of it.
struct View<'v> {
    playbook: &'v Playbook,
    truths: &'v [Truth],
    seen: &'v mut Seen,
}

impl View<'_> {
    fn look(&mut self, whose: Whose, condition: &Condition) {
        for (at, atom) in atoms(condition).enumerate() {
            match self.truths.get(atom.position()) {
                Some(Truth::True) => self.seen.insert((whose, at, true)),
                Some(Truth::False) => self.seen.insert((whose, at, false)),
                Some(Truth::Unknown) | None => false,
            };
            self.look_inside(atom);
        }
    }

    fn look_inside(&mut self, atom: AtomIx) {
        let playbook = self.playbook;
        match playbook.atom(atom).atom.within() {
            Within::Nothing => {}
            Within::Condition(named) => self.look(Whose::Named(named), &playbook.condition(named).condition),
            Within::Atom(inner) => self.look_inside(inner),
        }
    }
}
